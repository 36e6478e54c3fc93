package doctor

import (
	"errors"
	"io"
	"net/http"
	"sync/atomic"
)

const (
	// maxRequests bounds the requests of a diagnosis: an instance may allow only 45
	// calls a minute, and others call it too.
	maxRequests = 44
	// maxBody bounds how much of a response is read; no check needs all data.
	maxBody = 64 << 10
)

var (
	errWrite  = errors.New("only reads are sent")
	errBudget = errors.New("the maximum number of requests of one diagnosis was sent")
)

// readOnlyTransport refuses writes and too many requests, whatever fault the checks
// have.
type readOnlyTransport struct {
	next http.RoundTripper
	sent atomic.Int32
}

// RoundTrip implements http.RoundTripper.
func (t *readOnlyTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead || r.Body != nil && r.Body != http.NoBody {
		if r.Body != nil {
			r.Body.Close()
		}
		return nil, errWrite
	}
	if t.sent.Add(1) > maxRequests {
		return nil, errBudget
	}
	resp, err := t.next.RoundTrip(r)
	if err == nil {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(resp.Body, maxBody), resp.Body}
		resp.ContentLength = -1 // it may be shorter now
	}
	return resp, err
}
