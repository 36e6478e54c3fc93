package guard_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/server/guard"
)

// A client that does not read what it asked for gives back its place.
func TestBlockedReaderIsCut(t *testing.T) {
	for name, begin := range map[string]func(*testing.T, guard.Options, http.HandlerFunc) testServer{"HTTP/1": start, "HTTP/2": startTLS} {
		for _, method := range []string{http.MethodPost, http.MethodGet} {
			t.Run(name+" "+method, func(t *testing.T) {
				t.Parallel()
				ended := make(chan error, 2)
				h := begin(t, guard.Options{WriteTimeout: 200 * time.Millisecond}, func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path != "/hang" {
						fine(w, r)
						return
					}
					chunk := make([]byte, 1<<20)
					for {
						if _, err := w.Write(chunk); err != nil {
							ended <- err
							<-r.Context().Done()
							ended <- r.Context().Err()
							return
						}
					}
				})
				answer, err := h.Client().Do(h.request(method, "/hang", message))
				require.NoError(t, err)
				defer answer.Body.Close()
				require.Error(t, receive(t, ended, "the failure to write"))
				require.ErrorIs(t, receive(t, ended, "the end of the request"), context.Canceled)
				h.eventually("nothing is left", func(s guard.Stats) bool { return s == guard.Stats{} })
				require.Equal(t, "fine", h.post("ann").text, "others are served")
			})
		}
	}
}

// What the handler leaves behind to be sent has a deadline as well, else the
// connection would be kept for ever.
func TestBlockedReaderOfTheLastBytesIsCut(t *testing.T) {
	h := prepare(t, guard.Options{WriteTimeout: 200 * time.Millisecond}, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(make([]byte, 2000)) // less than net/http buffers
	})
	closed := make(chan struct{})
	h.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			close(closed)
		}
	}
	h.Listener = &narrowListener{h.Listener}
	h.Start()
	connection, _ := h.dial()
	require.NoError(t, connection.(*net.TCPConn).SetReadBuffer(4096))
	go func() {
		for { // more and more requests, of which no answer is read
			_, err := io.WriteString(connection, "GET /plain HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
			if err != nil {
				return
			}
		}
	}()
	receive(t, closed, "the end of the connection")
}

// narrowListener makes connections hold little that was not read yet.
type narrowListener struct{ net.Listener }

func (l *narrowListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil {
		err = c.(*net.TCPConn).SetWriteBuffer(16 << 10)
	}
	return c, err
}

// A client that is slow but reads gets a long answer, though the handler wrote
// it at once and the whole takes longer than any part may.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	long := bytes.Repeat([]byte("0123456789abcdef"), 256<<10) // 4 MiB
	h := prepare(t, guard.Options{WriteTimeout: time.Second}, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(long)
	})
	h.Listener = &narrowListener{h.Listener}
	h.Start()
	connection, answer := h.dial()
	require.NoError(t, connection.(*net.TCPConn).SetReadBuffer(16<<10))
	began := time.Now()
	_, err := io.WriteString(connection, "POST / HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
	require.NoError(t, err)
	var got []byte
	part := make([]byte, 64<<10)
	for err == nil {
		time.Sleep(30 * time.Millisecond)
		var n int
		n, err = io.ReadFull(answer, part)
		got = append(got, part[:n]...)
	}
	require.True(t, bytes.HasSuffix(got, long), "%d bytes came", len(got))
	require.Greater(t, time.Since(began), 1200*time.Millisecond, "else the test shows nothing")
}

// A stream may be silent for as long as it likes.
func TestSilentStream(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(*testing.T, guard.Options, http.HandlerFunc) testServer{"HTTP/1": start, "HTTP/2": startTLS} {
		for _, method := range []string{http.MethodPost, http.MethodGet} {
			t.Run(name+" "+method, func(t *testing.T) {
				t.Parallel()
				h := begin(t, guard.Options{WriteTimeout: 200 * time.Millisecond, BodyTimeout: 200 * time.Millisecond}, func(w http.ResponseWriter, r *http.Request) {
					for range 3 {
						_, _ = io.WriteString(w, "event\n")
						w.(http.Flusher).Flush()
						time.Sleep(500 * time.Millisecond)
						if r.Context().Err() != nil {
							return
						}
					}
				})
				got := h.send(h.request(method, "/", message))
				require.Equal(t, "event\nevent\nevent\n", got.text)
			})
		}
	}
}

// Handlers may use what the server's own ResponseWriter can do.
func TestResponseController(t *testing.T) {
	flushed := make(chan struct{})
	h := start(t, guard.Options{}, func(w http.ResponseWriter, _ *http.Request) {
		control := http.NewResponseController(w)
		_, _ = io.WriteString(w, "first")
		if control.Flush() != nil || control.EnableFullDuplex() != nil || control.SetReadDeadline(time.Time{}) != nil {
			return
		}
		<-flushed
		_, _ = io.WriteString(w, "second")
	})
	answer, err := h.Client().Do(h.request(http.MethodPost, "/", message))
	require.NoError(t, err)
	defer answer.Body.Close()
	part := make([]byte, 5)
	_, err = io.ReadFull(answer.Body, part)
	require.NoError(t, err)
	require.Equal(t, "first", string(part), "it came before the handler was done")
	close(flushed)
	rest, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Equal(t, "second", string(rest))
}
