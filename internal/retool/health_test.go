package retool_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/retool"
)

// Only the API's own response shows that calls can succeed.
func TestReadiness(t *testing.T) {
	say := func(status int, contentType, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	paths := func(handlers map[string]http.HandlerFunc, otherwise http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if handler := handlers[r.URL.Path]; handler != nil {
				handler(w, r)
				return
			}
			otherwise(w, r)
		}
	}
	page := say(200, htmlType, "<!doctype html><title>Log in</title>")
	envelope := say(200, jsonType, `{"success":true,"data":{}}`)
	noRoute := say(404, htmlType, "<pre>Cannot GET /api/v2/info/ip_allowlist</pre>")
	notAPI := func(status int) string {
		return fmt.Sprint("something other than Retool's API responds, with status ", status)
	}
	for name, x := range map[string]struct {
		answer        http.HandlerFunc
		token, health string // what the errors contain; "" for none
	}{
		"the API":                        {envelope, "", ""},
		"the API without the plan":       {say(403, jsonType, `{"success":false,"message":"this API endpoint is not available on your plan"}`), "", ""},
		"a rate limit":                   {say(429, htmlType, "Too many requests"), "", ""},
		"an older release":               {paths(map[string]http.HandlerFunc{"/api/v2/users": envelope, "/api/checkHealth": say(200, jsonType, `{"version":"3.33.1"}`)}, noRoute), "", ""},
		"a bad token":                    {say(401, jsonType, `{"success":false,"message":"Unauthorized"}`), "does not accept", ""},
		"a page everywhere":              {page, notAPI(200), notAPI(200)},
		"a JSON 404 everywhere":          {say(404, jsonType, `{"message":"Not Found"}`), notAPI(404), notAPI(404)},
		"a 404 of the API everywhere":    {say(404, jsonType, `{"success":false,"message":"Route not found"}`), notAPI(404), notAPI(404)},
		"a failure under 200 everywhere": {say(200, jsonType, `{"success":false,"message":"Invalid token"}`), notAPI(200), notAPI(200)},
		"any JSON everywhere":            {say(200, jsonType, `{"status":"ok"}`), notAPI(200), notAPI(200)},
		"a list of JSON everywhere":      {say(200, jsonType, `[]`), notAPI(200), notAPI(200)},
		"text everywhere":                {say(200, "text/plain", "OK"), notAPI(200), notAPI(200)},
		"nothing everywhere":             {say(204, "", ""), notAPI(204), notAPI(204)},
		"a login of a proxy":             {say(401, htmlType, "<html><title>Sign in</title></html>"), notAPI(401), notAPI(401)},
		"a redirect to a login":          {failing(302, "Location", "https://login.example/"), "redirect", "redirect"},
		"a redirect to a page":           {paths(map[string]http.HandlerFunc{"/login": page}, failing(302, "Location", "/login")), notAPI(200), notAPI(200)},
		"a gateway without Retool":       {failing(502), "status 502", "status 502"},
		"a refusal of a firewall":        {say(403, htmlType, "<html><title>Blocked</title></html>"), notAPI(403), notAPI(403)},
		"a proxy that wants a token":     {say(407, htmlType, "<html></html>"), notAPI(407), notAPI(407)},
		"pages of different statuses":    {paths(map[string]http.HandlerFunc{"/api/v2/users": page, "/api/v2/info/ip_allowlist": noRoute}, say(403, htmlType, "<html></html>")), notAPI(200), notAPI(404)},
		"a failure that looks like it":   {say(200, jsonType, `{"x":{"success":true}}`), notAPI(200), notAPI(200)},
	} {
		t.Run(name, func(t *testing.T) {
			client := newClient(t, serve(t, x.answer).URL)
			for _, check := range []struct {
				err  error
				want string
			}{{client.CheckToken(t.Context()), x.token}, {client.CheckHealth(t.Context()), x.health}} {
				if check.want == "" {
					require.NoError(t, check.err)
					continue
				}
				require.ErrorContains(t, check.err, check.want)
			}
		})
	}
}

// The health check says the time of the instance, whatever else it says.
func TestNow(t *testing.T) {
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	for date, want := range map[string]time.Time{"Mon, 02 Nov 2026 09:00:00 GMT": now, "": {}, "yesterday": {}} {
		var asked []string
		client := newClient(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
			asked = append(asked, r.URL.Path+r.Header.Get("Authorization"))
			w.Header()["Date"] = []string{date}
		}).URL)
		require.True(t, client.Now(t.Context()).Equal(want), date)
		require.Equal(t, []string{"/api/checkHealth"}, asked, "without a token")
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	require.Zero(t, newClient(t, "http://127.0.0.1:1").Now(gone))
}

func TestFromAPI(t *testing.T) {
	for body, want := range map[string]bool{
		`{"success":true}`: true, "\ufeff" + ` {"a":[1],"success":true}`: true, `{"success":false,"message":"x"}`: false, `{"data":[` + strings.Repeat("1,", 9): true,
		`{"success":"yes"}`: false, `{"success":null}`: false, `{}`: false, `[]`: false, ``: false, `{"data"`: false, `"data"`: false, `{"a":1,"success"`: false,
		`{"a":{"data":1}}`: false,
	} {
		require.Equal(t, want, (&retool.Response{Body: []byte(body)}).FromAPI(), body)
	}
}
