package sandbox_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/internal/sandbox"
)

func TestHealth(t *testing.T) {
	a := start(t, sandbox.Options{})
	a.token = ""
	out := a.send(http.MethodGet, "/api/checkHealth", "", http.NoBody)
	require.Equal(t, http.StatusOK, out.status)
	require.Equal(t, map[string]any{"version": "4.0.0"}, out.body)
}

func TestDocument(t *testing.T) {
	a := start(t, sandbox.Options{})
	out := a.send(http.MethodGet, "/api/v2/spec", "", http.NoBody)
	require.Equal(t, http.StatusOK, out.status)
	doc, err := openapi.Read(openapi.Source{Data: out.raw, Address: a.url + "/api/v2/spec"})
	require.NoError(t, err)
	require.Empty(t, doc.Problems)
	require.Equal(t, a.url+"/api/v2/", doc.Server)
	var ids []string
	for _, op := range doc.Operations {
		ids = append(ids, op.ID)
	}
	require.ElementsMatch(t, described(t).ids, ids)

	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.url+"/api/v2/spec", http.NoBody)
	require.NoError(t, err)
	req.Header.Set("If-None-Match", out.header.Get("Etag"))
	require.Equal(t, http.StatusNotModified, a.do(req).status)
}

func TestUnknownPathsAreNotFound(t *testing.T) {
	a := start(t, sandbox.Options{})
	for _, path := range []string{"/", "/api", "/api/v2", "/api/v2/", "/api/v2/nothing", "/api/v1/users", "/api/v2/users/", "/api/v2/users/../groups", "/api/v2//users", "/api/v2/users/a/b/c"} {
		out := a.send(http.MethodGet, path, "", http.NoBody)
		if path == "/api/v2/users/" { // with a slash at the end it is the same
			require.Equal(t, http.StatusOK, out.status)
			continue
		}
		require.Equal(t, http.StatusNotFound, out.status, path)
		require.Equal(t, false, out.body.(map[string]any)["success"], path)
	}
	require.Equal(t, http.StatusNotFound, a.send(http.MethodPut, "/api/v2/users", "", http.NoBody).status)
	require.Equal(t, http.StatusNotFound, a.send(http.MethodGet, "/space/nowhere/api/v2/users", "", http.NoBody).status)
}

// An id is decoded once: what stands for a slash in it does not split the path.
func TestEncodedPath(t *testing.T) {
	a := start(t, sandbox.Options{})
	name := `Orders/2 "ü" % ..`
	resource := a.object("create_resource", request{}.with(map[string]any{"type": "restapi", "display_name": name, "options": map[string]any{"base_url": "https://api.example.com"}}))
	require.Equal(t, resource["id"], a.object("get_resource", at("resourceId", name))["id"])
}

func TestMalformedBodiesAreRefused(t *testing.T) {
	a := start(t, sandbox.Options{})
	for name, row := range map[string]struct{ contentType, body, message string }{
		"nothing":             {"application/json", "", "Missing required request body"},
		"no JSON":             {"application/json", "{", "Request body is not valid JSON"},
		"another type":        {"text/plain", `{"name":"Night shift"}`, "Missing required request body"},
		"no type":             {"", `{"name":"Night shift"}`, "Missing required request body"},
		"a field of a wrong":  {"application/json", `{"name":7}`, "Invalid string type for body parameter: name"},
		"a field that lacks":  {"application/json", `{}`, "Missing required body parameter: name"},
		"one of no such name": {"application/json", `{"name":"Night shift","universal_app_access":"all"}`, "Invalid enum value for body parameter: universal_app_access"},
	} {
		t.Run(name, func(t *testing.T) {
			out := a.in(t).send(http.MethodPost, "/api/v2/groups", row.contentType, strings.NewReader(row.body))
			require.Equal(t, http.StatusBadRequest, out.status)
			require.Equal(t, map[string]any{"success": false, "message": row.message}, out.body)
		})
	}
	// This text is a recorded one.
	message := a.fails(http.StatusBadRequest, "grant_permissions", request{}.with(map[string]any{
		"subject": map[string]any{"type": "group", "id": 1}, "access_level": "use",
		"object": map[string]any{"type": "screen", "id": "page1", "appId": "23ba02f3-12c2-456e-826f-13b616daa5ce"},
	}))
	require.Equal(t, "Invalid uuid type for body parameter: object.id", message)
}

func TestMalformedQueriesAreRefused(t *testing.T) {
	a := start(t, sandbox.Options{})
	for query, message := range map[string]string{
		"limit=0":                     "Value out of range for query parameter: limit",
		"limit=101":                   "Value out of range for query parameter: limit",
		"limit=many":                  "Invalid integer type for query parameter: limit",
		"limit=1&limit=2":             "Invalid integer type for query parameter: limit",
		"limit=1&next_token=tomorrow": "Invalid next_token",
		"limit=1&next_token=bGlzdHx4": "Invalid next_token",
	} {
		out := a.send(http.MethodGet, "/api/v2/users?"+query, "", http.NoBody)
		require.Equal(t, http.StatusBadRequest, out.status, query)
		require.Equal(t, message, out.body.(map[string]any)["message"], query)
	}
	// A token counts only together with a limit, and only for its own list.
	require.Len(t, a.items("list_users", request{}.where("next_token", "tomorrow")), 250)
	first := a.call("list_users", request{}.where("limit", "1")).body.(map[string]any)
	out := a.send(http.MethodGet, "/api/v2/apps?limit=1&next_token="+url.QueryEscape(first["next_token"].(string)), "", http.NoBody)
	require.Equal(t, http.StatusBadRequest, out.status)
}

func TestLargeBodyIsRefused(t *testing.T) {
	a := start(t, sandbox.Options{})
	out := a.send(http.MethodPost, "/api/v2/groups", "application/json", strings.NewReader(strings.Repeat(" ", 33<<20)))
	require.Equal(t, http.StatusRequestEntityTooLarge, out.status)
}

func TestSpacesHaveOwnObjects(t *testing.T) {
	a := start(t, sandbox.Options{})
	space := a.items("list_spaces", request{})[0]
	byID, byDomain := a.space(space["id"].(string)), a.space(space["domain"].(string))
	made := byID.object("create_group", request{}.with(map[string]any{"name": "Night shift"}))
	require.Equal(t, "Night shift", byDomain.object("get_group", at("groupId", text(made["id"])))["name"])
	for _, g := range a.items("list_groups", request{}) {
		require.NotEqual(t, "Night shift", g["name"])
	}
	require.Equal(t, "Spaces can be created in the main organization only", byID.fails(http.StatusBadRequest, "create_space",
		request{}.with(map[string]any{"name": "Below", "domain": "below.example.com"})))
	token := byID.object("create_access_token", request{}.with(map[string]any{"label": "ci", "scopes": []string{"groups:read"}}))
	byID.token, a.token = token["access_token"].(string), token["access_token"].(string)
	byID.ok("list_groups", request{})
	a.fails(http.StatusUnauthorized, "list_groups", request{})
}

// The pipe is HTTP as on a wire.
func TestPipe(t *testing.T) {
	a := start(t, sandbox.Options{})
	pipe := a.box.Serve()
	client := &http.Client{Transport: &http.Transport{DialContext: pipe.Dial}}
	for range 3 {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://anywhere/api/v2/users", http.NoBody)
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+a.token)
		resp, err := client.Do(req)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, resp.StatusCode)
		require.NoError(t, resp.Body.Close())
	}
	require.NoError(t, pipe.Close())
	client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://anywhere/api/v2/users", http.NoBody)
	require.NoError(t, err)
	_, err = client.Do(req) //nolint:bodyclose // there is none
	require.Error(t, err)
}
