package e2e_test

import (
	"context"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A sandboxHost is a process that serves an emulated organization over HTTP.
type sandboxHost struct {
	t      testing.TB
	url    string
	cmd    *exec.Cmd
	stderr *lockedBuffer
	ended  chan error
}

// listening matches the log line of a ready host.
var listening = regexp.MustCompile(`(?m)^sandbox: (http://127\.0\.0\.1:\d+) `)

// openSandboxHost starts a host on a free port. It must end cleanly with the
// test.
func openSandboxHost(t testing.TB, args ...string) *sandboxHost {
	t.Helper()
	h := &sandboxHost{t: t, stderr: &lockedBuffer{}, ended: make(chan error, 1)}
	h.cmd = exec.Command(binary, append([]string{"sandbox", "--listen", "127.0.0.1:0"}, args...)...)
	h.cmd.Env, h.cmd.Stderr = environment(t), h.stderr
	require.NoError(t, h.cmd.Start())
	go func() { h.ended <- h.cmd.Wait() }()
	t.Cleanup(func() { h.stop(syscall.SIGTERM) })
	require.Eventually(t, func() bool { // its address, and its access tokens
		return listening.MatchString(h.stderr.String()) && strings.Count(h.stderr.String(), "\n") == 2
	}, waitTime, 5*time.Millisecond, "%s", h.stderr)
	h.url = listening.FindStringSubmatch(h.stderr.String())[1]
	return h
}

// stop ends the process by a signal, unless it has ended.
func (h *sandboxHost) stop(signal syscall.Signal) {
	h.t.Helper()
	if h.ended == nil {
		return
	}
	require.NoError(h.t, h.cmd.Process.Signal(signal))
	require.NoError(h.t, receive(h.t, h.ended, "the end of the sandbox"), "%s", h.stderr)
	h.ended = nil
	require.Equal(h.t, 2, strings.Count(h.stderr.String(), "\n"), "all that it says is its greeting: %s", h.stderr)
}

// sandboxToken is the default token of a host.
const sandboxToken = "retool_sandbox"

// environmentFor returns the environment of a process that works on the host at
// a path: "" for the organization, or the path of a space.
func (h *sandboxHost) environmentFor(path, token string) []string {
	h.t.Helper()
	return environment(h.t, "RETOOL_URL="+h.url+path, "RETOOL_ACCESS_TOKEN="+token, wholeResults)
}

// connect starts a session for the path.
func (h *sandboxHost) connect(path, token string, args ...string) *session {
	h.t.Helper()
	return connect(h.t, legacy, h.environmentFor(path, token), args...)
}

// inSpace returns the path of a space, by its ID or domain.
func inSpace(space string) string { return "/space/" + space }

// get fetches a path from the host.
func (h *sandboxHost) get(path string) (status int, body string) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), waitTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, h.url+path, http.NoBody)
	require.NoError(h.t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(h.t, err)
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	require.NoError(h.t, err)
	return response.StatusCode, string(data)
}
