package sandbox_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/seed"
)

// How to write tests here: start a sandbox (start), then call operations by
// their operationId: ok/object/items for what has to succeed, fails for what has
// to fail, call for the bare answer:
//
//	a := start(t, sandbox.Options{})
//	group := a.object("create_group", request{}.with(map[string]any{"name": "Night shift"}))
//	a.ok("delete_group", at("groupId", text(group["id"])))
//	a.fails(http.StatusNotFound, "get_group", at("groupId", text(group["id"])))

// api is a client of a sandbox that knows operations by their operationId and
// checks every answer against the description: its status must be a declared
// one and its body fit the schema, and a failure must come in the envelope.
type api struct {
	t     testing.TB
	box   *sandbox.Sandbox
	url   string // without /api/v2
	token string
}

// request is what a call of an operation needs.
type request struct {
	path  map[string]string
	query map[string]string
	body  any               // written as JSON; nil for none
	files map[string]string // for a multipart body, whose fields are then body's
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	raw    []byte
	body   any // the JSON, with numbers as float64
}

// start serves a sandbox of its own for one test.
func start(t testing.TB, o sandbox.Options) *api {
	t.Helper()
	box := newSandbox(t, o)
	server := httptest.NewServer(box)
	t.Cleanup(func() {
		server.Close()
		require.NoError(t, box.Close())
	})
	return &api{t: t, box: box, url: server.URL, token: sandbox.DefaultToken}
}

// organizations has one for each seed, sizes and day. No sandbox changes it.
var organizations sync.Map

// newSandbox is sandbox.New that does not make the same organization twice.
func newSandbox(t testing.TB, o sandbox.Options) *sandbox.Sandbox {
	t.Helper()
	if o.State != "" {
		box, err := sandbox.New(o)
		require.NoError(t, err)
		return box
	}
	type key struct {
		seed  uint64
		sizes seed.Sizes
		today time.Time
	}
	k := key{o.Seed, o.Sizes, o.Today}
	made, ok := organizations.Load(k)
	if ok {
		o.Sizes = seed.Sizes{Users: 1, Groups: 1, Folders: 1, Apps: 1, Resources: 1, Environments: 1, Workflows: 1, Spaces: -1}
	}
	box, err := sandbox.New(o)
	require.NoError(t, err)
	if ok {
		box.SetOrganization(made.(*model.Org))
	} else {
		organizations.Store(k, box.Organization())
	}
	return box
}

// in is the same client for another test.
func (a *api) in(t testing.TB) *api {
	b := *a
	b.t = t
	return &b
}

// space is a client for a space, by its id or domain.
func (a *api) space(id string) *api {
	b := *a
	b.url += "/space/" + url.PathEscape(id)
	return &b
}

// call sends one request and checks the answer's form.
func (a *api) call(id string, r request) answer {
	a.t.Helper()
	op, ok := described(a.t).operations[id]
	require.True(a.t, ok, "there is no operation %q", id)
	path := op.path
	for name, value := range r.path {
		path = strings.ReplaceAll(path, "{"+name+"}", url.PathEscape(value))
	}
	require.NotContains(a.t, path, "{", "%s: a path parameter has no value", id)
	query := url.Values{}
	for name, value := range r.query {
		query.Set(name, value)
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	body, contentType := encode(a.t, r)
	out := a.send(op.method, "/api/v2"+path, contentType, body)
	op.check(a.t, out)
	return out
}

func encode(t testing.TB, r request) (io.Reader, string) {
	if r.files != nil {
		var out bytes.Buffer
		w := multipart.NewWriter(&out)
		fields, _ := r.body.(map[string]any)
		for name, value := range fields {
			require.NoError(t, w.WriteField(name, value.(string)))
		}
		for name, content := range r.files {
			part, err := w.CreateFormFile("files", name)
			require.NoError(t, err)
			_, err = part.Write([]byte(content))
			require.NoError(t, err)
		}
		require.NoError(t, w.Close())
		return &out, w.FormDataContentType()
	}
	if r.body == nil {
		return http.NoBody, ""
	}
	data, err := json.Marshal(r.body)
	require.NoError(t, err)
	return bytes.NewReader(data), "application/json"
}

// send sends any request with the client's token.
func (a *api) send(method, path, contentType string, body io.Reader) answer {
	a.t.Helper()
	req, err := http.NewRequestWithContext(a.t.Context(), method, a.url+path, body)
	require.NoError(a.t, err)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if a.token != "" {
		req.Header.Set("Authorization", "Bearer "+a.token)
	}
	return a.do(req)
}

func (a *api) do(req *http.Request) answer {
	a.t.Helper()
	resp, err := http.DefaultClient.Do(req)
	require.NoError(a.t, err)
	defer resp.Body.Close()
	out := answer{status: resp.StatusCode, header: resp.Header}
	out.raw, err = io.ReadAll(resp.Body)
	require.NoError(a.t, err)
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		require.NoError(a.t, json.Unmarshal(out.raw, &out.body), "%s", out.raw)
	}
	return out
}

// ok calls an operation that has to succeed and returns the envelope's data, or
// the whole body where there is no envelope.
func (a *api) ok(id string, r request) any {
	a.t.Helper()
	out := a.call(id, r)
	require.Less(a.t, out.status, 300, "%s: %s", id, out.raw)
	if envelope, ok := out.body.(map[string]any); ok && envelope["success"] != nil {
		return envelope["data"]
	}
	return out.body
}

// object is ok for data that is an object, items for data that is a list.
func (a *api) object(id string, r request) map[string]any {
	a.t.Helper()
	out, ok := a.ok(id, r).(map[string]any)
	require.True(a.t, ok, "%s answers no object", id)
	return out
}

func (a *api) items(id string, r request) []map[string]any {
	a.t.Helper()
	list, ok := a.ok(id, r).([]any)
	require.True(a.t, ok, "%s answers no list", id)
	out := make([]map[string]any, len(list))
	for i, item := range list {
		out[i], ok = item.(map[string]any)
		require.True(a.t, ok, "%s: item %d is no object", id, i)
	}
	return out
}

// fails calls an operation that has to fail with a status, and returns the
// message.
func (a *api) fails(status int, id string, r request) string {
	a.t.Helper()
	out := a.call(id, r)
	require.Equal(a.t, status, out.status, "%s: %s", id, out.raw)
	return out.body.(map[string]any)["message"].(string)
}

// text is a value of an answer as a path or query takes it.
func text(value any) string {
	switch v := value.(type) {
	case string:
		return v
	default:
		data, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		return string(data)
	}
}

// at makes a request with path parameters, name after value.
func at(pairs ...string) request {
	r := request{path: map[string]string{}}
	for i := 0; i < len(pairs); i += 2 {
		r.path[pairs[i]] = pairs[i+1]
	}
	return r
}

// with is the request with a body.
func (r request) with(body any) request {
	r.body = body
	return r
}

// where is the request with query parameters, name after value.
func (r request) where(pairs ...string) request {
	r.query = map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		r.query[pairs[i]] = pairs[i+1]
	}
	return r
}

// patch is the request with a JSON Patch of one operation.
func (r request) patch(op, path string, value any) request {
	change := map[string]any{"op": op, "path": path}
	if op != "remove" {
		change["value"] = value
	}
	return r.with(map[string]any{"operations": []any{change}})
}

// state is a text that is the same while nothing changes.
func (a *api) state() string {
	a.t.Helper()
	data, err := a.box.MarshalJSON()
	require.NoError(a.t, err)
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
