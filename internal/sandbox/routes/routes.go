// Package routes knows which request is which operation of our description of
// the API, and whether it is well formed: parameters and bodies are checked
// against the description's schemas.
//
// It knows nothing of what operations do.
package routes

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Route is one operation.
type Route struct {
	ID     string `json:"id"` // the operationId
	Method string `json:"method"`
	Path   string `json:"path"` // template, such as /users/{userId}
	// Scopes are those of which a token must have one; none for no matter which.
	Scopes []string `json:"scopes"`
	// Reads says that the operation changes nothing.
	Reads  bool        `json:"reads,omitzero"`
	Params []Parameter `json:"params"`
	Body   *Body       `json:"body,omitzero"`

	body func() (*jsonschema.Schema, error)
}

// Parameter is a value in the path or the query.
type Parameter struct {
	Name     string         `json:"name"`
	In       string         `json:"in"` // path or query
	Required bool           `json:"required,omitzero"`
	Schema   jsontext.Value `json:"schema"`

	schema func() (*jsonschema.Schema, error)
}

// Body is what a request carries.
type Body struct {
	Type     string         `json:"type"` // media type
	Required bool           `json:"required,omitzero"`
	Schema   jsontext.Value `json:"schema"`
}

// Set is all routes.
type Set struct {
	Routes []*Route
	mux    *http.ServeMux
}

// Load reads what Compile wrote. Schemas are compiled when a request first
// needs them.
func Load(data []byte) (*Set, error) {
	s := &Set{mux: http.NewServeMux()}
	if err := json.Unmarshal(data, &s.Routes); err != nil {
		return nil, fmt.Errorf("routes: %w", err)
	}
	for _, r := range s.Routes {
		if r.Body != nil {
			r.body = lazily(r.Body.Schema)
		}
		for i := range r.Params {
			r.Params[i].schema = lazily(r.Params[i].Schema)
		}
		// With and without a slash at the end, as the real server takes it.
		path := strings.TrimSuffix(r.Path, "/")
		s.mux.Handle(r.Method+" "+path, r)
		s.mux.Handle(r.Method+" "+path+"/{$}", r)
	}
	return s, nil
}

func lazily(schema jsontext.Value) func() (*jsonschema.Schema, error) {
	return sync.OnceValues(func() (*jsonschema.Schema, error) { return compile(schema) })
}

// ServeHTTP is there for the mux to hold a route.
func (*Route) ServeHTTP(http.ResponseWriter, *http.Request) {}

// Match finds the route of a method and an escaped path below the API, and its path
// parameters, decoded.
func (s *Set) Match(method, path string) (*Route, map[string]string, bool) {
	target, err := url.Parse(path)
	if err != nil {
		return nil, nil, false
	}
	handler, _ := s.mux.Handler(&http.Request{Method: method, URL: target})
	route, ok := handler.(*Route)
	if !ok {
		return nil, nil, false
	}
	return route, route.values(target.EscapedPath()), true
}

// values reads the path parameters from a path that the template fits.
func (r *Route) values(path string) map[string]string {
	out := map[string]string{}
	segments := strings.Split(path, "/")
	for i, part := range strings.Split(r.Path, "/") {
		name, ok := strings.CutPrefix(part, "{")
		if !ok || i >= len(segments) {
			continue
		}
		value, err := url.PathUnescape(segments[i])
		if err != nil {
			value = segments[i]
		}
		out[strings.TrimSuffix(name, "}")] = value
	}
	return out
}
