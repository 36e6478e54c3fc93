package cli_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// pipedThroughJQ returns what a filter of jq makes of output, or checks that output
// is JSON where there is no jq.
func pipedThroughJQ(t *testing.T, filter, output string) (made string, is bool) {
	t.Helper()
	jq, err := exec.LookPath("jq")
	if err != nil {
		for decoder := json.NewDecoder(strings.NewReader(output)); ; {
			var value any
			if err := decoder.Decode(&value); err == io.EOF {
				return "", false
			} else if err != nil {
				t.Fatalf("%v in %s", err, output)
			}
		}
	}
	cmd := exec.CommandContext(t.Context(), jq, "-c", filter)
	cmd.Stdin = strings.NewReader(output)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out), true
}

// Each tool prints JSON and nothing else, or nothing and says why on standard
// error.
func TestCallForProgramsWithEveryToolOfTheSandbox(t *testing.T) {
	code, out, errs := run(t, nil, "tools", "--json")
	require.Zero(t, code, errs)
	var catalog struct {
		Tools []struct {
			Name        string
			InputSchema struct{ Required []string }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(out), &catalog))
	require.Greater(t, len(catalog.Tools), 140)
	var outputs strings.Builder
	printed, refused := 0, 0
	for _, tool := range catalog.Tools {
		code, out, errs := run(t, nil, "--sandbox", "--confirm=never", "call", tool.Name, "--output", "json")
		if len(tool.InputSchema.Required) > 0 {
			require.Equal(t, 2, code, "%s: %s", tool.Name, errs)
		}
		if code == 0 || code == 3 {
			require.Equal(t, 1, strings.Count(out, "\n"), tool.Name)
			outputs.WriteString(out)
			printed++
		} else {
			require.Empty(t, out, tool.Name)
			refused++
		}
		if code != 0 {
			var notice struct{ Kind, Message string }
			require.NoError(t, json.Unmarshal([]byte(errs), &notice), "%s: %s", tool.Name, errs)
			require.NotEmpty(t, notice.Kind)
			require.NotEmpty(t, notice.Message)
			require.Equal(t, 1, strings.Count(errs, "\n"))
		}
	}
	require.Greater(t, printed, 20)
	require.Greater(t, refused, 60)
	if made, is := pipedThroughJQ(t, ".", outputs.String()); is {
		require.Equal(t, printed, strings.Count(made, "\n"))
	}
}

// The data is what the API sent, without "success": order, digits and characters.
func TestCallForProgramsPrintsTheDataAsItCame(t *testing.T) {
	long := strings.Repeat("x", 300_000) // far more than the ceiling for agents
	for sent, want := range map[string]string{
		`{"success":true,"data":{"b":1.50,"a":12345678901234567890,"c":1e400}}`:     `{"data":{"b":1.50,"a":12345678901234567890,"c":1e400}}`,
		"{\"success\":true,\"data\":{\"a\":\"\\u202e\\u0000\\n\u200b\U000e0041\"}}": `{"data":{"a":"\u202e\u0000\n\u200b\udb40\udc41"}}`,
		`{"success":true,"data":[{"id":"1","name":"a"},{"id":"2","name":"b"}]}`:     `{"data":[{"id":"1","name":"a"},{"id":"2","name":"b"}]}`,
		`{"success":true,"data":[]}`: `{"data":[]}`,
		`[]`:                         `[]`,
		`{"success":true,"data":[{"id":"` + long + `"}]}`:          `{"data":[{"id":"` + long + `"}]}`,
		`{"success":true,"data":{"password":"hunter2","id":"u1"}}`: `{"data":{"password":"[redacted: password]","id":"u1"}}`,
		`{"success":true,"data":{"id":"retool_hunter2token"}}`:     `{"data":{"id":"[access token]"}}`,
		`plain "text"`: `"plain \"text\""`,
		`{"data":[{"id":"1"}],"total_count":9,"next_token":"abc","has_more":true}`: `{"data":[{"id":"1"}],"total_count":9,"next_token":"abc","has_more":true}`,
	} {
		upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if strings.HasPrefix(sent, "plain") {
				w.Header().Set("Content-Type", "text/plain")
			}
			_, _ = io.WriteString(w, sent)
		}))
		code, out, errs := run(t, map[string]string{"RETOOL_TOKEN": "retool_hunter2token"}, "call", "list_users", "--spec", specFile(t), "--url", upstream.URL, "--output=JSON")
		upstream.Close()
		if strings.Contains(sent, "next_token") { // of a tool without paging
			require.Equal(t, 3, code, errs)
			require.Contains(t, errs, `{"kind":"incomplete",`)
		} else {
			require.Zero(t, code, errs)
		}
		require.Equal(t, want+"\n", out)
		require.NotContains(t, out+errs, "hunter2")
		pipedThroughJQ(t, ".", out)
	}
}

// The exit code and the kind of an error tell a program what to do.
func TestExitCodesAndKindsForPrograms(t *testing.T) {
	answer := func(status int, kind, body string) string {
		upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}))
		t.Cleanup(upstream.Close)
		return upstream.URL
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	arguments := filepath.Join(t.TempDir(), "arguments.json")
	require.NoError(t, os.WriteFile(arguments, []byte(`{"limit":2}`), 0o600))
	sandbox := func(args ...string) []string { return append([]string{"--sandbox"}, args...) }
	at := func(url string) []string {
		return []string{"--url", url, "--token", "retool_hunter2", "--retries=0", "--spec", "embedded", "get_user", "userId=user_1"}
	}
	for _, x := range []struct {
		args []string
		code int
		kind string // "" for nothing on standard error
		data bool
	}{
		{sandbox("list_users", "all_pages=true"), 0, "", true},
		{sandbox("list_users", "limit=2"), 3, "incomplete", true},
		{sandbox("list_users", "--args", "@"+arguments), 3, "incomplete", true},
		{sandbox("list_users", "max_items=3", "format=table"), 3, "incomplete", true},
		{sandbox("--max-result-tokens=1000", "list_users", "all_pages=true"), 3, "incomplete", true},
		{sandbox("list_groups", "all_pages=true", "fields=[\"id\"]"), 0, "", true},
		{sandbox("create_group", "name=a", "dry_run=true"), 0, "", true},
		{sandbox("get_user"), 2, "bad_arguments", false},
		{sandbox("get_user", "userId=.."), 2, "bad_arguments", false},
		{sandbox("list_users", "fields=[\"nope\"]"), 2, "bad_arguments", false},
		{sandbox("get_user", "userId=user_none"), 1, "api_error", false},
		{sandbox("nope"), 2, "usage", false},
		{sandbox("list_users", "nope"), 2, "usage", false},
		{sandbox("--toolsets", "nope", "list_users"), 2, "usage", false},
		{sandbox("--read-only", "disable_user", "userId=u1"), 2, "usage", false},
		{sandbox("--confirm=always", "delete_group", "groupId=1"), 2, "forbidden_here", false},
		{sandbox("create_access_token", "label=ab", "scopes=[\"users:read\"]"), 2, "forbidden_here", false},
		{[]string{"--spec", "embedded", "list_users"}, 2, "no_token", false},
		{at(answer(404, "application/json", `{"success":false,"message":"no"}`)), 1, "api_error", false},
		{at(answer(500, "text/plain", "oops")), 1, "api_error", false},
		{at(answer(200, "application/json", `{"success":false,"message":"no"}`)), 1, "api_error", false},
		{at(answer(200, "application/json", `{"data":`)), 4, "bad_response", false},
		{at(gone.URL), 4, "refused", false},
		{at("http://nowhere.invalid"), 4, "dns", false},
		{at(strings.Replace(answer(200, "", ""), "http:", "https:", 1)), 4, "tls", false},
	} {
		args := append([]string{"call", "--output", "json"}, x.args...)
		code, out, errs := run(t, nil, args...)
		require.Equal(t, x.code, code, "%v: %s", args, errs)
		require.Equal(t, x.data, out != "", "%v: %s", args, out)
		require.NotContains(t, errs, "hunter2")
		if x.data {
			pipedThroughJQ(t, ".", out)
		}
		if x.kind == "" {
			continue
		}
		var notice struct {
			Kind, Message string
			Status        int
		}
		require.NoError(t, json.Unmarshal([]byte(errs), &notice), errs)
		require.Equal(t, x.kind, notice.Kind, "%v", args)
		require.NotEmpty(t, notice.Message)
		require.Equal(t, notice.Status != 0, x.kind == "api_error" || x.kind == "bad_response", errs)
	}
	code, out, errs := run(t, nil, "call", "--output", "json", "--spec", "live", "--url", gone.URL, "--retries=0", "list_users")
	require.Equal(t, 4, code, errs)
	require.Empty(t, out)
	require.Contains(t, errs, `{"kind":"refused"`)
	code, _, errs = run(t, nil, "call", "--output", "yaml", "list_users")
	require.Equal(t, 2, code)
	require.Contains(t, errs, `--output must be text or json, not "yaml"`)

	// A one-time secret goes to its file, and the note says where.
	folder := t.TempDir()
	code, out, errs = run(t, nil, "--sandbox", "--secret-dir", folder, "call", "create_access_token", "label=ab", "scopes=[\"users:read\"]", "--output=json")
	require.Zero(t, code, errs)
	require.Contains(t, out, "[redacted: access_token]")
	require.Contains(t, errs, `{"kind":"note","message":"The access_token was saved to the file `)
	pipedThroughJQ(t, ".data", out)

	// Without --output json everything is as before.
	for _, x := range []struct {
		args []string
		code int
	}{{[]string{"get_user"}, 1}, {[]string{"get_user", "userId=user_none"}, 1}, {[]string{"nope"}, 2}, {[]string{"list_users", "limit=2"}, 0}} {
		code, _, errs := run(t, nil, append([]string{"--sandbox", "call", "--output=text"}, x.args...)...)
		require.Equal(t, x.code, code, errs)
		require.NotContains(t, errs, `"kind"`)
	}
}

// The pages of a list become one object, in the form of the API's.
func TestPagesForProgramsAreOneObject(t *testing.T) {
	code, out, errs := run(t, nil, "--sandbox", "call", "list_users", "--output", "json", "all_pages=true", "limit=100")
	require.Zero(t, code, errs)
	var list struct {
		Data      []struct{ ID string }
		HasMore   bool `json:"has_more"`
		NextToken any  `json:"next_token"`
		Total     int  `json:"total_count"`
	}
	require.NoError(t, json.Unmarshal([]byte(out), &list))
	require.Len(t, list.Data, 250)
	require.Equal(t, 250, list.Total)
	require.False(t, list.HasMore)
	require.Nil(t, list.NextToken)
	if made, is := pipedThroughJQ(t, ".data|length", out); is {
		require.Equal(t, "250\n", made)
	}
	// A loop over pages, as a script has it.
	ids, token := map[string]bool{}, ""
	for page := 0; ; page++ {
		code, out, errs = run(t, nil, "--sandbox", "call", "list_users", "--output", "json", "limit=100", "next_token="+token)
		require.Equal(t, map[bool]int{true: 0, false: 3}[page == 2], code, errs)
		list.NextToken, list.Data = nil, nil
		require.NoError(t, json.Unmarshal([]byte(out), &list))
		for _, user := range list.Data {
			ids[user.ID] = true
		}
		if list.NextToken == nil {
			break
		}
		token = fmt.Sprint(list.NextToken)
	}
	require.Len(t, ids, 250)
}
