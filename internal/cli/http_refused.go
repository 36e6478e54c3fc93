package cli

import (
	"net/http"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/server/auth"
)

// refusedByRetool records callers' own tokens that Retool refuses: with passthrough
// nobody else checks them.
type refusedByRetool struct {
	next     http.RoundTripper
	refusals *auth.Refusals
}

// RoundTrip implements http.RoundTripper.
func (r refusedByRetool) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := r.next.RoundTrip(request)
	if who := caller.From(request.Context()); err == nil && response.StatusCode == http.StatusUnauthorized && who.Token != "" {
		r.refusals.Record(request.Context(), &auth.DeniedError{Reason: "refused_by_retool"}, who.Address)
	}
	return response, err
}
