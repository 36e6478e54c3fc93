package mcpfix

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"
)

const eventType = "text/event-stream"

// httpResponse is the response to one request over streamable HTTP. It becomes an
// event stream as soon as a notification precedes the answer; an answer that
// mcp-go writes as JSON then becomes an event.
type httpResponse struct {
	http.ResponseWriter
	header    http.Header // mcp-go's, which it may set while a notification is written
	keepAlive time.Duration

	mu      sync.Mutex // protects the fields below and writes
	begun   bool       // the header is sent
	asEvent bool       // what mcp-go writes must become an event
	timer   *time.Timer
	ended   bool
}

// StreamProgress lets the calls of next, mcp-go's streamable HTTP server, write
// progress before their answers. A stream gets a comment each keepAlive.
func StreamProgress(next http.Handler, keepAlive time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		response := &httpResponse{ResponseWriter: w, header: http.Header{}, keepAlive: keepAlive}
		defer response.end()
		next.ServeHTTP(response, exchange{notify: response.notify}.in(r))
	})
}

// startKeepAlive must be called with mu held.
func (w *httpResponse) startKeepAlive() {
	w.timer = time.AfterFunc(w.keepAlive, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if !w.ended {
			_, _ = io.WriteString(w.ResponseWriter, ": keep-alive\n\n") // a lost client ends the request's context
			w.flush()
			w.timer.Reset(w.keepAlive)
		}
	})
}

func (w *httpResponse) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
	if w.timer != nil {
		w.timer.Stop()
	}
}

func (w *httpResponse) notify(notification []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.begun {
		w.begun = true
		h := w.ResponseWriter.Header()
		h.Set("Content-Type", eventType)
		h.Set("Cache-Control", "no-cache")
		w.ResponseWriter.WriteHeader(http.StatusOK)
		w.startKeepAlive()
	}
	_, _ = w.ResponseWriter.Write(event(notification)) // a lost client ends the request's context
	w.flush()
}

// Header returns the header that mcp-go sets.
func (w *httpResponse) Header() http.Header { return w.header }

// WriteHeader sends the header, unless a notification has.
func (w *httpResponse) WriteHeader(status int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.begin(status)
}

func (w *httpResponse) begin(status int) {
	stream := strings.HasPrefix(w.header.Get("Content-Type"), eventType)
	if w.begun {
		w.asEvent = !stream
		return
	}
	w.begun = true
	maps.Copy(w.ResponseWriter.Header(), w.header)
	w.ResponseWriter.WriteHeader(status)
	if stream {
		w.startKeepAlive()
	}
}

// Write writes the answer, which mcp-go does in one piece, or an event.
func (w *httpResponse) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.begun {
		w.begin(http.StatusOK)
	}
	if !w.asEvent {
		return w.ResponseWriter.Write(p)
	}
	if _, err := w.ResponseWriter.Write(event(p)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Flush implements http.Flusher, which mcp-go asks for.
func (w *httpResponse) Flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.flush()
}

func (w *httpResponse) flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

// event returns a message as an event. JSON has no line breaks of its own.
func event(message []byte) []byte {
	return fmt.Appendf(nil, "event: message\ndata: %s\n\n", bytes.TrimSpace(message))
}
