package auth

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/netaddr"
)

// metadataPath is the path of RFC 9728 for metadata about a resource. The path of
// the resource follows it.
const metadataPath = "/.well-known/oauth-protected-resource"

// wellKnown returns u with a well-known path between host and path.
func wellKnown(u *url.URL, path string) string {
	return u.Scheme + "://" + u.Host + path + strings.TrimSuffix(u.EscapedPath(), "/")
}

// metadata is the metadata of a protected resource (RFC 9728).
type metadata struct {
	Resource             string   `json:"resource"`
	AuthorizationServers []string `json:"authorization_servers"`
	BearerMethods        []string `json:"bearer_methods_supported"`
	Scopes               []string `json:"scopes_supported,omitempty"`
	Name                 string   `json:"resource_name"`
}

// Metadata tells clients whose tokens are accepted (RFC 9728). It needs no token, so
// it goes in front of Middleware. The options are those of OAuth.
func Metadata(o OAuthOptions) http.Handler {
	body, _ := json.Marshal(metadata{ // strings and lists of strings never fail
		Resource:             o.Resource,
		AuthorizationServers: []string{o.Issuer},
		BearerMethods:        []string{"header"},
		Scopes:               scopes(o.Rules),
		Name:                 "retool-mcp",
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed: use GET", http.StatusMethodNotAllowed)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body) // the client may be gone
	})
}

// checkURL parses a URL that identifies an issuer or a resource.
func checkURL(setting, text string) (*url.URL, error) {
	u, err := parseURL(setting, text)
	if err == nil && (u.RawQuery != "" || u.ForceQuery) {
		return nil, fmt.Errorf("%s must not have a query", setting)
	}
	return u, err
}

// parseURL parses a URL whose answers can be trusted: https, or http on this machine.
func parseURL(setting, text string) (*url.URL, error) {
	if text == "" {
		return nil, fmt.Errorf("%s must be set", setting)
	}
	u, err := url.Parse(text)
	switch {
	case err != nil: // not wrapped: it quotes the URL, which may have a password
		return nil, fmt.Errorf("%s is not a URL", setting)
	case u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !netaddr.IsLoopback(u.Hostname())):
		return nil, fmt.Errorf("%s must be an https URL, or an http one on a loopback address, not %s", setting, u.Redacted())
	case u.User != nil:
		return nil, fmt.Errorf("%s must not have a user", setting)
	case u.Fragment != "":
		return nil, fmt.Errorf("%s must not have a fragment", setting)
	}
	return u, nil
}
