package cli

import (
	"net/http"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/server/auth"
	"github.com/retool-mcp/retool-mcp/tools"
)

// refusedByRetool records callers' own tokens that Retool refuses: with passthrough
// nobody else checks them.
type refusedByRetool struct {
	next     http.RoundTripper
	refusals *auth.Refusals
}

// refusesToken reports whether a response is Retool's refusal of a token. A page that
// is not JSON comes from a proxy in front of it and says nothing about the token.
func refusesToken(response *http.Response) bool {
	return response.StatusCode == http.StatusUnauthorized && tools.IsJSON(response.Header.Get("Content-Type"))
}

// RoundTrip implements http.RoundTripper.
func (r refusedByRetool) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := r.next.RoundTrip(request)
	if who := caller.From(request.Context()); err == nil && who.Token != "" && refusesToken(response) {
		r.refusals.Record(request.Context(), &auth.DeniedError{Reason: "refused_by_retool"}, who.Address)
	}
	return response, err
}
