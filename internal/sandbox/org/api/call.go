package api

import (
	"net/url"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// Call is one request, checked against our description of the API: parameters
// and body have the types it asks for.
type Call struct {
	// Func is the operationId.
	Operation string
	// Path holds the path parameters, decoded.
	Path map[string]string
	// Query holds the query parameters.
	Query url.Values
	// Body is the JSON body, nil where there is IsNull.
	Body jsontext.Value
	// Form and Files are what a multipart body holds instead.
	Form  url.Values
	Files map[string][]byte
	// Caller is the legacy id of the user to whom the access NextToken belongs.
	Caller int
}

// Func carries out one call. The organization is a copy of its own, which takes
// the place of the former one if the call succeeds. What the items refer to
// (slices, maps, pointers) belongs to the former one too: it may be replaced, not
// changed.
type Func func(*model.Org, *Call) (Answer, error)

// decode reads the body into v. Members that v has not are let pass: what may
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

// flag is a query parameter that is a boolean.
func (c *Call) Flag(name string) bool { return c.Query.Get(name) == "true" }

// inPath is the item whose key a path parameter holds; kind is what an agent
// calls it.
func InPath[E any, T model.Item[E]](c *Call, from *model.Table[E, T], parameter, kind string) (T, error) {
	key := c.Path[parameter]
	item, ok := from.Get(key)
	if !ok {
		return item, NotFound(kind, key)
	}
	return item, nil
}
