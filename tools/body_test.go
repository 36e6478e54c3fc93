package tools_test

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/toolgen/toolgentest"
	"github.com/retool-mcp/retool-mcp/tools"
)

// What the keys of "content" mean, and what is sent for them.
func TestBodiesOfEveryContentType(t *testing.T) {
	const object = `{type: object, properties: {a: {type: string}}}`
	for _, x := range []struct{ name, content, given, contentType, sent string }{
		{"octets", "application/octet-stream: {schema: {type: string, format: binary}}", `{"body":"AAH/"}`, "application/octet-stream", "\x00\x01\xff"},
		{"octets without a schema", "application/octet-stream: {}", `{"body":"AAH/"}`, "application/octet-stream", "\x00\x01\xff"},
		{"contentEncoding", "application/octet-stream: {schema: {type: string, contentEncoding: base64}}", `{"body":"AAH/"}`, "application/octet-stream", "\x00\x01\xff"},
		{"contentMediaType alone", "application/pdf: {schema: {contentMediaType: application/pdf}}", `{"body":"JVBERi0="}`, "application/pdf", "%PDF-"},
		{"an image", "image/png: {schema: {type: string}}", `{"body":"iVBORw0KGgo="}`, "image/png", "\x89PNG\r\n\x1a\n"},
		{"a range of images", "image/*: {schema: {type: string, format: binary}}", `{"body":"/9j/4A=="}`, "image/jpeg", "\xff\xd8\xff\xe0"},
		{"a range of images and none", "image/*: {}", `{"body":"eA"}`, "application/octet-stream", "x"},
		{"the URL of a file", "image/*: {}", `{"body":"data:image/gif;base64,R0lGODlh"}`, "image/gif", "GIF89a"},
		{"the other alphabet", "application/zip: {}", `{"body":"_-8\n"}`, "application/zip", "\xff\xef"},
		{"nothing", "application/octet-stream: {}", `{"body":""}`, "application/octet-stream", ""},
		{"any type of bytes", "'*/*': {schema: {type: string, format: binary}}", `{"body":"AAE="}`, "application/octet-stream", "\x00\x01"},
		{"any type of an object", "'*/*': {schema: " + object + "}", `{"a":"x"}`, "application/json", `{"a":"x"}`},
		{"any type of text", "'*/*': {schema: {type: string}}", `{"body":"x"}`, "text/plain", "x"},
		{"any application's type", "application/*: {schema: " + object + "}", `{"a":"x"}`, "application/json", `{"a":"x"}`},
		{"any text", "text/*: {schema: {type: string}}", `{"body":"x"}`, "text/plain", "x"},
		{"any JSON", "application/*+json: {schema: " + object + "}", `{"a":"x"}`, "application/json", `{"a":"x"}`},
		{"a type before a range", "'*/*': {schema: {}}, text/csv: {schema: {type: string}}", `{"body":"a,b"}`, "text/csv", "a,b"},
		{"other case", "Application/JSON: {schema: " + object + "}", `{"a":"x"}`, "application/json", `{"a":"x"}`},
		{"other case and a parameter", "'Application/JSON; Charset=UTF-8': {schema: " + object + "}", `{"a":"x"}`, "application/json; charset=UTF-8", `{"a":"x"}`},
		{"a broken parameter", "'application/json;=': {schema: " + object + "}", `{"a":"x"}`, "application/json", `{"a":"x"}`},
		{"a vendor's version", "application/vnd.x+json;version=2: {schema: " + object + "}", `{"a":"x"}`, "application/vnd.x+json; version=2", `{"a":"x"}`},
		{"NDJSON", "application/x-ndjson: {schema: {type: array, items: {}}}", `{"body":"{\"a\":1}\n{\"a\":2}\n"}`, "application/x-ndjson", "{\"a\":1}\n{\"a\":2}\n"},
		{"XML", "application/xml: {schema: " + object + "}", `{"body":"<a>&amp;</a>"}`, "application/xml", "<a>&amp;</a>"},
		{"a vendor's XML", "application/atom+xml: {}", `{"body":"<a/>"}`, "application/atom+xml", "<a/>"},
		{"a charset of one byte", "text/plain; charset=iso-8859-1: {schema: {type: string}}", `{"body":"hé"}`, "text/plain; charset=utf-8", "hé"},
		{"a charset of two bytes", "text/plain;charset=UTF-16: {schema: {type: string}}", `{"body":"hé"}`, "text/plain; charset=utf-8", "hé"},
		{"ASCII", "'text/csv; Charset=\"us-ascii\"; header=present': {}", `{"body":"é"}`, "text/csv; charset=utf-8; header=present", "é"},
		{"JSON in another charset", "'application/json; charset=utf-16': {schema: " + object + "}", `{"a":"x"}`, "application/json; charset=utf-8", `{"a":"x"}`},
		{"a form in another charset", "'application/x-www-form-urlencoded; charset=latin1': {schema: " + object + "}", `{"a":"é"}`, "application/x-www-form-urlencoded; charset=utf-8", "a=%C3%A9"},
		{"bytes in a charset", "'application/octet-stream; charset=binary': {}", `{"body":"/w=="}`, "application/octet-stream; charset=binary", "\xff"},
		{"a form that is text", "application/x-www-form-urlencoded: {schema: {type: string}}", `{"body":"a=x%20y&b"}`, "application/x-www-form-urlencoded", "a=x%20y&b"},
		{"a form that is text or an object", "application/x-www-form-urlencoded: {schema: {anyOf: [{type: string}, {type: object}]}}", `{"body":{"a":"x y"}}`, "application/x-www-form-urlencoded", "a=x%20y"},
		{"a multipart body that is not given", "multipart/form-data: {schema: " + object + "}", `{}`, "", ""},
		{"CSV", "'text/csv; header=present': {}", `{"body":"ä,b"}`, "text/csv; header=present", "ä,b"},
		{"YAML", "application/x-yaml: {schema: " + object + "}", `{"body":"a: 1"}`, "application/x-yaml", "a: 1"},
		{"text of a type of its own", "application/jwt: {schema: {type: string}}", `{"body":"e30"}`, "application/jwt", "e30"},
		{"a spreadsheet, whose name holds xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet: {}", `{"body":"UEsDBA=="}`, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "PK\x03\x04"},
		{"a form", "'Application/X-WWW-Form-Urlencoded': {schema: {properties: {l: {type: array, items: {type: string}}, o: {type: object}, n: {type: [string, 'null']}}}}", `{"l":["a","b&"],"o":{"z":1,"a":"x"},"n":null}`, "application/x-www-form-urlencoded", "l=a&l=b%26&o=%7B%22z%22%3A1%2C%22a%22%3A%22x%22%7D"},
		{"a form by encoding", "application/x-www-form-urlencoded: {schema: {properties: {l: {type: array, items: {type: string}}, p: {type: array, items: {type: string}}, o: {type: object}, j: {type: array, items: {type: integer}}, u: {type: string}}}, encoding: {l: {explode: false}, p: {style: pipeDelimited}, o: {style: deepObject, explode: true}, j: {contentType: application/json}, u: {allowReserved: true}}}", `{"l":["a","b"],"p":["a","b"],"o":{"k":"v"},"j":[1,2],"u":"a/b"}`, "application/x-www-form-urlencoded", "l=a,b&p=a%7Cb&o%5Bk%5D=v&j=%5B1%2C2%5D&u=a/b"},
		{"a form with other names", "application/x-www-form-urlencoded: {schema: {type: object, properties: {l: {type: array}}, additionalProperties: {type: string}}, encoding: {l: {explode: false}}}", `{"body":{"l":["a","b"],"x":"y z"}}`, "application/x-www-form-urlencoded", "l=a,b&x=y%20z"},
		{"a form that is not given", "application/x-www-form-urlencoded: {schema: {type: object, additionalProperties: {type: string}}}", `{}`, "", ""},
	} {
		c := catalogOf(t, "  /x: {post: {responses: {}, requestBody: {content: {"+x.content+"}}}}")
		call := mustBind(t, c, x.given)
		require.Equal(t, x.contentType, call.Request.ContentType, x.name)
		require.Equal(t, x.sent, string(call.Request.Body), x.name)
	}
}

func TestBodiesThatAreNoBase64(t *testing.T) {
	c := catalogOf(t, "  /x: {post: {responses: {}, requestBody: {required: true, content: {image/png: {}}}}}")
	require.Contains(t, string(c.Tools[0].Schema), `"body":{"type":"string","description":"the bytes in base64"}`)
	for given, reason := range map[string]string{`{"body":"§"}`: "body: must be the bytes in base64", `{"body":{"a":1}}`: "body: must be a string", `{}`: "body: missing", `{"body":"data:image/png,x"}`: "base64"} {
		_, err := bind(t, c, given)
		require.ErrorContains(t, err, reason, given)
		require.NotContains(t, err.Error(), "content")
	}
}

func TestFormsThatAreNoObjects(t *testing.T) {
	for contentType, schemas := range map[string][]string{
		"multipart/form-data":               {"{type: string}", "{type: [string, 'null']}", "{type: array, items: {}}", "{type: integer}", "{oneOf: [{type: string}, {type: integer}]}"},
		"application/x-www-form-urlencoded": {"{type: array, items: {}}", "{type: integer}", "{type: [integer, boolean]}"},
	} {
		for _, schema := range schemas {
			c := toolgentest.FromText(t, []byte("openapi: 3.1.0\ninfo: {title: T}\npaths:\n  /x: {post: {responses: {}, requestBody: {content: {"+contentType+": {schema: "+schema+"}}}}}\n  /y: {get: {responses: {}}}"))
			require.Len(t, c.Problems, 1, schema)
			require.Equal(t, "request body: a body of "+contentType+" must be an object", c.Problems[0].Reason)
		}
	}
}

func TestMultipartTypesKeepTheirParameters(t *testing.T) {
	for declared, want := range map[string]map[string]string{
		`multipart/related; type="application/json"; start="<a>"; boundary=B`: {"type": "application/json"},
		`multipart/related; type="text/xml"; start-info=x`:                    {"type": "text/xml", "start-info": "x"},
		`multipart/form-data; charset=iso-8859-1`:                             {"charset": "utf-8"},
		`multipart/form-data; Boundary=B`:                                     {},
	} {
		c := catalogOf(t, "  /x: {post: {responses: {}, requestBody: {content: {'"+declared+"': {schema: {properties: {o: {type: object}}}}}}}}")
		_, parameters, err := mime.ParseMediaType(mustBind(t, c, `{"o":{}}`).Request.ContentType)
		require.NoError(t, err)
		require.Greater(t, len(parameters["boundary"]), 30)
		delete(parameters, "boundary")
		require.Equal(t, want, parameters, declared)
	}
}

func TestMultipartFilesOfOtherNames(t *testing.T) {
	const binary = "{type: string, format: binary, contentMediaType: image/png}"
	for _, schema := range []string{"additionalProperties: " + binary, "additionalProperties: {type: array, items: " + binary + "}", "patternProperties: {'^f': " + binary + "}"} {
		c := catalogOf(t, "  /x: {post: {responses: {}, requestBody: {content: {multipart/form-data: {schema: {type: object, properties: {a: {type: string}}, "+schema+"}}}}}}")
		file := `{"filename":"n","content":"AAE="}`
		if strings.Contains(schema, "array") {
			file = "[" + file + "]"
		}
		require.Contains(t, string(c.Tools[0].Schema), "all other fields are files")
		_, parts := partsOf(t, mustBind(t, c, `{"body":{"a":"x","f":`+file+`}}`).Request)
		require.Equal(t, []part{{"a", "", "", "x"}, {"f", "n", "image/png", "\x00\x01"}}, parts)
		_, err := bind(t, c, `{"body":{"a":"x","f":`+strings.Replace(file, "AAE=", "§", 1)+`}}`)
		require.ErrorContains(t, err, "body.f: content must be the file in base64")
		_, err = bind(t, c, `{"body":{"f":"AAE="}}`)
		require.ErrorContains(t, err, "body.f: must be")
	}
}

// part is a part of a multipart body.
type part struct{ name, file, contentType, content string }

func partsOf(t *testing.T, r tools.Request) (kind string, parts []part) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(r.ContentType)
	require.NoError(t, err)
	reader := multipart.NewReader(strings.NewReader(string(r.Body)), params["boundary"])
	for {
		p, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			return kind, parts
		}
		require.NoError(t, err)
		content, err := io.ReadAll(p)
		require.NoError(t, err)
		contentType := p.Header.Get("Content-Type")
		if extra := p.Header.Get("X-Part"); extra != "" {
			contentType += " X-Part=" + extra
		}
		parts = append(parts, part{p.FormName(), p.FileName(), contentType, string(content)})
	}
}

func TestMultipartParts(t *testing.T) {
	file := func(name, content string) string { return `{"filename":"` + name + `","content":"` + content + `"}` }
	const binary = `{type: string, format: binary}`
	for _, x := range []struct {
		name, property, encoding, given string
		want                            []part
	}{
		{"a list of texts", `{type: array, items: {type: string}}`, ``, `["a","b,c"]`, []part{{"p", "", "", "a"}, {"p", "", "", "b,c"}}},
		{"a list of numbers", `{type: array, items: {type: integer}}`, ``, `[1,2]`, []part{{"p", "", "", "1"}, {"p", "", "", "2"}}},
		{"a list of none", `{type: array, items: {type: string}}`, ``, `[]`, nil},
		{"a list of objects", `{type: array, items: {type: object}}`, ``, `[{"z":1,"a":2}]`, []part{{"p", "", "application/json", `[{"z":1,"a":2}]`}}},
		{"an object", `{type: object}`, ``, `{"z":1,"a":2}`, []part{{"p", "", "application/json", `{"z":1,"a":2}`}}},
		{"null", `{type: [string, 'null']}`, ``, `null`, nil},
		{"text of a type", `{type: string}`, `{contentType: text/csv}`, `"a,b"`, []part{{"p", "", "text/csv", "a,b"}}},
		{"text in another charset", `{type: string}`, `{contentType: text/csv; charset=iso-8859-1}`, `"é"`, []part{{"p", "", "text/csv; charset=utf-8", "é"}}},
		{"JSON in another charset", `{type: object}`, `{contentType: application/json; charset=utf-16}`, `{"a":1}`, []part{{"p", "", "application/json; charset=utf-8", `{"a":1}`}}},
		{"text as JSON", `{type: string}`, `{contentType: application/json}`, `"a"`, []part{{"p", "", "application/json", `"a"`}}},
		{"a list as JSON", `{type: array, items: {type: string}}`, `{contentType: application/json}`, `["a","b"]`, []part{{"p", "", "application/json", `["a","b"]`}}},
		{"an object of a vendor's type", `{type: object}`, `{contentType: application/vnd.x+json}`, `{"a":1}`, []part{{"p", "", "application/vnd.x+json", `{"a":1}`}}},
		{"an object as XML", `{type: object, properties: {a: {}}}`, `{contentType: application/xml}`, `"<a/>"`, []part{{"p", "", "application/xml", "<a/>"}}},
		{"a joined list", `{type: array, items: {type: string}}`, `{style: form, explode: false}`, `["a","b c"]`, []part{{"p", "", "", "a,b c"}}},
		{"a deep object", `{type: object}`, `{style: deepObject}`, `{"a b":"x&y"}`, []part{{"p[a b]", "", "", "x&y"}}},
		{"a range of types of text", `{type: string}`, `{contentType: 'text/*'}`, `"a"`, []part{{"p", "", "", "a"}}},
		{"a header with one value", `{type: string}`, `{headers: {X-Part: {schema: {const: v1}}, X-Free: {schema: {type: string}}, Content-Type: {schema: {const: a/b}}, "X-B\nad": {schema: {const: x}}}}`, `"a"`, []part{{"p", "", " X-Part=v1", "a"}}},
		{"a file", binary, ``, file("a.bin", "AAE="), []part{{"p", "a.bin", "application/octet-stream", "\x00\x01"}}},
		{"a file of a type", binary, `{contentType: image/png}`, file("a", "eA=="), []part{{"p", "a", "image/png", "x"}}},
		{"a file of one of several types", binary, `{contentType: 'image/png, image/jpeg'}`, file("a", "/9j/"), []part{{"p", "a", "image/jpeg", "\xff\xd8\xff"}}},
		{"a file of a range of types", binary, `{contentType: 'image/*'}`, file("a", "R0lGODlh"), []part{{"p", "a", "image/gif", "GIF89a"}}},
		{"a file of the schema's type", `{type: string, contentMediaType: image/webp}`, ``, file("a", "eA=="), []part{{"p", "a", "image/webp", "x"}}},
		{"a file without a type", `{contentMediaType: application/octet-stream}`, ``, file("a", "eA=="), []part{{"p", "a", "application/octet-stream", "x"}}},
		{"a file by its content type alone", `{type: string}`, `{contentType: application/pdf}`, file("a", "eA=="), []part{{"p", "a", "application/pdf", "x"}}},
		{"files", `{type: array, items: ` + binary + `}`, ``, `[` + file("a", "eA==") + `,` + file("b", "eQ==") + `]`, []part{{"p", "a", "application/octet-stream", "x"}, {"p", "b", "application/octet-stream", "y"}}},
		{"a nullable file", `{type: [string, 'null'], format: binary}`, ``, file("a", "eA=="), []part{{"p", "a", "application/octet-stream", "x"}}},
		{"a nullable file that is null", `{type: [string, 'null'], format: binary}`, ``, `null`, nil},
		{"nullable files", `{anyOf: [{type: array, items: ` + binary + `}, {type: 'null'}]}`, ``, `[` + file("a", "eA==") + `]`, []part{{"p", "a", "application/octet-stream", "x"}}},
		{"files of which some are null", `{type: array, items: {type: [string, 'null'], format: binary}}`, ``, `[null,` + file("a", "eA==") + `]`, []part{{"p", "a", "application/octet-stream", "x"}}},
		{"one file or several", `{oneOf: [` + binary + `, {type: array, items: ` + binary + `}]}`, ``, file("a", "eA=="), []part{{"p", "a", "application/octet-stream", "x"}}},
		{"a file or its address", `{anyOf: [` + binary + `, {type: string, format: uri}]}`, ``, `"https://example.com/a"`, []part{{"p", "", "", "https://example.com/a"}}},
		{"text in base64 stays text", `{type: string, contentEncoding: base64}`, ``, `"eA=="`, []part{{"p", "", "", "eA=="}}},
		{"a name that would end the header", binary, ``, file(`a\"\r\nX-Evil: 1`, "eA=="), []part{{"p", `a"%0D%0AX-Evil: 1`, "application/octet-stream", "x"}}},
	} {
		for _, whole := range []bool{false, true} {
			schema, given := "{type: object, properties: {p: "+x.property+"}", `{"p":`+x.given+`}`
			if whole {
				schema, given = schema+", additionalProperties: {type: string}", `{"body":`+given+`}`
			}
			encoding := ""
			if x.encoding != "" {
				encoding = ", encoding: {p: " + x.encoding + "}"
			}
			for _, contentType := range []string{"multipart/form-data", "Multipart/Form-Data; boundary=x", "multipart/*", "multipart/mixed"} {
				c := catalogOf(t, "  /x: {post: {responses: {}, requestBody: {content: {'"+contentType+"': {schema: "+schema+"}"+encoding+"}}}}}")
				if x.want == nil { // a body has one part at least
					_, err := bind(t, c, given)
					require.ErrorContains(t, err, "p: null and empty lists have no form in a multipart body", x.name)
					continue
				}
				kind, parts := partsOf(t, mustBind(t, c, given).Request)
				require.Equal(t, x.want, parts, "%s %s", x.name, given)
				require.Equal(t, strings.HasSuffix(contentType, "mixed"), kind == "multipart/mixed", kind)
			}
		}
	}
}

// A path's name makes the body one argument, which changes nothing in its parts.
func TestMultipartBodyAsOneArgument(t *testing.T) {
	c := catalogOf(t, `
  /x/{id}:
    post:
      responses: {}
      requestBody: {content: {multipart/form-data: {schema: {type: object, properties: {id: {type: string}, f: {type: string, format: binary}}}, encoding: {f: {contentType: image/png}}}}}`)
	require.Contains(t, string(c.Tools[0].Full), `"f":{"properties":{"filename"`)
	_, parts := partsOf(t, mustBind(t, c, `{"id":"1","body":{"id":"2","f":{"filename":"a","content":"eA=="},"more":"z"}}`).Request)
	require.Equal(t, []part{{"id", "", "", "2"}, {"f", "a", "image/png", "x"}, {"more", "", "", "z"}}, parts)
	_, err := bind(t, c, `{"id":"1","body":{"f":{"filename":"a","content":"§"}}}`)
	require.ErrorContains(t, err, "content must be the file in base64")
}
