package remote_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/server/remote"
)

// maxWait bounds the wait for something that must happen.
const maxWait = time.Minute

// A running server is one of remote.Serve.
type running struct {
	t       testing.TB
	address string
	stop    context.CancelFunc
	ended   chan error // gets what Serve returned
}

// start serves on loopback until the test ends. Everything is let through, unless
// change says otherwise.
func start(t testing.TB, change func(*remote.Options)) *running {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	r := &running{t: t, stop: stop, ended: make(chan error, 1)}
	started := make(chan net.Addr, 1)
	o := options()
	o.OnListen = func(address net.Addr) { started <- address }
	if change != nil {
		change(&o)
	}
	go func() { r.ended <- remote.Serve(ctx, o) }()
	select {
	case address := <-started:
		r.address = address.String()
	case err := <-r.ended:
		require.FailNow(t, "did not start", "%v", err)
	case <-time.After(maxWait):
		require.FailNow(t, "did not start")
	}
	t.Cleanup(stop)
	return r
}

func options() remote.Options {
	through := func(next http.Handler) http.Handler { return next }
	return remote.Options{
		Listen: "127.0.0.1:0", Surface: through, Auth: through, Limits: through, Metrics: saying("metrics"),
		Ready: func(context.Context) error { return nil }, ReadyTTL: time.Minute,
		Close: func(context.Context) {}, Drain: maxWait,
		SettingNames: remote.SettingNames{Listen: "--listen", MetricsListen: "--metrics-listen", Cert: "--tls-cert", Key: "--tls-key"},
		OnListen:     func(net.Addr) {}, Log: slog.New(slog.DiscardHandler),
	}
}

// end returns what Serve returned, and requires that it does.
func (r *running) end() error {
	r.t.Helper()
	select {
	case err := <-r.ended:
		return err
	case <-time.After(maxWait):
		require.FailNow(r.t, "Serve did not return")
		return nil
	}
}

// goesOn requires that Serve does not return for a while.
func (r *running) goesOn() {
	r.t.Helper()
	select {
	case err := <-r.ended:
		require.FailNow(r.t, "Serve returned", "%v", err)
	case <-time.After(200 * time.Millisecond):
	}
}

func (r *running) get(path string) (status int, text string) {
	r.t.Helper()
	return get(r.t, http.DefaultClient, "http://"+r.address+path)
}

func get(t testing.TB, client *http.Client, url string) (status int, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), maxWait)
	defer cancel()
	return exchange(ctx, t, client, http.MethodGet, url)
}

func exchange(ctx context.Context, t testing.TB, client *http.Client, method, url string) (status int, text string) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, url, http.NoBody)
	require.NoError(t, err)
	resp, err := client.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(body)
}

// saying is a handler that says who it is.
func saying(text string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) })
}

// around says in a header of the answer that the request came through.
func around(name string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Add("Through", name)
			next.ServeHTTP(w, r)
		})
	}
}
