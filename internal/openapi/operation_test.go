package openapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
)

// withOperation is a document of one operation at a path, given its members
// and those of its path item.
func withOperation(path, operation, item string) string {
	if item != "" {
		item += ","
	}
	return withPaths(fmt.Sprintf(`%q:{%s"get":{%s}}`, path, item, operation))
}

func TestOperation(t *testing.T) {
	op := readOne(t, withOperation("/a/", `"summary":"s","description":"d","deprecated":true,"tags":["x","y"],
		"x-badges":[{"label":"Business"},{"color":"red"},{"label":"Beta"}]`, ""))
	require.Equal(t, openapi.Operation{
		Method: "GET", Path: "/a/", Summary: "s", Description: "d", Deprecated: true,
		Tags: []string{"x", "y"}, Badges: []string{"Business", "Beta"},
	}, op)
}

func TestExtension(t *testing.T) {
	doc := read(t, `{"openapi":"3.1.0","x-curated":true,"paths":{"/a":{
		"get":{"operationId":"listA","x-scope":"a:read","x-plan":"Business","x-since":"3.120","x-trap":"mind","x-undo":"put it back","x-asks":{"/on":{"values":[false,"off"],"as":"delete_a"},"level":{"below":["own","use"],"as":"delete_a"}},"x-secrets":["data.token"],"x-untrusted":["data[].name"],"x-ids":"a","x-patch":{"/on":[true,false],"/name":[]}},
		"put":{"x-since":3.120,"x-secrets":"data.token"}}}}`)
	require.True(t, doc.Curated)
	require.Equal(t, "listA", doc.Operations[0].ID)
	require.Equal(t, openapi.Extension{
		Scope: "a:read", Plan: "Business", Since: "3.120", Trap: "mind", Undo: "put it back",
		Asks:    []openapi.Ask{{At: "/on", Values: []string{"false", `"off"`}, As: "delete_a"}, {At: "level", Below: []string{"own", "use"}, As: "delete_a"}},
		Secrets: []string{"data.token"}, Untrusted: []string{"data[].name"}, IDs: "a",
		Patch: []openapi.PatchField{{Path: "/on", Values: []any{true, false}}, {Path: "/name", Values: []any{}}},
	}, doc.Operations[0].Extension)
	require.Equal(t, openapi.Operation{Method: "PUT", Path: "/a", Extension: openapi.Extension{Since: "3.120"}}, doc.Operations[1])
	require.False(t, read(t, withOperation("/a", ``, ``)).Curated)
}

// Arguments and fields, but not of documents that are not trusted.
func TestSinceOfArgumentsAndFields(t *testing.T) {
	text := withPaths(`"/a":{"post":{"parameters":[{"name":"p","in":"query","x-since":"3.387","schema":{}}],
		"requestBody":{"content":{"application/json":{"schema":{"properties":{
			"a":{"type":["string","null"],"x-since":4.74},"b":{"type":"object","properties":{"c":{"type":"string","x-since":"4.0"},"d":{"type":"string","x-since":"soon. Call c"}}}}}}}},
		"responses":{"200":{"content":{"application/json":{"schema":{"properties":{"e":{"type":"string","x-since":"4.1"}}}}}}}}}`)
	since := func(s *jsonschema.Schema, path ...string) any {
		for _, name := range path {
			s, _ = s.Properties.Get(name)
		}
		return s.Extras[openapi.SinceKeyword]
	}
	for trusted, want := range map[bool][]any{true: {"3.387", "4.74", "4.0", nil, "4.1"}, false: {"", nil, nil, nil, nil}} {
		doc, err := openapi.Read(openapi.Source{Data: []byte(text), Trusted: trusted})
		require.NoError(t, err)
		op := doc.Operations[0]
		require.Equal(t, want, []any{op.Parameters[0].Since, since(op.Body.Schema, "a"), since(op.Body.Schema, "b", "c"), since(op.Body.Schema, "b", "d"), since(op.Answer, "e")})
	}
}

func TestMethods(t *testing.T) {
	doc := read(t, withPaths(`"/a":{"summary":"s","parameters":[],"servers":[],"x-y":{},"query":{},
		"get":{},"put":{},"post":{},"delete":{},"options":{},"head":{},"patch":{},"trace":{}},"x-paths":"none"`))
	var methods []string
	for _, op := range doc.Operations {
		methods = append(methods, op.Method)
	}
	require.Equal(t, []string{"GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"}, methods)
}

func TestPaths(t *testing.T) {
	for path, want := range map[string]string{
		"/a/{id}/b":                "/a/{id}/b id",
		"/a/:id":                   "/a/{id} id",
		"/a/:id/b/:other_id/":      "/a/{id}/b/{other_id}/ id other_id",
		"/a/{id}:cancel":           "/a/{id}:cancel id",
		"/a/{x}-{y}.{format}":      "/a/{x}-{y}.{format} x y format",
		"/a/{id}/b/{id}":           "/a/{id}/b/{id} id",
		"/a b/ä":                   "/a%20b/%C3%A4",
		"/a%20b/%c3%A4/%61%2F%":    "/a%20b/%C3%A4/a%2F%25",
		"/\u202e<>\\\"^`|":         "/%E2%80%AE%3C%3E%5C%22%5E%60%7C",
		"/[x]/a:b;c=1,2@(~!$&'*+)": "/%5Bx%5D/a:b;c=1,2@(~!$&'*+)",
		"/日本/{名 前}/ö{a}ü":          "/%E6%97%A5%E6%9C%AC/{名 前}/%C3%B6{a}%C3%BC 名 前 a",
		"/":                        "/",
		"/a/{user-id}/{Weird.One}": "/a/{user-id}/{Weird.One} user-id Weird.One",
	} {
		t.Run(path, func(t *testing.T) {
			op := readOne(t, withOperation(path, ``, ``))
			got := op.Path
			for _, p := range op.Parameters {
				require.True(t, p.Required)
				got += " " + p.Name
			}
			require.Equal(t, want, got)
		})
	}
	for path, want := range map[string]string{
		"a":              "must start with a slash",
		"/a/{id":         "template is malformed: a brace has no partner, or a parameter no name",
		"/a/id}":         "template is malformed: a brace has no partner",
		"/a/{}":          "template is malformed: a brace has no partner, or a parameter no name",
		"/a?b=c":         `template is malformed: it contains "?", and a query belongs in parameters`,
		"/a/{id}?b={c}":  `template is malformed: it contains "?"`,
		"/a#b":           `template is malformed: it contains "#"`,
		"/a/../b":        "template is malformed: a segment of dots leads to another path",
		"/a/%2E%2e/{id}": "template is malformed: a segment of dots",
		"/./a":           "template is malformed: a segment of dots",
	} {
		t.Run(path, func(t *testing.T) { requireProblem(t, withOperation(path, ``, ``), "GET "+path, want) })
	}
}

func TestParameters(t *testing.T) {
	type row struct {
		name, path, operation, item string
		want                        []openapi.Parameter
	}
	list := func(parameters string) string { return `"parameters":[` + parameters + `]` }
	for _, row := range []row{
		{
			name: "in the order of the path, then of the query", path: "/{b}/{a}",
			operation: list(`{"name":"q","in":"query"},{"name":"a","in":"path","required":true},{"name":"p","in":"query"},{"name":"b","in":"path"}`),
			want: []openapi.Parameter{
				{Name: "b", In: "path", Required: true, Style: "simple"},
				{Name: "a", In: "path", Required: true, Style: "simple"},
				{Name: "q", In: "query", Style: "form", Explode: true},
				{Name: "p", In: "query", Style: "form", Explode: true},
			},
		},
		{
			name: "declared at the path and again at the operation, which wins", path: "/{a}",
			item:      list(`{"name":"a","in":"path","description":"path's"},{"name":"q","in":"query","description":"path's"},{"name":"r","in":"query"}`),
			operation: list(`{"name":"q","in":"query","description":"own","required":true},{"name":"a","in":"path","description":"own"},{"name":"s","in":"query"}`),
			want: []openapi.Parameter{
				{Name: "a", In: "path", Description: "own", Required: true, Style: "simple"},
				{Name: "q", In: "query", Description: "own", Required: true, Style: "form", Explode: true},
				{Name: "r", In: "query", Style: "form", Explode: true},
				{Name: "s", In: "query", Style: "form", Explode: true},
			},
		},
		{
			name: "declared twice at one level: the first counts", path: "/",
			operation: list(`{"name":"q","in":"query","description":"first"},{"name":"q","in":"query","description":"second"}`),
			want:      []openapi.Parameter{{Name: "q", In: "query", Description: "first", Style: "form", Explode: true}},
		},
		{
			name: "of one name in two places", path: "/{id}",
			operation: list(`{"name":"id","in":"query"}`),
			want: []openapi.Parameter{
				{Name: "id", In: "path", Required: true, Style: "simple"},
				{Name: "id", In: "query", Style: "form", Explode: true},
			},
		},
		{
			name: "of the path that the path does not have", path: "/",
			operation: list(`{"name":"id","in":"path"}`),
		},
		{
			name: "styles", path: "/{m}",
			operation: list(`{"name":"m","in":"path","style":"matrix","explode":true},{"name":"d","in":"query","style":"deepObject","explode":true},
				{"name":"c","in":"query","explode":false,"allowReserved":true},{"name":"p","in":"query","style":"pipeDelimited"}`),
			want: []openapi.Parameter{
				{Name: "m", In: "path", Required: true, Style: "matrix", Explode: true},
				{Name: "d", In: "query", Style: "deepObject", Explode: true},
				{Name: "c", In: "query", Style: "form", AllowReserved: true},
				{Name: "p", In: "query", Style: "pipeDelimited"},
			},
		},
		{
			name: "as JSON text", path: "/",
			operation: list(`{"name":"f","in":"query","content":{"application/json":{"schema":{"type":"object"}}}}`),
			want:      []openapi.Parameter{{Name: "f", In: "query", Style: "form", Explode: true, JSON: true}},
		},
		{
			name: "left to the HTTP client", path: "/",
			operation: list(`{"name":"X-Trace","in":"header"},{"name":"session","in":"cookie"},{"name":"Accept","in":"header","required":true},{"name":"authorization","in":"header","required":true}`),
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			op := readOne(t, withOperation(row.path, row.operation, row.item))
			for i := range op.Parameters {
				require.NotNil(t, op.Parameters[i].Schema)
				op.Parameters[i].Schema = nil
			}
			require.Equal(t, row.want, op.Parameters)
		})
	}
}

func TestParameterSchemas(t *testing.T) {
	op := readOne(t, withOperation("/{undeclared}/{a}", `"parameters":[
		{"name":"a","in":"path","schema":{"type":"integer","nullable":true}},
		{"name":"none","in":"query"},
		{"name":"json","in":"query","content":{"application/json":{"schema":{"type":"object"}}}},
		{"name":"list","in":"query","schema":{"anyOf":[{"type":"array","items":{"type":"string"}},{"type":"string"}]}}]`, ``))
	for name, want := range map[string]string{
		"undeclared": `{"type":"string"}`,
		"a":          `{"anyOf":[{"type":"integer"},{"type":"null"}]}`,
		"none":       `true`,
		"json":       `{"type":"object"}`,
		"list":       `{"anyOf":[{"type":"array","items":{"type":"string"}},{"type":"string"}]}`,
	} {
		require.JSONEq(t, want, text(t, parameter(t, op, name).Schema), name)
	}
}

func TestBodies(t *testing.T) {
	media := func(types ...string) string {
		content := ""
		for i, name := range types {
			content += fmt.Sprintf(`%q:{"schema":{"description":"%d"}},`, name, i)
		}
		return content[:len(content)-1]
	}
	for _, row := range []struct {
		name  string
		types []string
		want  int
	}{
		{"JSON before all", []string{"text/plain", "multipart/form-data", "application/json"}, 2},
		{"JSON with parameters", []string{"text/plain", "Application/JSON; charset=utf-8"}, 1},
		{"JSON before its relatives", []string{"application/merge-patch+json", "application/json"}, 1},
		{"relatives of JSON before forms", []string{"multipart/form-data", "application/vnd.x+json"}, 1},
		{"multipart before form", []string{"application/x-www-form-urlencoded", "multipart/form-data"}, 1},
		{"form before others", []string{"application/xml", "application/x-www-form-urlencoded"}, 1},
		{"the first of others", []string{"application/octet-stream", "text/plain"}, 0},
		{"others before ranges", []string{"*/*", "image/*", "text/csv"}, 2},
	} {
		t.Run(row.name, func(t *testing.T) {
			op := readOne(t, withOperation("/", `"requestBody":{"required":true,"content":{`+media(row.types...)+`}}`, ``))
			require.Equal(t, strings.ToLower(row.types[row.want]), op.Body.ContentType)
			require.True(t, op.Body.Required)
			require.Equal(t, fmt.Sprint(row.want), op.Body.Schema.Description)
		})
	}
	for name, body := range map[string]string{
		"no content":       `"requestBody":{"required":true,"content":{}}`,
		"no body":          `"summary":"s"`,
		"body of no kind":  `"requestBody":null`,
		"content in a way": `"requestBody":{"content":[1]}`,
	} {
		t.Run(name, func(t *testing.T) { require.Nil(t, readOne(t, withOperation("/", body, ``)).Body) })
	}
	t.Run("no schema", func(t *testing.T) {
		op := readOne(t, withOperation("/", `"requestBody":{"content":{"application/json":{}}}`, ``))
		require.JSONEq(t, `true`, text(t, op.Body.Schema))
		require.False(t, op.Body.Required)
	})
}

func TestAnswers(t *testing.T) {
	const (
		json  = `{"content":{"application/json":{"schema":{"type":"string"}}}}`
		other = `{"content":{"application/json":{"schema":{"type":"integer"}}}}`
		file  = `{"content":{"application/octet-stream":{"schema":{"type":"string"}}}}`
		bad   = `{"content":{"application/json":{"schema":{"$ref":"#/nowhere"}}}}`
	)
	for name, row := range map[string]struct {
		responses string
		found     bool
	}{
		"success":                       {`"200":` + json, true},
		"range":                         {`"2XX":` + json, true},
		"first with a body":             {`"204":{"description":"gone"},"201":` + json, true},
		"failure":                       {`"400":` + json, false},
		"whatever else":                 {`"default":` + json, false},
		"no JSON":                       {`"200":` + file, false},
		"no JSON at first":              {`"200":` + file + `,"202":` + json, true},
		"first of several":              {`"200":` + json + `,"201":` + other, true},
		"broken":                        {`"200":` + bad, false},
		"broken at first":               {`"200":` + bad + `,"201":` + json, true},
		"repeated: the last one counts": {`"200":` + json + `,"200":` + file, false},
		"none":                          {``, false},
	} {
		t.Run(name, func(t *testing.T) {
			op := readOne(t, withOperation("/", `"responses":{`+row.responses+`}`, ``))
			require.Equal(t, row.found, op.Answer != nil)
			if row.found {
				require.Equal(t, "string", op.Answer.Type)
			}
		})
	}
}

// requireProblem requires that a document's operation was left out for the
// reason, and that its other one, which the test adds, was not.
func requireProblem(t testing.TB, document, operation, reason string) {
	t.Helper()
	const paths = `"paths":{`
	at := len(`{"openapi":"3.0.3","info":{"title":"Things","version":"1"},`)
	require.Equal(t, paths, document[at:at+len(paths)])
	document = document[:at+len(paths)] + `"/sound":{"get":{}},` + document[at+len(paths):]

	doc, err := openapi.Read(openapi.Source{Data: []byte(document)})
	require.NoError(t, err)
	require.Len(t, doc.Problems, 1)
	require.Equal(t, operation, doc.Problems[0].Operation)
	require.Contains(t, doc.Problems[0].Reason, reason)
	require.Len(t, doc.Operations, 1)
	require.Equal(t, "/sound", doc.Operations[0].Path)
}

func TestProblems(t *testing.T) {
	parameters := func(p string) string { return withOperation("/a", `"parameters":[`+p+`]`, ``) }
	body := func(schema string) string {
		return withOperation("/a", `"requestBody":{"content":{"application/json":{"schema":`+schema+`}}}`, ``)
	}
	for name, row := range map[string]struct{ document, operation, reason string }{
		"operation that is no object":   {withPaths(`"/a":{"get":5}`), "GET /a", "the operation is not an object"},
		"path item that is no object":   {withPaths(`"/a":[]`), "/a", "the path item is not an object"},
		"path item that leads nowhere":  {withPaths(`"/a":{"$ref":"#/nowhere"}`), "/a", `$ref "#/nowhere": there is no such value`},
		"required header":               {parameters(`{"name":"X-Key","in":"header","required":true}`), "GET /a", `it needs the header parameter "X-Key", which is not supported`},
		"required cookie":               {parameters(`{"name":"sid","in":"cookie","required":true}`), "GET /a", `it needs the cookie parameter "sid", which is not supported`},
		"parameter without a name":      {parameters(`{"in":"query"}`), "GET /a", "a parameter has no name"},
		"parameter that is no object":   {parameters(`"q"`), "GET /a", "a parameter has no name"},
		"parameter in no place":         {parameters(`{"name":"b","in":"body"}`), "GET /a", `parameter "b" is "in" neither path nor query`},
		"parameter that leads nowhere":  {parameters(`{"$ref":"#/components/parameters/P"}`), "GET /a", `parameter: $ref "#/components/parameters/P": there is no such value`},
		"parameter of an unknown type":  {parameters(`{"name":"q","in":"query","schema":{"type":"file"}}`), "GET /a", `parameter "q": unknown type "file"`},
		"body that leads nowhere":       {withOperation("/a", `"requestBody":{"$ref":"#/components/requestBodies/B"}`, ``), "GET /a", `request body: $ref "#/components/requestBodies/B": there is no such value`},
		"schema that leads nowhere":     {body(`{"$ref":"#/components/schemas/S"}`), "GET /a", `request body: $ref "#/components/schemas/S": there is no such value`},
		"property that leads nowhere":   {body(`{"properties":{"p":{"$ref":"#/x"}}}`), "GET /a", `$ref "#/x": there is no such value`},
		"item that leads nowhere":       {body(`{"items":{"$ref":"#/x"}}`), "GET /a", `$ref "#/x": there is no such value`},
		"prefix item that does":         {body(`{"prefixItems":[{"$ref":"#/x"}]}`), "GET /a", `$ref "#/x": there is no such value`},
		"map value that leads nowhere":  {body(`{"additionalProperties":{"$ref":"#/x"}}`), "GET /a", `$ref "#/x": there is no such value`},
		"pattern property that does":    {body(`{"patternProperties":{"a":{"$ref":"#/x"}}}`), "GET /a", `$ref "#/x": there is no such value`},
		"anyOf branch that does":        {body(`{"anyOf":[{"$ref":"#/x"}]}`), "GET /a", `$ref "#/x": there is no such value`},
		"oneOf branch that does":        {body(`{"oneOf":[{"$ref":"#/x"}]}`), "GET /a", `$ref "#/x": there is no such value`},
		"allOf branch that does":        {body(`{"allOf":[{"$ref":"#/x"}]}`), "GET /a", `$ref "#/x": there is no such value`},
		"schema of an unknown type":     {body(`{"type":"date"}`), "GET /a", `request body: unknown type "date"`},
		"schema of several, one absurd": {body(`{"type":["string",7]}`), "GET /a", `request body: unknown type ""`},
		"schema of far too many types":  {body(`{"type":["string","number","integer","boolean","array","object","a","b","c"]}`), "GET /a", `request body: unknown type "a"`},
		"schema that is a list":         {body(`[]`), "GET /a", "request body: a schema is an array instead of an object"},
		"property that is a string":     {body(`{"properties":{"p":"string"}}`), "GET /a", "request body: a schema is a string instead of an object"},
	} {
		t.Run(name, func(t *testing.T) { requireProblem(t, row.document, row.operation, row.reason) })
	}
}

// A document may set a header that only the API reads.
func TestRequiredHeaders(t *testing.T) {
	for name, row := range map[string]struct{ parameter, want string }{
		"any value":               {`"name":"X-A","in":"header","schema":{"type":"string"}`, `it needs the header parameter "X-A"`},
		"two values":              {`"name":"X-A","in":"header","schema":{"enum":["a","b"]}`, `it needs the header parameter "X-A"`},
		"one value and any":       {`"name":"X-A","in":"header","schema":{"anyOf":[{"enum":["a"]},{"type":"string"}]}`, `it needs the header parameter "X-A"`},
		"an empty value":          {`"name":"X-A","in":"header","schema":{"enum":[""]}`, `it needs the header parameter "X-A"`},
		"a second header":         {`"name":"X-A","in":"header","schema":{"enum":["a\r\nX-B: b"]}`, `it needs the header parameter "X-A"`},
		"letters outside ASCII":   {`"name":"X-A","in":"header","schema":{"enum":["ä"]}`, `it needs the header parameter "X-A"`},
		"an object":               {`"name":"X-A","in":"header","schema":{"enum":[{"a":1}]}`, `it needs the header parameter "X-A"`},
		"a name that is none":     {`"name":"X A","in":"header","schema":{"enum":["a"]}`, `it needs the header parameter "X A"`},
		"another host":            {`"name":"host","in":"header","schema":{"enum":["a"]}`, `it needs the header parameter "host"`},
		"another caller":          {`"name":"X-Forwarded-For","in":"header","schema":{"enum":["127.0.0.1"]}`, `it needs the header parameter`},
		"another method":          {`"name":"X-HTTP-Method-Override","in":"header","schema":{"enum":["DELETE"]}`, `it needs the header parameter`},
		"another path":            {`"name":"X-Original-URL","in":"header","schema":{"enum":["/admin"]}`, `it needs the header parameter`},
		"another length":          {`"name":"Content-Length","in":"header","schema":{"enum":[0]}`, `it needs the header parameter`},
		"a cookie with one value": {`"name":"a","in":"cookie","schema":{"enum":["a"]}`, `it needs the cookie parameter "a"`},
	} {
		t.Run(name, func(t *testing.T) {
			requireProblem(t, withOperation("/a", "", `"parameters":[{"required":true,`+row.parameter+`}]`), "GET /a", row.want)
		})
	}
	op := readOne(t, withOperation("/a", "", `"parameters":[{"required":true,"name":"Notion-Version","in":"header","schema":{"type":"string","enum":["2022-06-28"]}}]`))
	require.Len(t, op.Parameters, 1)
	require.Equal(t, "2022-06-28", op.Parameters[0].Value)
}
