package remote_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/server/remote"
)

func TestAnAddressInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	taken := l.Addr().String()
	for name, c := range map[string]struct {
		change func(*remote.Options)
		says   string
	}{
		"for everything": {func(o *remote.Options) { o.Listen = taken }, "--listen: "},
		"for metrics":    {func(o *remote.Options) { o.MetricsListen = taken }, "--metrics-listen: "},
		"for both":       {func(o *remote.Options) { o.Listen = freeAddress(t); o.MetricsListen = o.Listen }, "--metrics-listen: "},
		"no address":     {func(o *remote.Options) { o.Listen = "nowhere" }, "--listen: "},
	} {
		t.Run(name, func(t *testing.T) {
			o := options()
			var started atomic.Bool
			o.OnListen = func(net.Addr) { started.Store(true) }
			c.change(&o)
			err := remote.Serve(t.Context(), o)
			require.ErrorContains(t, err, c.says)
			require.False(t, started.Load(), "nothing is said to be served")
			if o.Listen != taken && o.Listen != "nowhere" && o.Listen != "127.0.0.1:0" {
				l, err := net.Listen("tcp", o.Listen)
				require.NoError(t, err, "the address is free again")
				l.Close()
			}
		})
	}
}

func TestShutdownWithoutRequests(t *testing.T) {
	r := start(t, nil)
	r.stop()
	require.NoError(t, r.end())
	_, err := net.Dial("tcp", r.address)
	require.Error(t, err)
}

// Who is slow with the header of a request holds a connection for nothing. It is
// given up after 10 s; others go on meanwhile.
func TestSlowHeadersAreCut(t *testing.T) {
	t.Parallel()
	const timeout = time.Second
	r := start(t, func(o *remote.Options) { o.Streamable, o.HeaderTimeout = saying("streamable"), timeout })
	conn, err := net.Dial("tcp", r.address)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	begun := time.Now()
	_, err = io.WriteString(conn, "POST /mcp HTTP/1.1\r\nHost: localhost\r\n")
	require.NoError(t, err)
	cut := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, conn)
		cut <- err
	}()
	go func() {
		for { // a byte now and then is not enough
			if _, err := io.WriteString(conn, "X"); err != nil {
				return
			}
			time.Sleep(timeout / 20)
		}
	}()
	status, _ := r.get("/healthz")
	require.Equal(t, http.StatusOK, status)
	select {
	case <-cut:
		require.Greater(t, time.Since(begun), timeout/2)
	case <-time.After(maxWait):
		require.FailNow(t, "the connection was not cut")
	}
}

func TestHugeHeadersAreRefused(t *testing.T) {
	r := start(t, nil)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+r.address+"/healthz", http.NoBody)
	require.NoError(t, err)
	req.Header.Set("X-Large", strings.Repeat("x", 128<<10))
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusRequestHeaderFieldsTooLarge, resp.StatusCode)
}

// Only headers have a deadline here: an answer may last.
func TestLongAnswersHaveNoDeadline(t *testing.T) {
	t.Parallel()
	const lines, pause = 3, 200 * time.Millisecond
	r := start(t, func(o *remote.Options) {
		o.HeaderTimeout = lines * pause / 2
		o.Stream = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			for range lines {
				_, _ = io.WriteString(w, "line\n")
				_ = http.NewResponseController(w).Flush()
				time.Sleep(pause)
			}
		})
		o.Messages = saying("messages")
	})
	status, text := r.get("/sse")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, strings.Repeat("line\n", lines), text)
}
