package cli_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// requestsTo is an instance that remembers the lines of its requests.
type requestsTo struct {
	*httptest.Server
	mu   sync.Mutex
	seen []string
}

func newRequestsTo(t *testing.T) *requestsTo {
	t.Helper()
	r := &requestsTo{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.seen = append(r.seen, strings.TrimSpace(req.Method+" "+req.URL.RequestURI()+" "+string(body)))
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"success":true,"data":{}}`)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *requestsTo) take() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	seen := strings.Join(r.seen, "\n")
	r.seen = nil
	return seen
}

// A script whose variable is not set wants no write.
func TestEmptyDryRunIsAUsageError(t *testing.T) {
	u := newRequestsTo(t)
	file := filepath.Join(t.TempDir(), "arguments.json")
	require.NoError(t, os.WriteFile(file, []byte("\ufeff{\"groupId\":9,\"dry_run\":\"\"}"), 0o600))
	for _, args := range [][]string{
		{"groupId=9", "dry_run="},
		{"groupId=9", "dry_run= "},
		{"groupId=9", "dry_run=\t\n"},
		{"groupId=9", "dry_run=null"},
		{"groupId=9", "dry_run= null "},
		{"groupId=9", `dry_run=""`},
		{"groupId=9", `dry_run=" "`},
		{"groupId=9", `dry_run="\u00a0"`},
		{"dry_run=", "groupId=9"},
		{"groupId=9", "--args", `{"dry_run":null}`},
		{"groupId=9", "--args", `{"dry_run":""}`},
		{"groupId=9", "--args", `{"\u0064ry_run" : "\r"}`},
		{"--args", `{"groupId":9,"dry_run":null}`},
		{"--args", `{"groupId":9e0,"dry_run":"","x":1e350}`},
		{"--args", `{"groupId":"\ud83d","dry_run":""}`},
		{"--args", "@" + file},
	} {
		for _, format := range []string{"text", "json"} {
			code, out, errs := run(t, map[string]string{"RETOOL_TOKEN": "retool_t", "RETOOL_MCP_CONFIRM": "never"},
				append([]string{"--url", u.URL, "--spec", "embedded", "call", "delete_group", "--output", format}, args...)...)
			require.Equal(t, 2, code, "%q: %s%s", args, out, errs)
			require.Empty(t, out)
			require.Contains(t, errs, "dry_run is empty: set it to true or false, or leave it out", "%q", args)
			require.Equal(t, format == "json", strings.HasPrefix(errs, `{"kind":"usage","message":`), errs)
			require.Empty(t, u.take(), "%q", args)
		}
	}
	for _, x := range []struct {
		args []string
		code int
		sent string
	}{
		{[]string{"groupId=9"}, 0, "DELETE /api/v2/groups/9"},
		{[]string{"groupId=9", "dry_run=false"}, 0, "DELETE /api/v2/groups/9"},
		{[]string{"groupId=9", `dry_run="false"`}, 0, "DELETE /api/v2/groups/9"},
		{[]string{"--args", `{"groupId":9,"dry_run":false}`}, 0, "DELETE /api/v2/groups/9"},
		{[]string{"groupId=9", "dry_run=true"}, 0, "GET /api/v2/groups/9"},
		{[]string{"groupId=9", "dry_run=1"}, 1, ""},
		{[]string{"groupId=9", "dry_run=1e999"}, 1, ""},
		{[]string{"groupId=9", "dry_run=no"}, 1, ""},
		{[]string{"groupId=9", `dry_run="null"`}, 1, ""},
		{[]string{"groupId=9", "dry_run=[]"}, 1, ""},
		{[]string{"groupId=9", "dry_run={}"}, 1, ""},
		{[]string{"groupId=9", "dry_run=true", "dry_run="}, 2, ""},
		{[]string{"--args", `{"groupId":9,"dry_run":}`}, 1, ""},
	} {
		code, _, errs := run(t, map[string]string{"RETOOL_TOKEN": "retool_t", "RETOOL_MCP_CONFIRM": "never"},
			append([]string{"--url", u.URL, "--spec", "embedded", "call", "delete_group"}, x.args...)...)
		require.Equal(t, x.code, code, "%q: %s", x.args, errs)
		require.Equal(t, x.sent, u.take(), "%q", x.args)
	}
}

const typedDocument = `
openapi: 3.0.0
info: {title: T, version: '1'}
paths:
  /things/{id}:
    post:
      operationId: postThing
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                text: {type: string}
                nullable: {type: string, nullable: true}
                choice: {type: string, enum: ['1.0', '2.0']}
                version: {type: string, pattern: '^\d+\.\d+$'}
                texts: {type: array, items: {type: string}}
                numbers: {type: array, items: {type: number}}
                number: {type: number}
                whole: {type: integer}
                either: {oneOf: [{type: string}, {type: number}]}
                whole_or_text: {anyOf: [{type: integer}, {type: string}]}
                text_or_list: {anyOf: [{type: array, items: {type: string}}, {type: string}]}
                all: {allOf: [{type: string}, {minLength: 2}]}
                any: {}
                object: {type: object}
      responses: {"200": {content: {application/json: {schema: {type: object}}}}}
`

// What is typed for a text stays as typed, though it looks like a number. A number
// in JSON is one.
func TestTypedTextStaysAsTyped(t *testing.T) {
	u := newRequestsTo(t)
	spec := filepath.Join(t.TempDir(), "typed.yaml")
	require.NoError(t, os.WriteFile(spec, []byte(typedDocument), 0o600))
	code, out, errs := run(t, nil, "--spec", spec, "tools", "--json")
	require.Zero(t, code, errs)
	_, name, _ := strings.Cut(out, `"name":"`)
	name, _, _ = strings.Cut(name, `"`)
	for typed, want := range map[string]string{ // the body, or "" for an error
		"text=1.0":                         `{"text":"1.0"}`,
		"text=1e2":                         `{"text":"1e2"}`,
		"text=-0":                          `{"text":"-0"}`,
		"text=-0.10":                       `{"text":"-0.10"}`,
		"text=5":                           `{"text":"5"}`,
		"text=1E+2":                        `{"text":"1E+2"}`,
		"text=1e999":                       `{"text":"1e999"}`,
		"text=007":                         `{"text":"007"}`,
		"text=12345678901234567890.0":      `{"text":"12345678901234567890.0"}`,
		"text=" + strings.Repeat("9", 500): `{"text":"` + strings.Repeat("9", 500) + `"}`,
		`text="1.0"`:                       `{"text":"1.0"}`,
		"text=true":                        `{"text":"true"}`,
		"nullable=2.50":                    `{"nullable":"2.50"}`,
		"nullable=null":                    `{"nullable":null}`,
		"choice=2.0":                       `{"choice":"2.0"}`,
		"choice=2.00":                      "",
		"version=2.0":                      `{"version":"2.0"}`,
		"texts=1.0":                        `{"texts":["1.0"]}`,
		"texts=[1.0]":                      `{"texts":["1"]}`, // JSON
		"numbers=1.50":                     `{"numbers":[1.50]}`,
		"number=1.50":                      `{"number":1.50}`,
		"number=1e2":                       `{"number":1e2}`,
		"whole=1.0":                        `{"whole":1.0}`,
		"whole=1.5":                        "",
		"either=1.0":                       `{"either":1.0}`,
		"whole_or_text=1.0":                `{"whole_or_text":1.0}`,
		"whole_or_text=1.5":                `{"whole_or_text":"1.5"}`,
		"text_or_list=1.0":                 `{"text_or_list":"1.0"}`,
		"all=1.0":                          `{"all":"1.0"}`,
		"any=1.0":                          `{"any":1.0}`,
		`object={"a":1.0}`:                 `{"object":{"a":1.0}}`,
	} {
		code, _, errs := run(t, map[string]string{"RETOOL_TOKEN": "retool_t"}, "--url", u.URL, "--spec", spec, "call", name, "id=3.0", typed)
		if want == "" {
			require.Equal(t, 1, code, typed)
			require.Empty(t, u.take(), typed)
			continue
		}
		require.Zero(t, code, "%s: %s", typed, errs)
		require.Equal(t, "POST /api/v2/things/3.0 "+want, u.take(), typed)
	}
	code, _, errs = run(t, map[string]string{"RETOOL_TOKEN": "retool_t"}, "--url", u.URL, "--spec", spec, "call", name, "--args", `{"id":3.0,"text":1.0}`)
	require.Zero(t, code, errs)
	require.Equal(t, `POST /api/v2/things/3 {"text":"1"}`, u.take(), "numbers in JSON are numbers")
}

// Tools of several instances take typed text too.
func TestTypedTextForOneOfSeveralInstances(t *testing.T) {
	u := newRequestsTo(t)
	config := filepath.Join(t.TempDir(), "retool.yaml")
	require.NoError(t, os.WriteFile(config, []byte("spec: embedded\nconfirm: never\ninstances:\n  a: {url: "+u.URL+", token: retool_a}\n  b: {url: "+u.URL+", token: retool_b}\n"), 0o600))
	code, _, errs := run(t, nil, "--config", config, "call", "create_user", "instance=b", "email=a@example.com", "first_name=2e3", "last_name=1.0")
	require.Zero(t, code, errs)
	require.Contains(t, u.take(), `"last_name":"1.0"`)
	code, _, errs = run(t, nil, "--config", config, "call", "delete_group", "instance=b", "groupId=9", "dry_run=")
	require.Equal(t, 2, code)
	require.Contains(t, errs, "dry_run is empty")
	require.Empty(t, u.take())
}
