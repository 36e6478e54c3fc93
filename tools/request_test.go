package tools_test

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPathValuesAreEncoded(t *testing.T) {
	c := catalogOf(t, "  /users/{id}/files/{name}/: {get: {responses: {}}}")
	for _, x := range []struct{ id, path string }{
		{`"user_1"`, "/users/user_1/files/x/"},
		{`"a/b"`, "/users/a%2Fb/files/x/"},
		{`"a?b#c"`, "/users/a%3Fb%23c/files/x/"},
		{`"50%"`, "/users/50%25/files/x/"},
		{`"%2e%2e"`, "/users/%252e%252e/files/x/"},
		{`"a b"`, "/users/a%20b/files/x/"},
		{`"zoë"`, "/users/zo%C3%AB/files/x/"},
		{`"…/.."`, "/users/%E2%80%A6%2F../files/x/"},
		{`12345678901234567890`, "/users/12345678901234567890/files/x/"},
		{`"a\\b\n"`, "/users/a%5Cb%0A/files/x/"},
	} {
		call := mustBind(t, c, `{"id":`+x.id+`,"name":"x"}`)
		require.Equal(t, x.path, call.Request.Path)
	}
}

// "GET /users/" would list them all, and "DELETE /users/../groups/1" hit
// something else.
func TestPathValuesThatWouldChangeThePathAreRefused(t *testing.T) {
	c := catalogOf(t, "  /users/{id}: {delete: {responses: {}}}")
	for _, id := range []string{`""`, `" "`, `"  \t"`, `"\u00a0"`, `" .. "`, `["",""]`, `"."`, `".."`, `null`, `{}`, `[]`, `[""]`} {
		_, err := bind(t, c, `{"id":`+id+`}`)
		require.Error(t, err, id)
		require.Contains(t, err.Error(), "id: must", id)
	}
}

func TestQueryStyles(t *testing.T) {
	for _, x := range []struct{ parameter, given, query string }{
		{`{schema: {type: string}}`, `"a b&c=d+e"`, "q=a%20b%26c%3Dd%2Be"},
		{`{schema: {type: boolean}}`, `true`, "q=true"},
		{`{schema: {type: integer}}`, `12345678901234567890`, "q=12345678901234567890"},
		{`{schema: {type: [string, 'null']}}`, `null`, ""},
		{`{schema: {type: array, items: {type: string}}}`, `["a","b c"]`, "q=a&q=b%20c"},
		{`{schema: {type: array, items: {type: string}}, explode: false}`, `["a","b,c"]`, "q=a,b%2Cc"},
		{`{schema: {type: array, items: {type: string}}, style: spaceDelimited, explode: false}`, `["a","b"]`, "q=a%20b"},
		{`{schema: {type: array, items: {type: string}}, style: pipeDelimited, explode: false}`, `["a","b"]`, "q=a%7Cb"},
		{`{schema: {type: array, items: {type: string}}}`, `[]`, ""},
		{`{schema: {type: object}}`, `{"z":1,"a":"x y"}`, "z=1&a=x%20y"},
		{`{schema: {type: object}, explode: false}`, `{"z":1,"a":2}`, "q=z,1,a,2"},
		{`{schema: {type: object}, style: deepObject}`, `{"z":1,"a":2}`, "q%5Bz%5D=1&q%5Ba%5D=2"},
		{`{schema: {type: string}, allowReserved: true}`, `"a/b?c&d#e"`, "q=a/b?c%26d%23e"},
		{`{content: {application/json: {schema: {type: object}}}}`, `{"a": [1, 2]}`, "q=%7B%22a%22%3A%5B1%2C2%5D%7D"},
	} {
		parameter := strings.Replace(x.parameter, "{", "{name: q, in: query, ", 1)
		c := catalogOf(t, "  /x: {get: {responses: {}, parameters: ["+parameter+"]}}")
		require.Equal(t, x.query, mustBind(t, c, `{"q":`+x.given+`}`).Request.Query, x.parameter)
	}
}

func TestBodies(t *testing.T) {
	object := `{type: object, required: [a], properties: {a: {type: string}, b: {type: [string, 'null']}}}`
	for _, x := range []struct{ name, body, given, contentType, sent string }{
		{"null stays null, what is not given is not there", "{application/json: {schema: " + object + "}}", `{"a":"x","b":null}`, "application/json", `{"a":"x","b":null}`},
		{"fields in the document's order", "{application/json: {schema: " + object + "}}", `{"b":"2","a":"1"}`, "application/json", `{"a":"1","b":"2"}`},
		{"no field given", "{application/json: {schema: {type: object, properties: {a: {}}}}}", `{}`, "application/json", `{}`},
		{"a list", "{application/json: {schema: {type: array, items: {type: integer}}}}", `{"body":[1,2]}`, "application/json", `[1,2]`},
		{"a union", "{application/json: {schema: {oneOf: [" + object + ", {type: object}]}}}", `{"body":{"z":[{}]}}`, "application/json", `{"z":[{}]}`},
		{"names of the caller's own", "{application/json: {schema: {type: object, additionalProperties: {type: string}}}}", `{"body":{"any":"thing"}}`, "application/json", `{"any":"thing"}`},
		{"optional and not given", "{application/json: {schema: {type: array, items: {}}}}", `{}`, "", ``},
		{"a form", "{application/x-www-form-urlencoded: {schema: " + object + "}}", `{"a":"x y&z","b":"ü"}`, "application/x-www-form-urlencoded", `a=x%20y%26z&b=%C3%BC`},
		{"plain text", "{text/plain: {schema: {type: string}}}", `{"body":"as it is\n"}`, "text/plain", "as it is\n"},
		{"a vendor's JSON", "{application/vnd.x+json: {schema: " + object + "}}", `{"a":"x"}`, "application/vnd.x+json", `{"a":"x"}`},
	} {
		c := catalogOf(t, "  /x: {post: {responses: {}, requestBody: {content: "+x.body+"}}}")
		call := mustBind(t, c, x.given)
		require.Equal(t, x.contentType, call.Request.ContentType, x.name)
		require.Equal(t, x.sent, string(call.Request.Body), x.name)
	}
}

func TestCollidingNamesMakeTheBodyOneArgument(t *testing.T) {
	c := catalogOf(t, `
  /users/{id}:
    put:
      responses: {}
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [id], properties: {id: {type: integer}, name: {type: string}}}}}}`)
	_, err := bind(t, c, `{"id":"u1","name":"x"}`)
	require.ErrorContains(t, err, "name: unknown argument")
	call := mustBind(t, c, `{"id":"u1","body":{"id":7,"name":"x"}}`)
	require.Equal(t, "/users/u1", call.Request.Path)
	require.Equal(t, `{"id":7,"name":"x"}`, string(call.Request.Body))
}

func TestNamesThatClientsRefuseAreRewritten(t *testing.T) {
	c := catalogOf(t, `
  /x:
    get:
      responses: {}
      parameters:
        - {name: 'filter[name]', in: query, schema: {type: string}}
        - {name: '$top', in: query, schema: {type: integer}}
        - {name: `+strings.Repeat("long", 20)+`, in: query, schema: {type: integer}}`)
	for _, a := range c.Tools[0].Args {
		require.Regexp(t, `^[a-zA-Z0-9_.-]{1,64}$`, a.Name)
	}
	require.Equal(t, "filter%5Bname%5D=a&%24top=1", mustBind(t, c, `{"filter_name":"a","top":1}`).Request.Query)
}

func TestMultipartFiles(t *testing.T) {
	c := catalogOf(t, `
  /upload:
    post:
      responses: {}
      requestBody:
        content:
          multipart/form-data:
            schema:
              type: object
              required: [file]
              properties:
                note: {type: string}
                count: {type: integer}
                tags: {type: array, items: {type: string}}
                file: {type: string, format: binary}
                more: {type: array, items: {type: string, format: binary}}`)
	call := mustBind(t, c, `{"note":"héllo","count":12345678901234567890,"tags":["a","b"],
		"file":{"filename":"a \"b\".zip","content":"AAH/"},
		"more":[{"filename":"1","content":"eA=="},{"filename":"2","content":"e-_"}]}`)
	kind, params, err := mime.ParseMediaType(call.Request.ContentType)
	require.NoError(t, err)
	require.Equal(t, "multipart/form-data", kind)
	parts := map[string][]string{}
	r := multipart.NewReader(strings.NewReader(string(call.Request.Body)), params["boundary"])
	for {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		content, err := io.ReadAll(part)
		require.NoError(t, err)
		parts[part.FormName()] = append(parts[part.FormName()], part.FileName()+"|"+string(content))
	}
	require.Equal(t, map[string][]string{
		"note":  {"|héllo"},
		"count": {"|12345678901234567890"},
		"tags":  {"|a", "|b"},
		"file":  {"a \"b\".zip|\x00\x01\xff"},
		"more":  {"1|x", "2|{\xef"},
	}, parts)

	_, err = bind(t, c, `{"file":{"filename":"a","content":"not base64!"}}`)
	require.ErrorContains(t, err, "file: content must be the file in base64")
	_, err = bind(t, c, `{"file":{"content":""}}`)
	require.ErrorContains(t, err, "file.filename: missing, a string")
}
