package sandbox

import (
	"maps"
	"net/http"
	"strconv"
	"time"
)

// send writes the answer with its fault.
func (a reply) send(w http.ResponseWriter, r *http.Request) {
	if a.fault == Drop || a.fault == Cut && len(a.body) == 0 {
		panic(http.ErrAbortHandler)
	}
	maps.Copy(w.Header(), a.header)
	if len(a.body) > 0 {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	flush := http.NewResponseController(w).Flush
	switch a.fault {
	case Cut:
		_, _ = w.Write(a.body[:len(a.body)/2])
		_ = flush()
		panic(http.ErrAbortHandler)
	case Slow:
		const pieces = 10
		for i := range pieces {
			if !wait(r, a.slow/pieces) {
				return
			}
			_, _ = w.Write(a.body[len(a.body)*i/pieces : len(a.body)*(i+1)/pieces])
			_ = flush()
		}
	default:
		_, _ = w.Write(a.body) // the client may be gone
	}
}

// wait pauses and reports whether the client is still connected.
func wait(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}
