package auth

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
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
