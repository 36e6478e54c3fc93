package auth

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// metadataPath is where RFC 9728 puts what is to be known about a resource. The
// path of the resource itself comes behind it.
const metadataPath = "/.well-known/oauth-protected-resource"

// MetadataURL is where clients look for the metadata of a resource: that of
// https://example.com/mcp is at
// https://example.com/.well-known/oauth-protected-resource/mcp.
func MetadataURL(resource string) (string, error) {
	return metadataURL(SettingNames{}.withDefaults().Resource, resource)
}

func metadataURL(setting, resource string) (string, error) {
	u, err := checkURL(setting, resource)
	if err != nil {
		return "", err
	}
	return wellKnown(u, metadataPath), nil
}

// wellKnown puts a well-known path between host and path of u.
func wellKnown(u *url.URL, path string) string {
	return u.Scheme + "://" + u.Host + path + strings.TrimSuffix(u.EscapedPath(), "/")
}

// metadata is what RFC 9728 says about a protected resource.
type metadata struct {
	Resource             string   `json:"resource"`
	AuthorizationServers []string `json:"authorization_servers"`
	BearerMethods        []string `json:"bearer_methods_supported"`
	Scopes               []string `json:"scopes_supported,omitempty"`
	Name                 string   `json:"resource_name"`
}

// Metadata tells clients whose tokens are taken (RFC 9728). It is for everybody,
// so it stands in front of Middleware. The options are those that OAuth took.
func Metadata(o OAuthOptions) http.Handler {
	body, _ := json.Marshal(metadata{ // texts and lists of texts always can be written
		Resource:             o.Resource,
		AuthorizationServers: []string{o.Issuer},
		BearerMethods:        []string{"header"},
		Scopes:               scopes(o.Rules),
		Name:                 "retool-mcp",
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "the metadata can only be read", http.StatusMethodNotAllowed)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body) // whoever asked may be gone
	})
}
