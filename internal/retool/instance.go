package retool

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/retool-mcp/retool-mcp/tools"
)

// CheckHealth returns nil if the instance responds at all, with any status. It
// sends no token. It measures the current state, so it ignores PerMinute,
// MaxConcurrent, Retries and Breaker. Options.Allow is asked.
func (c *Client) CheckHealth(ctx context.Context) error {
	start := time.Now()
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	// The API is at …/api/v2, its health one level up.
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(c.base, "/v2")+"/checkHealth", http.NoBody)
	if err != nil {
		return c.failure(start, Other, errors.New("the address cannot be called"))
	}
	req.Header.Set("User-Agent", c.userAgent)
	resp, err := c.send(req)
	if err != nil {
		return c.failed(ctx, start, Other, err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // keeps the connection usable
	return nil
}

// ErrBadToken says that the instance does not accept the access token.
var ErrBadToken = errors.New("Retool does not accept the access token") //nolint:staticcheck // a name begins it

// CheckToken returns nil if the instance responds and accepts the token. It reads
// what needs no scope; an older instance that lacks this operation passes.
func (c *Client) CheckToken(ctx context.Context) error {
	_, err := c.Do(ctx, tools.Request{Method: http.MethodGet, Path: "/info/ip_allowlist"})
	status, ok := errors.AsType[*StatusError](err)
	switch {
	case !ok:
		return err
	case status.Status == http.StatusUnauthorized:
		return ErrBadToken
	case status.Status >= http.StatusInternalServerError:
		return fmt.Errorf("Retool responds with status %d", status.Status) //nolint:staticcheck // a name begins it
	default:
		return nil
	}
}

// documentPath is where an instance serves its own OpenAPI document.
const documentPath = "/spec"

// DocumentURL is where the instance at a serves its OpenAPI document.
func (a Address) DocumentURL() string { return a.String() + documentPath }

// Document fetches the instance's own OpenAPI document. etag is that of the
// document the caller has, "" for none; if it is still current, body is nil. The
// token, if there is one, is sent.
//
// Errors are those of Do.
func (c *Client) Document(ctx context.Context, etag string) (body []byte, current string, err error) {
	conditions := http.Header{}
	if etag != "" {
		conditions.Set("If-None-Match", etag)
	}
	response, err := c.exchange(ctx, tools.Request{Method: http.MethodGet, Path: documentPath}, RetrySemantics{}, conditions)
	switch {
	case err != nil:
		return nil, "", err
	case response.Status == http.StatusNotModified:
		return nil, etag, nil
	default:
		return response.Body, response.header.Get("ETag"), nil
	}
}
