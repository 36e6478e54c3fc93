package server

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
)

const eventType = "text/event-stream"

// answer is where the answer to one request is written. It becomes a stream of
// events as soon as something is reported before it.
type answer struct {
	http.ResponseWriter
	header http.Header // the library's, which it may set while a report is written

	mu    sync.Mutex
	begun bool
	wrap  bool // what the library writes has to become an event
}

func newAnswer(w http.ResponseWriter) *answer {
	return &answer{ResponseWriter: w, header: http.Header{}}
}

// report writes a notification before the answer.
func (a *answer) report(notification []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.begun {
		a.begun = true
		h := a.ResponseWriter.Header()
		h.Set("Content-Type", eventType)
		h.Set("Cache-Control", "no-cache")
		a.ResponseWriter.WriteHeader(http.StatusOK)
	}
	_, _ = a.ResponseWriter.Write(event(notification)) // a client that is gone ends the context
	a.flush()
}

// Header is for the library to set.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader sends the headers, unless a report has.
func (a *answer) WriteHeader(status int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.begin(status)
}

func (a *answer) begin(status int) {
	if a.begun {
		a.wrap = !strings.HasPrefix(a.header.Get("Content-Type"), eventType)
		return
	}
	a.begun = true
	maps.Copy(a.ResponseWriter.Header(), a.header)
	a.ResponseWriter.WriteHeader(status)
}

// Write writes the answer, which the library does in one piece, or an event.
func (a *answer) Write(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.begun {
		a.begin(http.StatusOK)
	}
	if !a.wrap {
		return a.ResponseWriter.Write(p)
	}
	if _, err := a.ResponseWriter.Write(event(p)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Flush is what the library looks for in a stream.
func (a *answer) Flush() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.flush()
}

func (a *answer) flush() { _ = http.NewResponseController(a.ResponseWriter).Flush() }

// event is a message as an event. JSON has no line breaks of its own.
func event(message []byte) []byte {
	return fmt.Appendf(nil, "event: message\ndata: %s\n\n", bytes.TrimSpace(message))
}
