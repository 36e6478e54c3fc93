package guard_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/server/guard"
)

func TestContentType(t *testing.T) {
	h := start(t, guard.Options{}, fine)
	for kind, may := range map[string]bool{
		"application/json":                        true,
		"application/json; charset=utf-8":         true,
		"Application/JSON":                        true,
		"":                                        false,
		"text/plain":                              false,
		"text/plain; application/json":            false,
		"text/plain;application/json":             false,
		"application/json, text/plain":            false,
		"application/jsonx":                       false,
		"application/x-www-form-urlencoded":       false,
		"multipart/form-data; boundary=x":         false,
		"application/json; charset=utf-8; broken": false,
	} {
		r := h.request(http.MethodPost, "/", message)
		r.Header.Set("Content-Type", kind)
		got := h.send(r)
		if may {
			require.Equal(t, "fine", got.text, kind)
			continue
		}
		h.refused(got, http.StatusUnsupportedMediaType, -32600, "The Content-Type of a POST must be application/json.")
	}
}

func TestBodyIsComplete(t *testing.T) {
	h := start(t, guard.Options{MaxBody: 100_000}, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.ContentLength != int64(len(body)) || len(r.TransferEncoding) > 0 {
			w.WriteHeader(http.StatusTeapot)
		}
		_, _ = w.Write(body)
	})
	for _, size := range []int{0, 1, 4095, 4096, 4097, 99_999, 100_000} {
		text := strings.Repeat("x", size)
		for _, method := range []string{http.MethodPost, http.MethodGet, http.MethodDelete} {
			announced := h.request(method, "/", text)
			got := h.send(announced)
			require.Equal(t, http.StatusOK, got.StatusCode)
			require.Equal(t, text, got.text)

			chunked := h.request(method, "/", "")
			chunked.Body, chunked.ContentLength = io.NopCloser(strings.NewReader(text)), -1
			got = h.send(chunked)
			require.Equal(t, http.StatusOK, got.StatusCode)
			require.Equal(t, text, got.text)
		}
	}
}

func TestBodyTooLarge(t *testing.T) {
	h := start(t, guard.Options{MaxBody: 1000}, fine)
	for _, method := range []string{http.MethodPost, http.MethodGet, http.MethodDelete} {
		got := h.send(h.request(method, "/", strings.Repeat("x", 1001)))
		h.refused(got, http.StatusRequestEntityTooLarge, -32600, "The body is larger than 1000 bytes, the limit that max-body sets.")

		chunked := h.request(method, "/", "")
		chunked.Body, chunked.ContentLength = io.NopCloser(strings.NewReader(strings.Repeat("x", 1001))), -1
		h.refused(h.send(chunked), http.StatusRequestEntityTooLarge, -32600, "The body is larger than 1000 bytes, the limit that max-body sets.")
	}
}

// What is announced is not waited for.
func TestAnnouncedBodyTooLargeIsNotRead(t *testing.T) {
	h := start(t, guard.Options{}, fine)
	_, answer := h.dial("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 4194305\r\n\r\n")
	status, err := answer.ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, status, " 413 ")
}

// endless is a body without an end.
type endless struct{ read atomic.Int64 }

func (e *endless) Read(p []byte) (int, error) {
	e.read.Add(int64(len(p)))
	return copy(p, bytes.Repeat([]byte{' '}, len(p))), nil
}

func TestEndlessBody(t *testing.T) {
	for name, begin := range map[string]func(*testing.T, guard.Options, http.HandlerFunc) testServer{"HTTP/1": start, "HTTP/2": startTLS} {
		t.Run(name, func(t *testing.T) {
			h := begin(t, guard.Options{MaxBody: 1 << 20}, fine)
			body := &endless{}
			r := h.request(http.MethodPost, "/", "")
			r.Body, r.ContentLength = io.NopCloser(body), -1
			got := h.send(r)
			h.refused(got, http.StatusRequestEntityTooLarge, -32600, "The body is larger than 1048576 bytes, the limit that max-body sets.")
			require.Less(t, body.read.Load(), int64(64<<20))
			require.Equal(t, "fine", h.post("ann").text, "others are served")
		})
	}
}

// drip is a body of which a byte comes every now and then.
type drip struct{ stop chan struct{} }

func (d drip) Read(p []byte) (int, error) {
	select {
	case <-time.After(20 * time.Millisecond):
		return copy(p, " "), nil
	case <-d.stop:
		return 0, io.EOF
	}
}

func TestSlowBody(t *testing.T) {
	for name, begin := range map[string]func(*testing.T, guard.Options, http.HandlerFunc) testServer{"HTTP/1": start, "HTTP/2": startTLS} {
		t.Run(name, func(t *testing.T) {
			h := begin(t, guard.Options{BodyTimeout: 200 * time.Millisecond}, fine)
			for range 2 {
				body := drip{make(chan struct{})}
				r := h.request(http.MethodPost, "/", "")
				r.Body, r.ContentLength = io.NopCloser(body), -1
				got := h.send(r)
				close(body.stop)
				h.refused(got, http.StatusRequestTimeout, -32600, "The body did not arrive within 200ms.")
			}
			require.Equal(t, "fine", h.post("ann").text, "others are served")
		})
	}
}

func TestSlowBodyEndsItsConnection(t *testing.T) {
	h := start(t, guard.Options{BodyTimeout: 100 * time.Millisecond}, fine)
	_, answer := h.dial("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n", "{")
	all, err := io.ReadAll(answer)
	require.NoError(t, err)
	require.Contains(t, string(all), "HTTP/1.1 408 ")
	require.Contains(t, string(all), "Connection: close")
}

// The time for the body begins when it is asked for: what authentication took
// does not count, and it holds without Surface as well.
func TestLimitsAloneTimeOutBodies(t *testing.T) {
	g, err := guard.New(guard.Options{BodyTimeout: 100 * time.Millisecond})
	require.NoError(t, err)
	server := httptest.NewServer(g.Limits(http.HandlerFunc(fine)))
	t.Cleanup(server.Close)
	h := testServer{server, t, g}
	_, answer := h.dial("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n", "{")
	status, err := answer.ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, status, " 408 ")
}

// Slow bodies take no turn from those that are there.
func TestSlowBodiesDoNotHoldCalls(t *testing.T) {
	h := start(t, guard.Options{MaxCalls: 1, MaxCallsPerCaller: 1, BodyTimeout: soon}, fine)
	connection, answer := h.dial("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Caller: ann\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n", "{")
	h.eventually("a byte arrived", func(s guard.Stats) bool { return s.BodyBytes == 1 })
	require.Equal(t, "fine", h.post("ann").text)
	_, err := io.WriteString(connection, "}")
	require.NoError(t, err)
	status, err := answer.ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, status, " 200 ")
}

// The deadline of a body must not end what comes after it.
func TestBodyTimeoutEndsWithTheBody(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(*testing.T, guard.Options, http.HandlerFunc) testServer{"HTTP/1": start, "HTTP/2": startTLS} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := begin(t, guard.Options{BodyTimeout: 300 * time.Millisecond}, func(w http.ResponseWriter, r *http.Request) {
				select {
				case <-time.After(700 * time.Millisecond):
					_, _ = io.WriteString(w, "patient")
				case <-r.Context().Done():
					_, _ = io.WriteString(w, "cut off")
				}
			})
			require.Equal(t, "patient", h.post("ann").text)
			require.Equal(t, "patient", h.send(h.request(http.MethodGet, "/", "with a body, on the same connection")).text)
		})
	}
}

func TestBrokenBody(t *testing.T) {
	h := start(t, guard.Options{}, fine)
	_, answer := h.dial("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nno chunk\r\n")
	all, err := io.ReadAll(answer)
	require.NoError(t, err)
	require.Contains(t, string(all), "HTTP/1.1 400 ")
	require.Contains(t, string(all), "Cannot read the request body.")
}

func TestBatch(t *testing.T) {
	h := start(t, guard.Options{}, fine)
	for _, body := range []string{"[", "[]", " \t\r\n[{}]", "[" + strings.Repeat(message+",", 10_000) + message + "]"} {
		got := h.send(h.request(http.MethodPost, "/", body))
		h.refused(got, http.StatusBadRequest, -32600, "Batches are not supported, in no protocol version. Send one message per request.")
	}
	for _, body := range []string{"", " ", "{}", `{"a":[1]}`, `"[`, "x["} {
		require.Equal(t, "fine", h.send(h.request(http.MethodPost, "/", body)).text, "the transport says what is wrong with it")
	}
}

// The bodies of all requests together are bounded as well, and those of one
// caller leave room for others.
func TestBodyMemoryQuota(t *testing.T) {
	open := make(chan struct{})
	h := start(t, guard.Options{MaxBody: 10_000, QueueTimeout: 2 * time.Second}, func(w http.ResponseWriter, r *http.Request) {
		<-open
		fine(w, r)
	})
	full := func(id string) *http.Request {
		return h.request(http.MethodPost, "/", strings.Repeat(" ", 10_000), "X-Caller: "+id)
	}
	callers := []string{"ann", "bob", "cid", "dan"}
	var waiting []<-chan int
	for i, id := range callers {
		for n := range 4 {
			waiting = append(waiting, h.background(full(id)))
			h.eventually("the body is there", func(s guard.Stats) bool { return s.BodyBytes == 10_000*(4*i+n+1) })
		}
		got := h.send(full(id))
		require.Equal(t, "2", got.Header.Get("Retry-After"))
		h.refused(got, http.StatusTooManyRequests, -32000, "This caller has too many bytes in request bodies at once. Retry later, or raise max-body.")
	}
	got := h.send(full("eve"))
	require.Equal(t, "2", got.Header.Get("Retry-After"))
	h.refused(got, http.StatusServiceUnavailable, -32000, "The server has too many bytes in request bodies at once. Retry later, or raise max-body.")

	late := h.background(full("eve"))
	select {
	case status := <-late:
		require.Fail(t, "a body did not wait for what the others hold", "status %d", status)
	case <-time.After(100 * time.Millisecond):
	}
	waiting = append(waiting, late)
	close(open)
	for _, status := range waiting {
		require.Equal(t, http.StatusOK, receive(t, status, "an answer"))
	}
}
