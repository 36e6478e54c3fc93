package doctor

import (
	"errors"
	"io"
	"net/http"
	"sync/atomic"
)

const (
	// maxRequests bounds what one examination sends: an instance may allow no
	// more than 45 calls a minute, and others call it too.
	maxRequests = 44
	// maxBody is how much is read of an answer. Nobody looks at the data: a list
	// of all folders is not worth its time.
	maxBody = 64 << 10
)

var (
	errWrite  = errors.New("only reads are sent")
	errBudget = errors.New("as many requests were sent as one examination may take")
)

// guard stands in front of every transport: whatever the checks above it do
// wrong, nothing but reads gets past it, and not too many of them.
type readOnlyTransport struct {
	next http.RoundTripper
	left *atomic.Int32
}

// around is the guard in front of another transport, with the same count.
func (g *readOnlyTransport) wrap(next http.RoundTripper) *readOnlyTransport {
	return &readOnlyTransport{next: next, left: g.left}
}

// RoundTrip is for net/http.
func (g *readOnlyTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead || r.Body != nil && r.Body != http.NoBody {
		if r.Body != nil {
			r.Body.Close()
		}
		return nil, errWrite
	}
	if g.left.Add(-1) < 0 {
		return nil, errBudget
	}
	resp, err := g.next.RoundTrip(r)
	if err == nil {
		resp.Body = &limitedBody{io.LimitReader(resp.Body, maxBody), resp.Body}
		resp.ContentLength = -1 // it may now come to less
	}
	return resp, err
}

// cut is a body of which no more than its beginning is read.
type limitedBody struct {
	io.Reader
	io.Closer
}
