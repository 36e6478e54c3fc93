package doctor

import (
	"cmp"
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"strings"
	"time"
)

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
	r.body, _ = io.ReadAll(resp.Body) // a truncated body is enough
	return nil
}
