package doctor

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
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

// response is the result of the first request. It serves the checks of TLS, health
// and clock.
type response struct {
	status   int
	header   http.Header
	body     []byte
	tls      *tls.ConnectionState
	err      error // no response
	sent     time.Time
	received time.Time
}

// firstResponse requests the instance's health without the token, once. It follows
// no redirect.
func (d *doctor) firstResponse(ctx context.Context) *response {
	if d.first == nil {
		d.first = &response{}
		d.first.err = d.request(ctx, d.first)
	}
	return d.first
}

func (d *doctor) request(ctx context.Context, r *response) error {
	// The API is at …/api/v2, its health one level up.
	target := strings.TrimSuffix(d.Address.String(), "/v2") + "/checkHealth"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, http.NoBody)
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", cmp.Or(d.UserAgent, "retool-mcp"))
	r.sent = time.Now()
	resp, err := d.transport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	r.status, r.header, r.tls, r.received = resp.StatusCode, resp.Header, resp.TLS, time.Now()
	r.body, _ = io.ReadAll(resp.Body)    // a truncated body is enough
	r.body = d.client.ShownBytes(r.body) // before any text is cut
	return nil
}
