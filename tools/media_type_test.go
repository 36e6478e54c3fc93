package tools_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/toolgen/toolgentest"
)

const invalidType = `text/plain\r\nX-Evil: 1\r\n\r\ninjected`

// A document writes no header: an operation that would send something else than a
// media type is left out.
func TestMediaTypesThatAreNone(t *testing.T) {
	const form = `{schema: {type: object, properties: {t: {type: string}, f: {type: string, format: binary}}}, encoding: {`
	for content, reason := range map[string]string{
		`"multipart/form-data": ` + form + `t: {contentType: "` + invalidType + `"}}}`:            `request body: the content type of t: "text/plain\u000d\nX-Evil: 1`,
		`"multipart/form-data": ` + form + `f: {contentType: "image/png, ` + invalidType + `"}}}`: `the content type of f: " text/plain`,
		`"multipart/form-data": ` + form + `f: {contentType: "image/png,"}}}`:                     `the content type of f: "" is no media type`,
		`"multipart/mixed": ` + form + `t: {contentType: "text/plain\u0000"}}}`:                   "is no media type",
		`"multipart/mixed": ` + form + `t: {contentType: "text/pl\u00e4in"}}}`:                    "is no media type",
		`"multipart/mixed": ` + form + `t: {contentType: 'a/b; c="d,e"'}}}`:                       "is no media type",
		`"application/x-www-form-urlencoded": ` + form + `t: {contentType: "a b/c"}}}`:            "is no media type",
		`"text/plain\r\nX-Evil: 1": {schema: {type: string}}`:                                     "is no media type",
		`"text/plain\nX-Evil: 1; a=b": {}`:                                                        "is no media type",
		`"text/plain, application/json": {schema: {type: string}}`:                                `"text/plain, application/json" is no media type`,
		`"json": {schema: {type: object}}`:                                                        `"json" is no media type`,
		`"": {schema: {type: string}}`:                                                            `"" is no media type`,
		`"multipart/form-data\r\nX-Evil: 1": ` + form + `}}`:                                      "is no media type",
	} {
		c := toolgentest.FromText(t, []byte("openapi: 3.1.0\ninfo: {title: T}\npaths:\n  /x: {post: {responses: {}, requestBody: {content: {"+content+"}}}}\n  /y: {get: {responses: {}}}"))
		require.Len(t, c.Tools, 1, content)
		require.Len(t, c.Problems, 1, content)
		require.Equal(t, "POST /x", c.Problems[0].Operation)
		require.Contains(t, c.Problems[0].Reason, reason, content)
	}
}

// A type that can be sent beside one that cannot is sent, and what a schema or an
// answer says of content reaches no header unless it is a media type.
func TestMediaTypesOfWhichSomeAreNone(t *testing.T) {
	c := catalogOf(t, `  /x: {post: {responses: {}, requestBody: {content: {"`+invalidType+`": {}, text/csv: {schema: {type: string}}}}}}`)
	require.Equal(t, "text/csv", mustBind(t, c, `{"body":"a"}`).Request.ContentType)

	c = catalogOf(t, `  /x: {post: {responses: {}, requestBody: {content: {multipart/form-data: {schema: {properties: {f: {type: string, contentMediaType: "`+invalidType+`"}, g: {type: string, contentMediaType: "Image/PNG, image/*"}}}}}}}}`)
	_, parts := partsOf(t, mustBind(t, c, `{"f":{"filename":"a","content":"eA=="},"g":{"filename":"b","content":"eA=="}}`).Request)
	require.Equal(t, []part{{"f", "a", "application/octet-stream", "x"}, {"g", "b", "image/png", "x"}}, parts)

	c = catalogOf(t, `  /x: {get: {responses: {'200': {content: {"`+invalidType+`": {}, json: {}, 'text/csv; a="\u0000"': {}, 'text/html; a="\x7f"': {}, "TEXT/XML;a=b": {}, 'a/b; c*=utf-8''''%0d%0aX-Evil': {}}}}}}`)
	accept := mustBind(t, c, `{}`).Request.Accept
	require.Contains(t, accept, "text/xml; a=b")
	require.NotContains(t, strings.ToLower(accept), "x-evil:")
	require.NotContains(t, accept, "json,")
	require.Regexp(t, `^[\x20-\x7e]+$`, accept)
}
