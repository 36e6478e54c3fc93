package result_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/toolgen"
	"github.com/retool-mcp/retool-mcp/tools"
)

const document = `
openapi: 3.0.0
x-curated: true
info: {title: T, version: '1'}
paths:
  /users:
    get:
      x-untrusted: ['data[].name', 'data[].metadata']
      x-secrets: ['data[].key', 'data[].values[].value if secret']
      parameters:
        - {name: limit, in: query, schema: {type: integer, maximum: 100}}
        - {name: next_token, in: query, schema: {type: string}}
        - {name: email, in: query, schema: {type: string}}
      responses: {'200': {content: {application/json: {schema: {type: object, properties: {data: {type: array, items: {type: object, properties: {id: {}, email: {}, name: {}, groups: {type: array, items: {type: object, properties: {id: {}, name: {}}}}}}}, next_token: {}, has_more: {}}}}}}}
  /users/{userId}:
    get:
      x-scope: users:read
      x-plan: Enterprise
      x-untrusted: [data.name]
      responses: {'200': {content: {application/json: {schema: {type: object, properties: {data: {type: object, properties: {id: {}, name: {}}}}}}}}}
    put:
      x-secrets: ['data[].code']
      requestBody: {content: {application/json: {schema: {type: object, properties: {password: {}, name: {}, code: {}}}}}}
      responses: {'200': {content: {application/json: {schema: {type: object, properties: {data: {type: object, properties: {id: {}}}}}}}}}
    patch:
      requestBody: {content: {application/json: {schema: {type: object, properties: {operations: {type: array, items: {type: object}}}}}}}
      responses: {}
    delete: {x-scope: 'users:write', responses: {}}
  /groups:
    get:
      responses: {'200': {content: {application/json: {schema: {type: object, properties: {data: {type: array, items: {}}}}}}}}
  /organization:
    get: {responses: {}}
    post: {responses: {}}
`

var catalog = sync.OnceValues(func() (*tools.Catalog, error) {
	doc, err := openapi.Read(openapi.Source{Data: []byte(document), Trusted: true})
	if err != nil {
		return nil, err
	}
	return toolgen.New(doc, nil)
})

// call binds a call of the test document's tools.
func call(t testing.TB, name, arguments string) *tools.Call {
	t.Helper()
	c, err := catalog()
	require.NoError(t, err)
	require.NotNil(t, c.Find(name), name)
	b, err := tools.NewBinder(c.Find(name))
	require.NoError(t, err)
	bound, err := b.Bind([]byte(arguments))
	require.NoError(t, err)
	return bound
}

func answer(body string) *retool.Response { return answerAs("application/json; charset=utf-8", body) }

func answerAs(contentType, body string) *retool.Response {
	return &retool.Response{Status: http.StatusOK, ContentType: contentType, Body: []byte(body)}
}

func TestEnvelopeIsLeftOut(t *testing.T) {
	get := call(t, "get_user", `{"userId":"u"}`)
	for _, x := range []struct{ body, want string }{
		{`{"data":{"n":1,"n":2}}`, `{"data":{"n":2}}`},
		{`{"success":true,"data":{"id":"u"}}`, `{"data":{"id":"u"}}`},
		{` { "data" : [ 1 , 2 ] , "success" : true } `, `{"data":[1,2]}`},
		{`{"data":[{"a":[{"b":[1]}]}]}`, `{"data":[{"a":[{"b":[1]}]}]}`},
		{`{"id":"u"}`, `{"id":"u"}`},
		{`{"success":"maybe","data":1}`, `{"success":"maybe","data":1}`},
		{`{"success":true,"data":{"success":true}}`, `{"data":{"success":true}}`},
		{`{"data":"\u003cb\u003e\u00e9 \/ \u0026"}`, `{"data":"<b>é / &"}`},
		{`{"data":{"n":12345678901234567890,"f":1.50,"e":1E400}}`, `{"data":{"n":12345678901234567890,"f":1.50,"e":1E400}}`},
		{"\xef\xbb\xbf[1, 2]", `[1,2]`},
		{`"text"`, `"text"`},
		{`null`, `null`},
		{`{"data":[],"next_token":null,"has_more":false,"total_count":0}`, "# 0 rows; no more"},
	} {
		r := result.Render(get, answer(x.body), result.Options{})
		require.False(t, r.IsError, x.body)
		require.Equal(t, x.want, r.Text, x.body)
	}
}

func TestOtherAnswers(t *testing.T) {
	get := call(t, "disable_user", `{"userId":"u"}`)
	for _, x := range []struct {
		name     string
		response retool.Response
		isError  bool
		want     string
	}{
		{"no content", retool.Response{Status: 204}, false, "Done: disable_user succeeded (HTTP 204, nothing to return)."},
		{"blank", retool.Response{Status: 200, ContentType: "application/json", Body: []byte(" \n")}, false, "Done: disable_user succeeded (HTTP 200, nothing to return)."},
		{"text", retool.Response{Status: 200, ContentType: "text/plain", Body: []byte("hello ")}, false, "hello"},
		{"bytes", retool.Response{Status: 200, ContentType: "application/zip", Body: []byte("PK\x00\xff")}, false, "4 bytes of application/zip"},
		{"broken JSON", retool.Response{Status: 200, ContentType: "application/json", Body: []byte(`{"data":[1,`)}, true, "not valid JSON"},
		{"broken JSON without a type", retool.Response{Status: 200, Body: []byte(`{"data":[1,`)}, true, "The write may have taken effect"},
		{"JSON labeled a page", retool.Response{Status: 200, ContentType: "text/html", Body: []byte(`{"success":true,"data":{"id":1}}`)}, false, `{"data":{"id":1}}`},
		{"JSON labeled text", retool.Response{Status: 200, ContentType: "Text/Plain; charset=utf-8", Body: []byte("\ufeff" + ` {"data":{"id":1}}`)}, false, `{"data":{"id":1}}`},
		{"JSON of another kind", retool.Response{Status: 200, ContentType: "application/vnd.retool+json", Body: []byte(`{"id":1}`)}, false, `{"id":1}`},
		{"bare text labeled a page", retool.Response{Status: 200, ContentType: "text/html", Body: []byte("Deleted")}, false, "Deleted"},
		{"log lines", retool.Response{Status: 200, ContentType: "text/plain", Body: []byte("[2026-11-30] started\n[2026-11-30] ended")}, false, "[2026-11-30] started\n[2026-11-30] ended"},
		{"a line of JSON in a log", retool.Response{Status: 200, ContentType: "text/plain", Body: []byte(`{"level":"info"} started`)}, false, `{"level":"info"} started`},
		{"NDJSON", retool.Response{Status: 200, ContentType: "application/x-ndjson", Body: []byte("{\"id\":1}\n{\"id\":2}\n")}, false, "{\"id\":1}\n{\"id\":2}"},
		{"one line of NDJSON", retool.Response{Status: 200, ContentType: "application/x-ndjson", Body: []byte("{\"success\":true}\n")}, false, `{}`},
		{"a failure under another type", retool.Response{Status: 200, ContentType: "text/javascript", Body: []byte(`{"success":false,"message":"taken"}`)}, true, `reports a failure: "taken"`},
		{"a failure under a list of types", retool.Response{Status: 200, ContentType: "application/json,application/json", Body: []byte(`{"success":false,"message":"taken"}`)}, true, `reports a failure: "taken"`},
		{"a failure under no type", retool.Response{Status: 200, ContentType: "json", Body: []byte(`{"success":false,"message":"taken"}`)}, true, `reports a failure: "taken"`},
		{"a failure as text/json", retool.Response{Status: 200, ContentType: "text/json", Body: []byte(`{"success":false,"message":"taken"}`)}, true, `reports a failure: "taken"`},
		{"a failure as XML", retool.Response{Status: 200, ContentType: "text/xml", Body: []byte(`{"success":false,"message":"taken"}`)}, true, `reports a failure: "taken"`},
		{"an object of another API", retool.Response{Status: 200, ContentType: "text/xml", Body: []byte(`{"ok":true}`)}, false, `{"ok":true}`},
		{"CSV", retool.Response{Status: 200, ContentType: "text/csv", Body: []byte("[id],name\n1,x")}, false, "[id],name\n1,x"},
		{"YAML", retool.Response{Status: 200, ContentType: "application/yaml", Body: []byte("{a: 1, b: [2]}")}, false, "{a: 1, b: [2]}"},
		{"JavaScript", retool.Response{Status: 200, ContentType: "text/javascript", Body: []byte("[1].map(x => x)")}, false, "[1].map(x => x)"},
		{"JSON and more", retool.Response{Status: 200, ContentType: "application/json", Body: []byte(`{} {}`)}, true, "not valid JSON"},
		{"failure under 200", *answer(`{"success":false,"message":"No such app"}`), true, `HTTP 200, but Retool reports a failure: "No such app"`},
		{"failure without a message", *answer(`{"success":false,"code":7}`), true, `reports a failure: "{\"code\":7}"`},
		{"a page of what is not paged", *answer(`{"data":[1],"next_token":"t","has_more":true}`), false, "describes no paging for disable_user"},
	} {
		r := result.Render(get, &x.response, result.Options{})
		require.Equal(t, x.isError, r.IsError, x.name)
		require.Contains(t, r.Text, x.want, x.name)
	}
}

// A read whose answer is described returns something.
func TestReadsReturnSomething(t *testing.T) {
	o := result.Options{SettingNames: result.SettingNames{Address: "--url"}}
	for _, tool := range []string{"list_users", "get_user"} {
		arguments := map[string]string{"get_user": `{"userId":"u"}`}[tool]
		for _, r := range []retool.Response{{Status: 204}, {Status: 200, ContentType: "application/json"}, {Status: 200, Body: []byte("\ufeff \n")}} {
			got := result.Render(call(t, tool, arguments), &r, o)
			require.True(t, got.IsError, tool)
			require.Contains(t, got.Text, "but the response is empty: something other than Retool may have sent it. Check --url.")
		}
	}
	got := result.Render(call(t, "get_organization", "{}"), &retool.Response{Status: 204}, o)
	require.Equal(t, "Done: get_organization succeeded (HTTP 204, nothing to return).", got.Text, "it is not known what it returns")
}

func TestNextPageIsACall(t *testing.T) {
	list := call(t, "list_users", `{"limit":2,"email":"a@b","format":"json"}`)
	next := "there is more. Next page: call list_users with "
	for _, x := range []struct{ name, body, want string }{
		{
			"with a total", `{"success":true,"data":[1,2],"total_count":5,"next_token":"t+/=","has_more":true}`,
			"\n\nThis page holds 2 of 5 items; " + next + `{"limit":2,"email":"a@b","format":"json","next_token":"t+/="}`,
		},
		{
			"the other spelling", `{"data":[{},{}],"next":"t","has_more":true}`,
			"\n\nThis page holds 2 items; " + next + `{"limit":2,"email":"a@b","format":"json","next_token":"t"}`,
		},
		{"no has_more", `{"data":[1],"next_token":"t"}`, next + `{"limit":2,"email":"a@b","format":"json","next_token":"t"}`},
		{"a number for a token", `{"data":[1],"next_token":17,"has_more":true}`, `"next_token":"17"}`},
		{"quotes in a token", `{"data":[1],"next_token":"a\"b\\","has_more":true}`, `"next_token":"a\"b\\"}`},
	} {
		r := result.Render(list, answer(x.body), result.Options{})
		require.False(t, r.IsError, x.name)
		require.True(t, strings.HasSuffix(r.Text, x.want), "%s: %s", x.name, r.Text)
	}
	for _, end := range []string{
		`{"data":[1],"next_token":null,"has_more":false}`,
		`{"data":[1],"next_token":"","has_more":false}`,
		`{"data":[1],"next_token":"t","has_more":false}`,
		`{"data":[1]}`,
	} {
		require.NotContains(t, result.Render(list, answer(end), result.Options{}).Text, "Next page", end)
	}
	lost := result.Render(list, answer(`{"data":[1,2],"total_count":9,"next_token":null,"has_more":true}`), result.Options{})
	require.True(t, lost.IsError)
	require.Contains(t, lost.Text, "This page holds 2 of 9 items and has_more is true, but Retool sent no token")
	require.Contains(t, lost.Text, `{"data":[1,2]`)
	table := result.Render(call(t, "list_users", `{"limit":2}`), answer(`{"data":[{"id":1}],"total_count":5,"next_token":"t","has_more":true}`), result.Options{})
	require.Equal(t, "# 1 of 5 rows; there is more. Next page: call list_users with {\"limit\":2,\"next_token\":\"t\"}\nid\n1", table.Text)
}

func TestAdviceOnStatuses(t *testing.T) {
	get, del := call(t, "get_user", `{"userId":"u"}`), call(t, "disable_user", `{"userId":"u"}`)
	org, post := call(t, "get_organization", ``), call(t, "create_organization", ``)
	for _, x := range []struct {
		call *tools.Call
		err  *retool.StatusError
		want string
	}{
		{get, &retool.StatusError{Status: 400, Message: "Invalid uuid"}, "HTTP 400 Bad Request: \"Invalid uuid\"\nRetool rejected the arguments"},
		{get, &retool.StatusError{Status: 401}, "Check --token-file and --url."},
		{get, &retool.StatusError{Status: 403, Message: "no"}, "requires the scope users:read and the Enterprise plan"},
		{del, &retool.StatusError{Status: 403}, "requires the scope users:write. Organization admins"},
		{org, &retool.StatusError{Status: 403}, "The access token does not allow this. Organization admins"},
		{get, &retool.StatusError{Status: 404, Message: "User not found"}, "User not found\"\nNo object has that id: list_users lists valid values of userId."},
		{del, &retool.StatusError{Status: 404}, "If it was already deleted, there is nothing left to do."},
		{org, &retool.StatusError{Status: 404}, "this release of Retool may not have the operation"},
		{get, &retool.StatusError{Status: 405}, "does not have the operation GET /users/{userId}"},
		{get, &retool.StatusError{Status: 501}, "This release of Retool does not have the operation GET /users/{userId}"},
		{post, &retool.StatusError{Status: 409}, "Conflict with the current state"},
		{post, &retool.StatusError{Status: 422}, "Retool rejected the arguments"},
		{get, &retool.StatusError{Status: 429}, "Wait 1 minute"},
		{get, &retool.StatusError{Status: 429, RetryAfter: 2500 * time.Millisecond}, "Wait 3 seconds"},
		{get, &retool.StatusError{Status: 500}, "Retry in a moment"},
		{post, &retool.StatusError{Status: 503}, "check whether the change took effect"},
		{get, &retool.StatusError{Status: 200, HTML: true, Message: "Log in"}, "A login page or a proxy responded"},
		{get, &retool.StatusError{Status: 502, HTML: true}, "Retry in a moment"},
		{get, &retool.StatusError{Status: 400, Plain: true, Message: "Client sent an HTTP request to an HTTPS server."}, "Correct the scheme of --url"},
		{get, &retool.StatusError{Status: 418, Message: "teapot"}, "Correct what the message names"},
		{get, &retool.StatusError{Status: 418}, "The response does not say why"},
		{post, &retool.StatusError{Status: 408}, "check whether the change took effect"},
		{get, &retool.StatusError{Status: 425}, "Retry in a moment"},
		{get, &retool.StatusError{Status: 421, Message: "x"}, "does not serve this address. Check --url"},
		{get, &retool.StatusError{Status: 511, HTML: true}, "requires a login"},
		{get, &retool.StatusError{Status: 402}, "The organization's Retool plan does not include this operation: it requires the Enterprise plan. Another token or scope does not help."},
		{get, &retool.StatusError{Status: 403, Message: "this API endpoint is not available on your plan"}, "plan does not include"},
		{get, &retool.StatusError{Status: 403, Message: "Your plan doesn't support SSO"}, "plan does not include"},
		{get, &retool.StatusError{Status: 403, Message: "Upgrade to the Enterprise plan to use this"}, "plan does not include"},
		{get, &retool.StatusError{Status: 403, Message: "Feature only available on Business plans"}, "plan does not include"},
		{get, &retool.StatusError{Status: 403, Message: `API token is missing one of "users:read" for group Upgrade your plan`}, "requires the scope users:read"},
		{get, &retool.StatusError{Status: 403, Message: "cannot explain: please plan to request scope"}, "requires the scope users:read"},
	} {
		r := result.Failure(x.call, x.err, result.Options{SettingNames: result.SettingNames{Address: "--url", Token: "--token-file"}})
		require.True(t, r.IsError)
		require.Contains(t, r.Text, x.want)
	}
	require.Equal(t, "broken", result.Failure(get, errors.New("broken"), result.Options{}).Text)
}
