// Package api is what the operations of the emulated API are made from: the call
// and the answer, failures in the API's words, paging, and JSON Patch.
package api

import (
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// Call is a request that was checked against the embedded document: parameters and
// body have its types.
type Call struct {
	// Operation is the operationId.
	Operation string
	// Path holds the path parameters, decoded.
	Path map[string]string
	// Query holds the query parameters.
	Query url.Values
	// Body is the JSON body, nil where there is none.
	Body jsontext.Value
	// Form and Files are what a multipart body holds instead.
	Form  url.Values
	Files map[string][]byte
	// Caller is the legacy id of the user to whom the access token belongs.
	Caller int
	// Scopes are those of the access token, nil for all.
	Scopes []string
}

// Func carries out one call. The organization is a copy of its own, which takes
// the place of the former one if the call succeeds. What the items refer to
// (slices, maps, pointers) belongs to the former one too: it may be replaced, not
// changed.
type Func func(*model.Org, *Call) (Answer, error)

// Decode reads the body into v. It ignores members that v lacks: which ones may
// be there was checked before.
func (c *Call) Decode(v any) error {
	if len(c.Body) == 0 {
		return nil
	}
	if err := json.Unmarshal(c.Body, v); err != nil {
		return BadRequest("Invalid request body")
	}
	return nil
}

// Flag returns a query parameter that is a boolean.
func (c *Call) Flag(name string) bool { return c.Query.Get(name) == "true" }

// NameFilter returns a function that reports whether a name contains the query
// parameter name_contains, regardless of case.
func (c *Call) NameFilter() func(name string) bool {
	part := strings.ToLower(c.Query.Get("name_contains"))
	return func(name string) bool { return strings.Contains(strings.ToLower(name), part) }
}

// InPath returns the item whose key a path parameter holds, or a 404 that names
// its kind.
func InPath[E any, T model.Item[E]](c *Call, from *model.Table[E, T], parameter, kind string) (T, error) {
	key := c.Path[parameter]
	item, ok := from.Get(key)
	if !ok {
		return item, NotFound(kind, key)
	}
	return item, nil
}

// Pattern returns a regular expression that is compiled on first use: most
// processes never need it.
func Pattern(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
