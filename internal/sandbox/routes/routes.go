// Package routes finds the operation of a request in the embedded document and
// checks parameters and bodies against its schemas.
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
	// Scopes are those of which a token needs one; none means any token.
	Scopes []string `json:"scopes"`
	// Reads means that the operation changes nothing.
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

// Body describes the body of a request.
type Body struct {
	Type     string         `json:"type"` // media type
	Required bool           `json:"required,omitzero"`
	Schema   jsontext.Value `json:"schema"`
}

// Set has all routes.
type Set struct {
	Routes []*Route
	mux    *http.ServeMux
}

// Load reads what Compile wrote. A schema is compiled on first use.
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
		// With and without a slash at the end, as the real server accepts it.
		path := strings.TrimSuffix(r.Path, "/")
		s.mux.Handle(r.Method+" "+path, r)
		s.mux.Handle(r.Method+" "+path+"/{$}", r)
	}
	return s, nil
}

func lazily(schema jsontext.Value) func() (*jsonschema.Schema, error) {
	return sync.OnceValues(func() (*jsonschema.Schema, error) { return compile(schema) })
}

// ServeHTTP makes a route a handler, so that the mux can hold it.
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
	values := route.values(target.EscapedPath())
	return route, values, true
}

// values returns the path parameters of a path that fits the template.
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
