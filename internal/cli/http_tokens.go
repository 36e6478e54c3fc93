package cli

import (
	"context"
	"net/http"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/server/guard"
	"github.com/retool-mcp/retool-mcp/tools"
)

// tokenWatch tells the guard which callers bring a token that Retool accepts.
type tokenWatch struct {
	http.RoundTripper
	guard *guard.Guard
}

// RoundTrip sends a request. Success, and a refusal by the API itself for want of a
// scope, come only with a token that Retool knows. A web page proves nothing: it may
// be a proxy's.
func (t tokenWatch) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := t.RoundTripper.RoundTrip(request)
	who := caller.From(request.Context())
	if err != nil || who.Token == "" {
		return response, err //nolint:wrapcheck // as it came
	}
	switch status := response.StatusCode; {
	case refusesToken(response):
		t.guard.Reject(who.ID)
	case status == http.StatusNoContent,
		(status >= 200 && status < 300 || status == http.StatusForbidden) && tools.IsJSON(response.Header.Get("Content-Type")):
		t.guard.Accept(who.ID)
	}
	return response, nil
}

// checkToken makes a request with the token of a caller, by whose answer tokenWatch
// knows whether Retool accepts it.
func (r *httpServer) checkToken(ctx context.Context) {
	if err := r.now.Load().client.WithToken(caller.From(ctx).Token).CheckToken(ctx); err != nil {
		r.log.DebugContext(ctx, "the token of a caller is not accepted", "reason", err)
	}
}
