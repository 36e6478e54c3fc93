package e2e_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"
)

// An exchange is the arguments of a call and the request that it must make.
type exchange struct {
	arguments object // what the agent gives, by name
	path      string // below the address of the API, escaped
	query     []string
	fields    object // of the body
}

// exchangeFor makes arguments for an operation and computes the request.
func (s *sampler) exchangeFor(op apiOperation) exchange {
	s.t.Helper()
	x := exchange{arguments: object{}, path: op.path, fields: object{}}
	for _, p := range op.pathParameters {
		x.add(s.t, p.name, s.value(p.schema, nastyInAddress))
		x.path = strings.ReplaceAll(x.path, "{"+p.name+"}", url.PathEscape(plainText(s.t, x.arguments[p.name])))
	}
	for _, p := range op.query {
		schema := p.schema
		if op.paged() && p.name == "limit" { // an integer, even where the document has text
			schema = object{"type": "integer", "minimum": json.Number("7")}
		}
		switch {
		case p.required || s.all:
			x.addToQuery(s.t, argumentFor(op, p.name), p.name, s.value(schema, nastyInAddress))
		case op.paged() && p.name == "limit": // it is always sent
			x.query = append(x.query, "limit="+op.largestPage())
		}
	}
	if op.paged() && !op.declaresToken && s.all {
		x.addToQuery(s.t, "next_token", op.pageToken, s.value(object{"type": "string"}, nastyInAddress))
	}
	if op.body == nil {
		return x
	}
	for name, v := range s.object(op.body, nastyInBody) {
		if name == "operations" {
			for _, operation := range v.([]any) {
				s.patch(op.path, operation.(object))
			}
		}
		x.fields[name] = v
		if v == bundle { // agents send a file as name and base64
			v = object{"filename": bundleName, "content": base64.StdEncoding.EncodeToString([]byte(bundle))}
		}
		x.add(s.t, name, v)
	}
	return x
}

// patch makes an operation of a JSON Patch one that nothing is known against.
func (s *sampler) patch(path string, operation object) {
	field, value := "/name", any(nastyInBody)
	switch {
	case strings.HasPrefix(path, "/access_requests/"):
		field, value = "/status", "APPROVED"
	case strings.HasPrefix(path, "/users/"):
		field = "/first_name"
	}
	operation["path"] = field
	if _, ok := operation["from"]; ok {
		operation["from"] = field
	}
	if _, given := operation["value"]; operation["op"] != "remove" && (!given || value == "APPROVED") {
		operation["value"] = value
	}
}

// argumentFor returns the argument for a query parameter: paging has the same
// names in every tool.
func argumentFor(op apiOperation, wire string) string {
	if op.paged() && wire == op.pageToken {
		return "next_token"
	}
	return wire
}

func (x *exchange) add(t testing.TB, name string, v any) {
	t.Helper()
	require.NotContains(t, x.arguments, name, "two values have this name")
	x.arguments[name] = v
}

func (x *exchange) addToQuery(t testing.TB, argument, wire string, v any) {
	t.Helper()
	x.add(t, argument, v)
	values := []any{v}
	if list, ok := v.([]any); ok {
		values = list
	}
	for _, v := range values {
		if v != nil { // there is no null in a query
			x.query = append(x.query, url.QueryEscape(wire)+"="+escaped(plainText(t, v)))
		}
	}
}

// escaped encodes a value in a query. A space is %20, which every server
// decodes.
func escaped(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

func plainText(t testing.TB, v any) string {
	t.Helper()
	switch v := v.(type) {
	case string, json.Number, bool:
		return fmt.Sprint(v)
	}
	require.Fail(t, "no text", "%v", v)
	return ""
}

// encoded returns the arguments as an agent writes them.
func (x *exchange) encoded(t testing.TB) []byte {
	t.Helper()
	out, err := json.Marshal(x.arguments)
	require.NoError(t, err)
	return out
}

// uri returns the URI of the request to an API at base.
func (x *exchange) uri(base string) string {
	uri := base + x.path
	if len(x.query) > 0 {
		uri += "?" + strings.Join(x.query, "&")
	}
	return uri
}

// requireRequest compares a request with the expected one.
func requireRequest(t testing.TB, op apiOperation, x exchange, base string, got received) {
	t.Helper()
	require.Equal(t, op.method+" "+x.uri(base), got.method+" "+got.uri)
	require.Equal(t, []string{"Bearer " + testToken}, got.header["Authorization"])
	require.Equal(t, []string{"application/json"}, got.header["Accept"])
	require.Equal(t, []string{"retool-mcp/" + stampedVersion}, got.header["User-Agent"])
	switch op.bodyType {
	case "":
		require.Empty(t, got.body)
		require.NotContains(t, got.header, "Content-Type")
	case "application/json":
		require.Equal(t, []string{"application/json"}, got.header["Content-Type"])
		require.True(t, jsontext.Value(got.body).IsValid(), "no JSON, or a field given twice: %s", got.body)
		// Through JSON, so that both sides have the same types.
		require.Equal(t, throughJSON(t, x.fields), decodeJSON(t, got.body))
	default:
		requireForm(t, x.fields, got)
	}
}

func throughJSON(t testing.TB, v any) any {
	t.Helper()
	encoded, err := json.Marshal(v)
	require.NoError(t, err)
	return decodeJSON(t, encoded)
}

// A file that text handling, line endings or a multipart boundary would
// corrupt.
const (
	bundle     = "PK\x03\x04\x00\xff\xfe\r\n--boundary\r\n\n\r\x80"
	bundleName = "my bundle ü.zip"
)

// requireForm compares a multipart body, whose fields have no order.
func requireForm(t testing.TB, fields object, got received) {
	t.Helper()
	mediaType, parameters, err := mime.ParseMediaType(got.header.Get("Content-Type"))
	require.NoError(t, err)
	require.Equal(t, "multipart/form-data", mediaType)
	form := multipart.NewReader(bytes.NewReader(got.body), parameters["boundary"])
	came := object{}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		content, err := io.ReadAll(part)
		require.NoError(t, err)
		require.NotContains(t, came, part.FormName())
		came[part.FormName()] = string(content)
		if fields[part.FormName()] == bundle {
			require.Equal(t, bundleName, part.FileName())
		}
	}
	require.Equal(t, fields, came)
}
