package guard

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// maxWrite is how many bytes of an answer a client must accept within the timeout:
// a client that is slow but reads gets the longest answer.
const maxWrite = 256 << 10

// writer completes the header of an answer and sets a deadline for each of its
// parts.
type writer struct {
	http.ResponseWriter
	control    *http.ResponseController // of the ResponseWriter
	timeout    time.Duration
	id         string // of the request
	origin     string // the allowed origin that may read the answer, "" for none
	preflight  bool   // a browser asks what that origin may do
	headerSent bool
}

// Unwrap lets http.ResponseController find what writer does not do itself.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *writer) WriteHeader(status int) {
	w.completeHeader(status)
	w.ResponseWriter.WriteHeader(status)
}

func (w *writer) Write(p []byte) (n int, err error) {
	w.completeHeader(http.StatusOK)
	defer w.clearDeadline()
	for {
		w.setDeadline()
		part, err := w.ResponseWriter.Write(p[n:min(len(p), n+maxWrite)])
		n += part
		if err != nil || n == len(p) {
			return n, err
		}
	}
}

// Flush sends what was written so far. A client that does not accept it ends the
// context of the request.
func (w *writer) Flush() { _ = w.FlushError() }

// FlushError is Flush, for http.ResponseController.
func (w *writer) FlushError() error {
	w.completeHeader(http.StatusOK)
	w.setDeadline()
	defer w.clearDeadline()
	return w.control.Flush()
}

// finish ends the answer: what the handler wrote may still have to be sent.
func (w *writer) finish() {
	w.completeHeader(http.StatusOK)
	w.setDeadline()
}

// setDeadline and clearDeadline go around whatever waits for the client. Between two
// writes there is no deadline: HTTP/2 ends a stream when one passes, even if nothing
// waits.
func (w *writer) setDeadline()   { _ = w.control.SetWriteDeadline(time.Now().Add(w.timeout)) }
func (w *writer) clearDeadline() { _ = w.control.SetWriteDeadline(time.Time{}) }

func (w *writer) completeHeader(status int) {
	if w.headerSent {
		return
	}
	w.headerSent = status >= http.StatusOK || status == http.StatusSwitchingProtocols
	h := w.Header()
	for name := range h {
		// Only the guard decides who may read an answer.
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
		h.Set("X-Accel-Buffering", "no") // nginx would buffer events
	}
}
