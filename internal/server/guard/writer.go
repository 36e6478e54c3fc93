package guard

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// mostAtOnce is how many bytes of an answer a client has to take within the
// time for it: a client that is slow but reads gets the longest answer.
const mostAtOnce = 256 << 10

// writer puts right the headers of an answer and gives every part of it a time
// by which the client must have taken it.
type writer struct {
	http.ResponseWriter
	control   *http.ResponseController // of the ResponseWriter
	patience  time.Duration
	id        string // the request's
	origin    string // the listed origin that may read the answer, "" if there is none
	preflight bool   // a browser asks what that origin may do
	begun     bool   // the headers are on their way
}

func newWriter(w http.ResponseWriter, patience time.Duration, id string) *writer {
	return &writer{ResponseWriter: w, control: http.NewResponseController(w), patience: patience, id: id}
}

// Unwrap is how http.ResponseController finds what writer does not do itself.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader sends the headers.
func (w *writer) WriteHeader(status int) {
	w.begin(status)
	w.ResponseWriter.WriteHeader(status)
}

// Write sends a part of the answer.
func (w *writer) Write(p []byte) (n int, err error) {
	w.begin(http.StatusOK)
	defer w.relax()
	for {
		w.hurry()
		part, err := w.ResponseWriter.Write(p[n:min(len(p), n+mostAtOnce)])
		n += part
		if err != nil || n == len(p) {
			return n, err
		}
	}
}

// Flush sends what was written so far. A client that does not take it ends the
// request's context.
func (w *writer) Flush() { _ = w.FlushError() }

// FlushError is Flush, for http.ResponseController.
func (w *writer) FlushError() error {
	w.begin(http.StatusOK)
	w.hurry()
	defer w.relax()
	return w.control.Flush()
}

// finish is called when the handler is done: what it wrote may still have to be
// sent.
func (w *writer) finish() {
	w.begin(http.StatusOK)
	w.hurry()
}

// hurry and relax stand around whatever may have to wait for the client. Between
// two writes there must be no deadline: HTTP/2 ends a stream when it passes, even
// if nothing waits. Not every ResponseWriter has deadlines; that of a server does.
func (w *writer) hurry() { _ = w.control.SetWriteDeadline(time.Now().Add(w.patience)) }
func (w *writer) relax() { _ = w.control.SetWriteDeadline(time.Time{}) }

// begin puts right the headers, before they are sent.
func (w *writer) begin(status int) {
	if w.begun {
		return
	}
	w.begun = status >= http.StatusOK || status == http.StatusSwitchingProtocols
	h := w.Header()
	for name := range h {
		// Who may read an answer is decided here alone.
		if strings.HasPrefix(strings.ToLower(name), "access-control-") {
			delete(h, name)
		}
	}
	if w.origin != "" {
		h.Set("Access-Control-Allow-Origin", w.origin)
		h.Set("Access-Control-Expose-Headers", exposedHeaders)
	}
	if w.preflight {
		h.Set("Access-Control-Allow-Methods", allowedMethods)
		h.Set("Access-Control-Allow-Headers", allowedHeaders)
		h.Set("Access-Control-Max-Age", preflightAge)
	}
	if !slices.Contains(h.Values("Vary"), "Origin") {
		h.Add("Vary", "Origin")
	}
	h.Set(requestIDHeader, w.id)
	h.Set("X-Content-Type-Options", "nosniff")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	if strings.HasPrefix(strings.ToLower(h.Get("Content-Type")), "text/event-stream") {
		h.Set("X-Accel-Buffering", "no") // nginx would hold back events
	}
}
