package retool_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/retool"
)

// What takes time is tested in a bubble of package synctest, in which waiting is
// exact and takes none. Sockets do not go with that: who waits for one keeps the
// clock of the bubble from moving. So the HTTP server of these tests is a real
// one on connections within the process.

// inBubble is a test with a clock of its own. It fails if a goroutine is left
// over, which is why none of these tests looks for one.
func inBubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		test(t)
		synctest.Wait()
	})
}

// wire is a server and the way to it.
type wire struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
	served atomic.Int32 // requests that reached the handler
}

// serveWire serves within a bubble.
func serveWire(t *testing.T, handler http.HandlerFunc) *wire {
	t.Helper()
	w := &wire{conns: make(chan net.Conn), closed: make(chan struct{})}
	w.serveOn(t, w, handler)
	return w
}

func (w *wire) serveOn(t *testing.T, listener net.Listener, handler http.HandlerFunc) {
	server := &http.Server{ErrorLog: quiet, Handler: http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
		w.served.Add(1)
		_, _ = io.Copy(io.Discard, r.Body)
		handler(answer, r)
	})}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { server.Close() })
}

func (w *wire) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case w.conns <- server:
		return client, nil
	case <-w.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (w *wire) Accept() (net.Conn, error) {
	select {
	case conn := <-w.conns:
		return conn, nil
	case <-w.closed:
		return nil, net.ErrClosed
	}
}

func (w *wire) Close() error { w.once.Do(func() { close(w.closed) }); return nil }
func (*wire) Addr() net.Addr { return &net.UnixAddr{Name: "wire"} }

// client is one of a client of w with these settings.
func (w *wire) client(t *testing.T, settings ...func(*retool.Options)) *retool.Client {
	t.Helper()
	return newClient(t, "http://retool.internal", append([]func(*retool.Options){func(o *retool.Options) { o.Dial = w.dial }}, settings...)...)
}

// turns are answers to one request each.
type turns []http.HandlerFunc

// inTurn answers each request with the next of these, and all further ones
// with the last.
func inTurn(handlers turns) http.HandlerFunc {
	var n atomic.Int32
	return func(w http.ResponseWriter, r *http.Request) {
		handlers[min(int(n.Add(1)), len(handlers))-1](w, r)
	}
}

func fine(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"success":true}`) }

// failing answers with a status and headers, given as name and value in turn.
func failing(status int, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.Header().Set("Content-Type", jsonType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"success":false,"message":"so it is"}`)
	}
}

// cut breaks the connection off after these bytes.
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

// hang does not answer as long as the client waits.
func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// after is fine, but takes its time.
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

func TestAWireIsAServer(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := serveWire(t, after(time.Hour))
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
