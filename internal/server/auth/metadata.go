package auth

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/netaddr"
	"github.com/retool-mcp/retool-mcp/internal/text"
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

// Resource is an MCP endpoint.
type Resource struct {
	// URL is the address by which clients know it.
	URL string
	// Paths are what a request to it has as path: that of the endpoint, then any others
	// that belong to it. A proxy may have removed the beginning of the path in URL.
	Paths []string
}

// schemes returns how each endpoint asks for a token, by the path of the request.
// With a slash at its end an endpoint is another resource, with metadata of its own:
// clients compare resource and address (RFC 9728, section 3.3).
func (o *OAuthOptions) schemes() (map[string]scheme, error) {
	all := map[string]scheme{}
	for i, resource := range o.Resources {
		u, err := checkURL(cmp.Or(o.SettingNames.Resource, "the resource"), resource.URL)
		if err != nil {
			return nil, err
		}
		asks := scheme{
			parameter: `resource_metadata="` + wellKnown(u, metadataPath) + `"`,
			scopes:    strings.Join(o.scopes(), " "),
			wanted:    "Missing token. Get one from " + o.Issuer + " and send it as \"Authorization: Bearer TOKEN\".",
		}
		if i == 0 {
			all[""] = asks
		}
		for _, path := range resource.Paths {
			all[path] = asks
		}
		if len(resource.Paths) > 0 {
			asks.parameter = `resource_metadata="` + wellKnown(u, metadataPath) + `/"`
			all[resource.Paths[0]+"/"] = asks
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s must be set", cmp.Or(o.SettingNames.Resource, "the resource"))
	}
	return all, nil
}

// scopes are what clients request.
func (o *OAuthOptions) scopes() []string {
	if len(o.Scopes) > 0 {
		return union(nil, o.Scopes)
	}
	return scopesOf(o.Rules)
}

// Metadata tells clients whose tokens are accepted (RFC 9728). It serves the path
// of the metadata and all below it; a resource is found by the path of its URL, and
// by the path of requests to it. It needs no token, so it goes in front of
// Middleware. The options are those of OAuth.
func Metadata(o OAuthOptions) http.Handler {
	bodies := map[string][]byte{}
	for i, resource := range o.Resources {
		paths := resource.Paths[:min(1, len(resource.Paths))]
		if u, err := url.Parse(resource.URL); err == nil { // OAuth has checked it
			paths = append([]string{strings.TrimSuffix(u.Path, "/")}, paths...)
		}
		for _, path := range paths {
			bodies[path] = o.metadataOf(resource.URL)
			bodies[path+"/"] = o.metadataOf(strings.TrimSuffix(resource.URL, "/") + "/")
		}
		if i == 0 {
			bodies[""] = o.metadataOf(resource.URL) // some clients omit the path
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := bodies[strings.TrimPrefix(r.URL.Path, metadataPath)]
		switch {
		case !ok:
			http.NotFound(w, r)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed: use GET", http.StatusMethodNotAllowed)
		default:
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(body) // the client may be gone
		}
	})
}

func (o *OAuthOptions) metadataOf(resource string) []byte {
	body, _ := json.Marshal(metadata{ // strings and lists of strings never fail
		Resource:             resource,
		AuthorizationServers: []string{o.Issuer},
		BearerMethods:        []string{"header"},
		Scopes:               o.scopes(),
		Name:                 "retool-mcp",
	})
	return body
}

// wellKnownPath begins the paths of metadata, in which no issuer is, and with OpenID
// Connect ends the address of the issuer.
const wellKnownPath = "/.well-known"

// parseIssuer parses the URL of the issuer. People paste that of its metadata.
func parseIssuer(setting, address string) (*url.URL, error) {
	u, err := checkURL(setting, address)
	if err != nil {
		return nil, err
	}
	if i := strings.Index(strings.ToLower(u.EscapedPath()), wellKnownPath); i >= 0 {
		return nil, fmt.Errorf("%s must be the issuer and not the address of its metadata: perhaps %s, if the metadata has that as its issuer", setting, u.Scheme+"://"+u.Host+u.EscapedPath()[:i])
	}
	return u, nil
}

// parseKeysURL parses the URL of the issuer's keys.
func parseKeysURL(setting, address string) error {
	u, err := parseURL(setting, address)
	if err == nil && (strings.Contains(u.Path, "/openid-configuration") || strings.Contains(u.Path, "/oauth-authorization-server")) {
		return fmt.Errorf("%s must be the address of keys and not of metadata, which the server finds itself", setting)
	}
	return err
}

// checkURL parses a URL that identifies an issuer or a resource.
func checkURL(setting, address string) (*url.URL, error) {
	u, err := parseURL(setting, address)
	if err == nil && (u.RawQuery != "" || u.ForceQuery) {
		return nil, fmt.Errorf("%s must not have a query", setting)
	}
	return u, err
}

// parseURL parses a URL whose answers can be trusted: https, or http on this machine.
func parseURL(setting, address string) (*url.URL, error) {
	if address == "" {
		return nil, fmt.Errorf("%s must be set", setting)
	}
	if mark := text.Unfilled(address); mark != "" {
		return nil, fmt.Errorf("%s has a placeholder (%s): replace it", setting, mark)
	}
	u, err := url.Parse(address)
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
