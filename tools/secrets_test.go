package tools_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/tools"
)

const secretive = `
  /resources:
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object, properties: {
        name: {type: string}, options: {type: object}, mode: {type: string, enum: [a, b]}, password: {type: string, minLength: 30, pattern: '^[a-z]+$'},
        secret: {type: boolean}, default_value: {type: string}, operations: {type: array, items: {type: object}}}}}}}
      x-secrets: ['data.options.custom.thing', 'data.options.headers[][]', 'data.default_value if secret']
      responses: {'200': {content: {application/json: {schema: {type: object, properties: {data: {type: object}}}}}}}
`

func TestRedactionMarkersAreNotWritten(t *testing.T) {
	c := catalogOf(t, secretive)
	for _, given := range []string{
		`{"password":"---encrypted-on-server---"}`,
		`{"options":{"database_options":{"password":"[redacted: password]"}}}`,
		`{"options":{"list":["x",{"deep":"__RETOOL_ENCRYPTED_JSON__abc"}]}}`,
		`{"operations":[{"op":"replace","path":"/password","value":" [redacted: password] "}]}`,
		`{"options":{"url":"postgres://u:[redacted: password]@h/db"}}`,
	} {
		_, err := bind(t, c, given)
		require.ErrorContains(t, err, "Not sent: ", given)
		require.ErrorContains(t, err, "holds a redaction marker", given)
	}
	_, err := bind(t, c, `{"name":"encrypted on server, redacted"}`)
	require.NoError(t, err)
}

// What to do about markers stands there once, and fits what the schema requires.
func TestRedactionMarkersSayWhatToDo(t *testing.T) {
	c := catalogOf(t, `
  /variables:
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [name], properties: {
        name: {type: string}, note: {type: string}, values: {type: array, items: {type: object, required: [value], properties: {
        value: {type: string}, hint: {type: string}, of: {anyOf: [{type: 'null'}, {type: object, required: [key], properties: {key: {type: string}}}]}}}}}}}}}
      responses: {'200': {content: {application/json: {schema: {type: object, properties: {data: {type: object}}}}}}}
`)
	const needed, leave = "cannot be left out", "Leave the field out"
	for given, want := range map[string]string{
		`{"name":"n","values":[{"value":"[redacted: value]"},{"value":"[redacted: value]"}]}`: "values[0].value: holds a redaction marker, not the secret; sending it would overwrite the stored secret. No call reads a stored secret back, and the field " + needed,
		`{"name":"n","values":[{"value":"v","of":{"key":"[redacted: key]"}}]}`:                "the field " + needed,
		`{"name":"[redacted: name]"}`: "the field " + needed,
		`{"name":"n","note":"[redacted: note]","values":[{"value":"v","hint":"[redacted: hint]"}]}`: leave,
		`{"name":"n","note":"[redacted: note]","values":[{"value":"[redacted: value]"}]}`:           "values[0].value " + needed,
		`{"name":"n","values":[{"value":"v","other":"[redacted: value]"}]}`:                         leave,
	} {
		_, err := bind(t, c, given)
		require.ErrorContains(t, err, want, given)
		require.ErrorContains(t, err, "${env:NAME} or ${file:PATH}")
		require.Equal(t, 1, strings.Count(err.Error(), "${env:NAME}"), "%s", err)
		require.Equal(t, want == leave, strings.Contains(err.Error(), leave), "%s", err)
		require.Equal(t, strings.Count(given, "[redacted"), strings.Count(err.Error(), ": holds a redaction marker"), "%s", err)
	}
}

func TestRedactionMarkersAreAllowedInReads(t *testing.T) {
	c := catalogOf(t, listOf(`{name: q, in: query, schema: {type: string}}`, "has_more: {}"))
	require.Contains(t, mustBind(t, c, `{"q":"---encrypted-on-server---"}`).Request.Query, "encrypted")
}

func TestSecretsAreNamedOnlyInFieldsForSecrets(t *testing.T) {
	c := catalogOf(t, secretive)
	expand := func(text string) (string, error) { return "<" + text + ">", nil }
	for _, x := range []struct{ given, body string }{
		{`{"password":"${env:X}"}`, `{"password":"<${env:X}>"}`},
		{`{"options":{"apiKey":"Bearer ${file:/x}","n":12345678901234567890}}`, `{"options":{"apiKey":"<Bearer ${file:/x}>","n":12345678901234567890}}`},
		{`{"options":{"custom":{"thing":"${env:X}"}}}`, `{"options":{"custom":{"thing":"<${env:X}>"}}}`},
		{`{"options":{"headers":[["Accept","${env:X}"]]}}`, `{"options":{"headers":[["Accept","<${env:X}>"]]}}`},
		{`{"operations":[{"op":"replace","path":"/options/password","value":"${env:X}"}]}`, `{"operations":[{"op":"replace","path":"/options/password","value":"<${env:X}>"}]}`},
		{`{"secret":true,"default_value":"${env:X}"}`, `{"secret":true,"default_value":"<${env:X}>"}`},
	} {
		call := mustBind(t, c, x.given)
		request, err := call.ExpandSecrets(expand)
		require.NoError(t, err, x.given)
		require.JSONEq(t, x.body, string(request.Body))
		require.JSONEq(t, x.given, string(call.Request.Body), "the call itself never holds a secret")
		require.JSONEq(t, x.given, string(call.Arguments()))
	}
	for _, given := range []string{
		`{"name":"${env:X}"}`, `{"options":{"host":"${env:X}"}}`, `{"default_value":"${env:X}"}`, `{"secret":false,"default_value":"${env:X}"}`,
		`{"options":{"headers":[{"key":"X-Api-Key","value":"${env:X}"}]}}`, `{"options":{"headers":"${env:X}"}}`, `{"options":{"headers":["token","${env:X}"]}}`,
		`{"options":{"x\u200bpin":"${env:X}"}}`, `{"options":{"` + strings.Repeat("a", 100) + `_password":"${env:X}"}}`, `{"options":{"list":["password","${env:X}"]}}`, `{"operations":[{"op":"replace","path":"/name","value":"${env:X}"}]}`,
	} {
		_, err := mustBind(t, c, given).ExpandSecrets(expand)
		require.ErrorContains(t, err, "Not sent: ", given)
		require.ErrorContains(t, err, "only in a field for secrets", given)
	}
	plain := mustBind(t, c, `{"name":"${other} {{ env.X }}"}`)
	request, err := plain.ExpandSecrets(expand)
	require.NoError(t, err)
	require.Equal(t, plain.Request, request)
}

// In a path or a query a secret would be in every log on the way.
func TestSecretsAreNotPutIntoQueries(t *testing.T) {
	c := catalogOf(t, "  /things: {get: {parameters: [{name: token, in: query, schema: {type: string}}], responses: {}}}")
	_, err := mustBind(t, c, `{"token":"${env:X}"}`).ExpandSecrets(func(string) (string, error) { return "", nil })
	require.ErrorContains(t, err, "only in a field for secrets")
}

func TestCursors(t *testing.T) {
	for token, want := range map[string]tools.Cursor{
		"": {}, "abc": {Token: "abc"}, "skip:5": {Skip: 5}, "skip:5:abc": {Token: "abc", Skip: 5}, "skip:0:skip:1": {Token: "skip:1"},
		"skip:x": {Token: "skip:x"}, "skip:-1": {Token: "skip:-1"}, "skip:": {Token: "skip:"}, "skip:+1": {Token: "skip:+1"},
	} {
		require.Equal(t, want, tools.ParseCursor(token), token)
		require.Equal(t, want, tools.ParseCursor(want.String()), token)
	}
}
