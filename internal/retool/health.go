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

// CheckHealth tells whether the instance answers at all, whatever it answers. It
// sends no token, and waits for nothing: it is no call that counts in
// Options.PerMinute, MaxConcurrent, Retries or Breaker, as it has to tell how
// things are. Options.Allow is asked.
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
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // so that the connection can be used again
	return nil
}

// ErrBadToken says that the instance does not accept the access token.
var ErrBadToken = errors.New("Retool does not accept the access token") //nolint:staticcheck // a name begins it

// CheckToken tells whether the instance answers and accepts the token. It reads
// what needs no scope; on an instance that is too old to have it the token
// counts as good.
func (c *Client) CheckToken(ctx context.Context) error {
	_, err := c.Do(ctx, tools.Request{Method: http.MethodGet, Path: "/info/ip_allowlist"})
	status, ok := errors.AsType[*StatusError](err)
	switch {
	case !ok:
		return err
	case status.Status == http.StatusUnauthorized:
		return ErrBadToken
	case status.Status >= http.StatusInternalServerError:
		return fmt.Errorf("Retool answers with status %d", status.Status) //nolint:staticcheck // a name begins it
	default:
		return nil
	}
}
