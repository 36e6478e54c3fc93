package e2e_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/stretchr/testify/require"
)

// A remote is a process that serves over HTTP.
type remote struct {
	t      testing.TB
	url    string // without a path
	cmd    *exec.Cmd
	stderr *lockedBuffer
	ended  chan error // nil once the test has seen the end
	http   *http.Client
}

// servingAt matches the log line of a server that accepts connections.
var servingAt = regexp.MustCompile(`msg=serving url=(http://\S+)|"msg":"serving","url":"(http://[^"]+)"`)

// serveRemote starts a server of both transports on a free port. It must end
// cleanly with the test.
func serveRemote(t testing.TB, env []string, args ...string) *remote {
	t.Helper()
	ended := make(chan error, 1)
	r := &remote{
		t: t, stderr: &lockedBuffer{}, ended: ended,
		http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: waitTime},
	}
	r.cmd = exec.Command(binary, append([]string{"serve", "--transport", "http,sse", "--listen", "127.0.0.1:0"}, args...)...)
	r.cmd.Env, r.cmd.Stderr = env, r.stderr
	require.NoError(t, r.cmd.Start())
	go func() { ended <- r.cmd.Wait() }()
	t.Cleanup(func() {
		r.http.CloseIdleConnections()
		if r.ended != nil {
			r.signal(syscall.SIGTERM)
			r.requireEnd()
		}
	})
	require.Eventually(t, func() bool { return servingAt.MatchString(r.stderr.String()) }, waitTime, 5*time.Millisecond, "%s", r.stderr)
	match := servingAt.FindStringSubmatch(r.stderr.String())
	r.url = match[1] + match[2]
	return r
}

func (r *remote) signal(signal os.Signal) {
	r.t.Helper()
	require.NoError(r.t, r.cmd.Process.Signal(signal))
}

// requireEnd waits for the end of the process, which must not be a failure.
func (r *remote) requireEnd() {
	r.t.Helper()
	ended := r.ended
	r.ended = nil
	select {
	case <-ended: // the error is the exit code
	case <-time.After(waitTime):
		r.signal(syscall.SIGQUIT) // to show what it waits for
		_ = receive(r.t, ended, "the end of the server")
		require.FailNow(r.t, "the server does not end", "%s", r.stderr)
	}
	require.Zero(r.t, r.cmd.ProcessState.ExitCode(), "%s", r.stderr)
	requireNoPanic(r.t, r.stderr.String())
}

// httpAnswer is an HTTP response, read to its end.
type httpAnswer struct {
	status int
	header http.Header
	body   string
}

// ask sends a request with headers as "Name: value".
func (r *remote) ask(method, path, body string, headers ...string) httpAnswer {
	r.t.Helper()
	a, err := r.tryAsk(context.Background(), method, path, body, headers...)
	require.NoError(r.t, err, "%s %s; %s", method, path, r.stderr)
	return a
}

// tryAsk is ask for goroutines and for canceled requests.
func (r *remote) tryAsk(ctx context.Context, method, path, body string, headers ...string) (httpAnswer, error) {
	request, err := http.NewRequestWithContext(ctx, method, r.url+path, strings.NewReader(body))
	if err != nil {
		return httpAnswer{}, err
	}
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Accept", "application/json, text/event-stream")
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		if name == "Host" {
			request.Host = value
			continue
		}
		request.Header.Set(name, value)
	}
	response, err := r.http.Do(request)
	if err != nil {
		return httpAnswer{}, err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	return httpAnswer{response.StatusCode, response.Header, string(data)}, err
}

// get sends a GET request.
func (r *remote) get(path string, headers ...string) httpAnswer {
	r.t.Helper()
	return r.ask(http.MethodGet, path, "", headers...)
}

// post sends a message to /mcp.
func (r *remote) post(message string, headers ...string) httpAnswer {
	r.t.Helper()
	return r.ask(http.MethodPost, "/mcp", message, headers...)
}

// reply reads a response as a JSON-RPC message.
func (a httpAnswer) reply(t testing.TB) reply {
	t.Helper()
	require.Equal(t, http.StatusOK, a.status, a.body)
	text := a.body
	if strings.HasPrefix(a.header.Get("Content-Type"), "text/event-stream") {
		_, text, _ = strings.Cut(text, "data: ")
	}
	replies, err := readReplies(strings.TrimSpace(text) + "\n")
	require.NoError(t, err)
	require.Len(t, replies, 1)
	for _, r := range replies {
		return r
	}
	return reply{}
}

// bearer returns the header with a token.
func bearer(token string) string { return "Authorization: Bearer " + token }

// requireWorks calls a tool that every upstream of these tests serves.
func (r *remote) requireWorks(headers ...string) reply {
	r.t.Helper()
	got := r.post(callLine("works", "get_settings", "{}"), headers...).reply(r.t)
	require.Nil(r.t, got.Error)
	require.False(r.t, got.Result.IsError, got.text())
	return got
}

// requireClient connects a client over a transport to any server.
func requireClient(t testing.TB, protocol string, over transport.Interface) *session {
	t.Helper()
	return requireClientOf(t, protocol, over, nil)
}

// requireClientOf is requireClient with a user who can be asked.
func requireClientOf(t testing.TB, protocol string, over transport.Interface, p *userAnswers) *session {
	t.Helper()
	s := begin(t, protocol, over, p)
	t.Cleanup(func() { _ = s.client.Close() }) // the server may be gone
	s.introduce(protocol)
	return s
}

// overHTTP and overSSE are the transports of a client to a server.
func overHTTP(t testing.TB, url string, headers map[string]string) transport.Interface {
	t.Helper()
	way, err := transport.NewStreamableHTTP(url+"/mcp", transport.WithHTTPHeaders(headers))
	require.NoError(t, err)
	return way
}

func overSSE(t testing.TB, url string, headers map[string]string) transport.Interface {
	t.Helper()
	way, err := transport.NewSSE(url+"/sse", transport.WithHeaders(headers))
	require.NoError(t, err)
	return way
}
