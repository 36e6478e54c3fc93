package retool_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/pipe"
	"github.com/retool-mcp/retool-mcp/internal/retool"
)

// Tests of what takes time run in a bubble of package synctest, where waiting is
// exact and takes no time. The HTTP server is a real one on connections within
// the process: a goroutine that waits for a socket would stop the bubble's clock.

// inBubble runs a test with a clock of its own. It fails if a goroutine is left
// over.
func inBubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		test(t)
		synctest.Wait()
	})
}

// testServer is a server within the process.
type testServer struct {
	*pipe.Listener
	served atomic.Int32 // requests that reached the handler
}

// serveInProcess starts a testServer.
func serveInProcess(t *testing.T, handler http.HandlerFunc) *testServer {
	t.Helper()
	s := &testServer{Listener: pipe.Listen("retool")}
	s.serveOn(t, s, handler)
	return s
}

func (s *testServer) serveOn(t *testing.T, listener net.Listener, handler http.HandlerFunc) {
	server := &http.Server{ErrorLog: quiet, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.served.Add(1)
		_, _ = io.Copy(io.Discard, r.Body)
		handler(w, r)
	})}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { server.Close() })
}

// client returns a client of s with these settings.
func (s *testServer) client(t *testing.T, settings ...func(*retool.Options)) *retool.Client {
	t.Helper()
	return newClient(t, "http://retool.internal", append([]func(*retool.Options){func(o *retool.Options) { o.Dial = s.Dial }}, settings...)...)
}

// responses respond to one request each.
type responses []http.HandlerFunc

// inTurn responds to each request with the next of these, and to all further
// ones with the last.
func inTurn(handlers responses) http.HandlerFunc {
	var n atomic.Int32
	return func(w http.ResponseWriter, r *http.Request) {
		handlers[min(int(n.Add(1)), len(handlers))-1](w, r)
	}
}

func fine(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"success":true}`) }

// failing responds with a status and headers, given as name and value in turn.
func failing(status int, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.Header().Set("Content-Type", jsonType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"success":false,"message":"failed on purpose"}`)
	}
}

// cut closes the connection after these bytes.
func cut(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(conn, text)
		conn.Close()
	}
}

// hang does not respond while the client waits.
func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// after is fine after a while.
func after(d time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(d):
			fine(w, r)
		case <-r.Context().Done():
		}
	}
}

// kind is the kind of err, "" for none, or the status.
func kind(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	if failure, ok := errors.AsType[*retool.TransportError](err); ok {
		return string(failure.Kind)
	}
	return http.StatusText(statusError(t, err).Status)
}

// took is how long call takes.
func took(call func()) time.Duration {
	began := time.Now()
	call()
	return time.Since(began)
}

func retries(n int) func(*retool.Options) { return func(o *retool.Options) { o.Retries = n } }

func timeout(d time.Duration) func(*retool.Options) {
	return func(o *retool.Options) { o.Timeout = d }
}

func TestServerInProcess(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := serveInProcess(t, after(time.Hour))
		client := w.client(t, timeout(2*time.Hour))
		require.Equal(t, time.Hour, took(func() {
			answer, err := client.Do(t.Context(), post("/groups", `{}`))
			require.NoError(t, err)
			require.Equal(t, `{"success":true}`, string(answer.Body))
			require.Zero(t, answer.Retries)
			require.Zero(t, answer.Waited)
			require.Empty(t, answer.Note)
		}))
		require.EqualValues(t, 1, w.served.Load())
	})
}
