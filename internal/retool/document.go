package retool

import (
	"context"
	"net/http"

	"github.com/retool-mcp/retool-mcp/tools"
)

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
	response, header, err := c.exchange(ctx, tools.Request{Method: http.MethodGet, Path: documentPath}, RetrySemantics{}, conditions)
	switch {
	case err != nil:
		return nil, "", err
	case response == nil:
		return nil, etag, nil
	default:
		return response.Body, header.Get("ETag"), nil
	}
}
