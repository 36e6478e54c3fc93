package retool

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// ErrBadToken says that the instance does not accept the access token.
var ErrBadToken = errors.New("Retool does not accept the access token") //nolint:staticcheck // a name begins it

// ErrNotAPI says that something other than Retool's API responds at the address.
var ErrNotAPI = errors.New("something other than Retool's API responds")

// probes are reads that show whether the API is there. The first one needs no
// scope; an older instance that lacks it has the second one.
var probes = []tools.Request{
	{Method: http.MethodGet, Path: "/info/ip_allowlist"},
	{Method: http.MethodGet, Path: "/users", Query: "limit=1"},
}

// CheckHealth returns nil if Retool responds: its health check, or its API, even if
// with a refusal. It sends no token. It measures the current state, so it ignores
// PerMinute, MaxConcurrent, Retries and Breaker. Options.Allow is asked.
func (c *Client) CheckHealth(ctx context.Context) error {
	start := time.Now()
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	var last int
	// The API is at …/api/v2, its health one level up.
	for i, target := range []string{c.healthURL(), c.base + probes[0].Path} {
		resp, err := c.health(ctx, target)
		if err != nil {
			return c.failed(ctx, start, Other, err)
		}
		status := resp.Status
		last = status
		var health struct{ Version string }
		switch {
		case status == http.StatusTooManyRequests:
			return nil
		case status >= http.StatusInternalServerError:
			return unhealthy(status)
		case i == 0 && json.Unmarshal(resp.Body, &health) == nil && health.Version != "", i > 0 && envelopeOf(resp.Body) != noEnvelope && status != http.StatusNotFound && status != http.StatusOK,
			i > 0 && envelopeOf(resp.Body) == succeeded:
			return nil
		}
	}
	return notAPI(last)
}

// Release is the release that the instance's health check reports, such as "3.33.1",
// "" if it does not. It sends no token.
func (c *Client) Release(ctx context.Context) string {
	resp, err := c.soon(ctx)
	if err != nil {
		return ""
	}
	var health struct{ Version string }
	_ = json.Unmarshal(resp.Body, &health)
	return text.Name(health.Version)
}

// Now is the instance's time as its health check tells it, zero if it does not. It sends
// no token.
func (c *Client) Now(ctx context.Context) time.Time {
	resp, err := c.soon(ctx)
	if err != nil {
		return time.Time{}
	}
	return resp.Date()
}

// soon is the health check for calls that wait for it.
func (c *Client) soon(ctx context.Context) (*Response, error) {
	const patience = 5 * time.Second
	ctx, cancel := context.WithTimeout(ctx, min(c.timeout, patience))
	defer cancel()
	return c.health(ctx, c.healthURL())
}

func (c *Client) healthURL() string { return strings.TrimSuffix(c.base, "/v2") + "/checkHealth" }

// health requests one of the addresses that show how the instance is, without a token.
func (c *Client) health(ctx context.Context, target string) (*Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, http.NoBody)
	if err != nil {
		return nil, errors.New("the address cannot be called")
	}
	req.Header.Set("User-Agent", c.userAgent)
	resp, err := c.send(req)
	if err != nil {
		return nil, err
	}
	const enough = 64 << 10 // reading the rest keeps the connection usable
	body, _ := io.ReadAll(io.LimitReader(resp.Body, enough))
	resp.Body.Close()
	return &Response{Status: resp.StatusCode, Body: body, header: resp.Header}, nil
}

// CheckToken returns nil if the API responds and accepts the token.
func (c *Client) CheckToken(ctx context.Context) error {
	var last int
	for _, probe := range probes {
		response, err := c.Do(ctx, probe)
		if err == nil {
			if response.FromAPI() {
				return nil
			}
			last = response.Status
			continue
		}
		status, ok := errors.AsType[*StatusError](err)
		switch {
		case !ok:
			return err
		case status.RefusesToken():
			return ErrBadToken
		case status.Status >= http.StatusInternalServerError:
			return unhealthy(status.Status)
		case status.API && status.Status != http.StatusNotFound, status.Status == http.StatusTooManyRequests:
			return nil
		}
		last = status.Status
	}
	return notAPI(last)
}

func notAPI(status int) error { return fmt.Errorf("%w, with status %d", ErrNotAPI, status) }

func unhealthy(status int) error {
	return fmt.Errorf("Retool responds with status %d", status) //nolint:staticcheck // a name begins it
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
