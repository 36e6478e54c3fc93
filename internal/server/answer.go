package server

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

// answer is where the answer to one request is written. It becomes a stream of
// events as soon as something is reported before it.
type answer struct {
	http.ResponseWriter
	header http.Header // the library's, which it may set while a report is written

	mu    sync.Mutex
	begun bool
	wrap  bool // what the library writes has to become an event

	keepAlive time.Duration
	sign      *time.Timer // for the next sign of life, once there is a stream
	ended     bool
}

func newAnswer(w http.ResponseWriter, keepAlive time.Duration) *answer {
	return &answer{ResponseWriter: w, header: http.Header{}, keepAlive: keepAlive}
}

// live gives signs of life from now on, until the answer ends.
func (a *answer) live() {
	a.sign = time.AfterFunc(a.keepAlive, func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		if !a.ended {
			_, _ = io.WriteString(a.ResponseWriter, ": the server lives\n\n") // a client that is gone ends the context
			a.flush()
			a.sign.Reset(a.keepAlive)
		}
	})
}

// end is called when the answer is written.
func (a *answer) end() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended = true
	if a.sign != nil {
		a.sign.Stop()
	}
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
		a.live()
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
	stream := strings.HasPrefix(a.header.Get("Content-Type"), eventType)
	if a.begun {
		a.wrap = !stream
		return
	}
	a.begun = true
	maps.Copy(a.ResponseWriter.Header(), a.header)
	a.ResponseWriter.WriteHeader(status)
	if stream {
		a.live()
	}
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
