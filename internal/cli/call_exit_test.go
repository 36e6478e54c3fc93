package cli_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Exit code 1 is what the API itself refuses, 4 what stands before it, whether the
// call or the fetch of the document gets it.
func TestExitCodeTellsTheAPIFromWhatStandsBeforeIt(t *testing.T) {
	const page, envelope = "<!DOCTYPE html><html><title>Sign in</title></html>", `{"success":false,"message":"no"}`
	const htmlType, jsonType = "text/html; charset=utf-8", "application/json"
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, _ = w.Write([]byte(envelope))
	require.NoError(t, w.Close())
	for _, x := range []struct {
		status         int
		kind, encoding string
		body           string
		code           int
		says           string
	}{
		{200, htmlType, "", page, 4, "bad_response"},
		{200, "", "", page, 4, "bad_response"}, // by its first bytes
		{201, htmlType, "", page, 4, "bad_response"},
		{400, htmlType, "", page, 4, "bad_response"},
		{401, htmlType, "", page, 4, "bad_response"},
		{403, htmlType, "", page, 4, "bad_response"},
		{413, htmlType, "", page, 4, "bad_response"},
		{500, htmlType, "", page, 4, "bad_response"},
		{521, htmlType, "", page, 4, "bad_response"},
		{502, htmlType, "", page, 4, "bad_response"},
		{502, "text/plain", "", "bad gateway", 4, "bad_response"},
		{503, "", "", "", 4, "bad_response"},
		{503, jsonType, "", envelope, 4, "bad_response"},
		{504, "text/plain", "", "upstream request timeout", 4, "bad_response"},
		{407, "", "", "", 4, "bad_response"},
		{407, jsonType, "", `{"error":"proxy"}`, 4, "bad_response"},
		{200, jsonType, "br", "x", 4, "encoding"},
		{403, jsonType, "zstd", "x", 4, "bad_response"},
		{200, jsonType, "gzip", "no gzip", 4, ""},
		{200, jsonType, "", "{", 4, "bad_response"},
		{200, jsonType, "", "", 4, "bad_response"},
		{302, "", "", "", 4, "redirect"},

		{404, htmlType, "", page, 1, "api_error"}, // a release without the operation
		{405, htmlType, "", page, 1, "api_error"},
		{429, htmlType, "", page, 1, "api_error"}, // the usual limiter of Node
		{400, jsonType, "", envelope, 1, "api_error"},
		{401, jsonType, "", envelope, 1, "api_error"},
		{403, jsonType, "", envelope, 1, "api_error"},
		{403, jsonType, "gzip", zipped.String(), 1, "api_error"},
		{403, "text/plain", "", "forbidden", 1, "api_error"},
		{404, jsonType, "", envelope, 1, "api_error"},
		{409, jsonType, "", envelope, 1, "api_error"},
		{429, jsonType, "", envelope, 1, "api_error"},
		{500, jsonType, "", envelope, 1, "api_error"},
		{501, "", "", "", 1, "api_error"},
		{505, "text/plain", "", "no", 1, "api_error"},
		{200, jsonType, "", envelope, 1, "api_error"},
	} {
		upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = nil
			if x.kind != "" {
				w.Header().Set("Content-Type", x.kind)
			}
			if x.encoding != "" {
				w.Header().Set("Content-Encoding", x.encoding)
			}
			if x.status == http.StatusFound {
				w.Header().Set("Location", "https://login.invalid/")
			}
			w.WriteHeader(x.status)
			_, _ = w.Write([]byte(x.body))
		}))
		specs := []string{"embedded", "live"}
		if x.status/100 == 2 {
			specs = specs[:1] // of the document, other errors
		}
		for _, spec := range specs {
			code, out, errs := run(t, nil, "call", "--output", "json", "--url", upstream.URL, "--token", "retool_hunter2", "--retries=0", "--spec", spec, "get_user", "userId=user_1")
			require.Equal(t, x.code, code, "%+v %s: %s", x, spec, errs)
			require.Empty(t, out)
			var notice struct {
				Kind, Message string
				Status        int
			}
			require.NoError(t, json.Unmarshal([]byte(errs), &notice), errs)
			if x.says != "" {
				require.Equal(t, x.says, notice.Kind, "%+v %s: %s", x, spec, errs)
			}
			if notice.Kind == "api_error" || notice.Kind == "bad_response" {
				require.Equal(t, x.status, notice.Status)
			}
		}
		upstream.Close()
	}
	done := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	defer done.Close()
	code, out, errs := run(t, nil, "call", "--output", "json", "--url", done.URL, "--token", "retool_hunter2", "--confirm=never", "--spec=embedded", "delete_group", "groupId=9")
	require.Zero(t, code, errs)
	require.Equal(t, "null\n", out, "a write that returns nothing is done")
}

// A program that asks for JSON gets wrong flags and missing arguments as JSON too.
func TestUsageErrorsForPrograms(t *testing.T) {
	for _, x := range []struct {
		args string
		says string // a part of the message; "" for success
		text bool   // the error is text
	}{
		{args: "call --sandbox list_users --nope --output json", says: "unknown flag --nope"},
		{args: "call --output json --sandbox list_users --nope", says: "unknown flag --nope"},
		{args: "call --output=JSON --sandbox list_users --nope=1", says: "unknown flag --nope"},
		{args: "call --sandbox list_users -x --output json", says: "unknown flag -x"},
		{args: "call --sandbox list_users --timeout abc --output json", says: "must be a duration"},
		{args: "call --sandbox list_users --read-only=x --output json", says: "must be true or false"},
		{args: "call --sandbox list_users --output json --timeout", says: "--timeout needs a value"},
		{args: "call --output json", says: "call needs an argument <name>"},
		{args: "call --sandbox --output json", says: "call needs an argument <name>"},
		{args: "call list_users --output json --output json", says: "--output is given twice"},
		{args: "call list_users --output text --output json", says: "--output is given twice"},
		{args: "call list_users --sandbox --sandbox --output json", says: "is given twice"},
		{args: "--nope call list_users --output json", says: "unknown flag --nope"},
		{args: "--output json call list_users --nope", says: "unknown flag --nope"},
		{args: "call list_users --output json --confirm sometimes", says: "must be auto, always or never"},
		{args: "call nope --sandbox --output json", says: "there is no tool nope"},
		{args: "call list_users --sandbox --output json nope", says: "is not of the form key=value"},
		{args: "call list_users --sandbox --output json --args [ a=1", says: "--args must be a JSON object"},
		{args: "call list_users --sandbox --output json --args @/none", says: "--args: open /none"},
		{args: "call list_users --url ftp://a --output json", says: "--url"},
		{args: "call list_users --sandbox --output json limit=100 all_pages=true"},

		{args: "call --sandbox list_users --nope", says: "unknown flag --nope", text: true},
		{args: "call --sandbox list_users --nope --output text", says: "unknown flag --nope", text: true},
		{args: "call --sandbox list_users --output yaml", says: `--output must be text or json, not "yaml"`, text: true},
		{args: "call --sandbox list_users --output", says: "--output needs a value", text: true},
		{args: "call --sandbox list_users --nope -- --output json", says: "unknown flag --nope", text: true},
		{args: "call --sandbox list_users --args --output json", says: "--args must be a JSON object", text: true},
		{args: "call --sandbox list_users output=json --nope", says: "unknown flag --nope", text: true},
		{args: "-- call list_users --output json", says: "is not of the form key=value", text: true},
		{args: "serve --output json", says: "unknown flag --output", text: true},
		{args: "tools --output json call", says: "unknown flag --output", text: true},
		{args: "--output json", says: "unknown flag --output", text: true},
	} {
		code, out, errs := run(t, nil, strings.Fields(x.args)...)
		if x.says == "" {
			require.Zero(t, code, "%s: %s", x.args, errs)
			continue
		}
		require.Equal(t, 2, code, "%s: %s", x.args, errs)
		require.Empty(t, out, x.args)
		require.Equal(t, 1, strings.Count(errs, "\n"), errs)
		if x.text {
			require.True(t, strings.HasPrefix(errs, "retool-mcp: "), "%s: %s", x.args, errs)
			require.Contains(t, errs, x.says, x.args)
			continue
		}
		var notice struct{ Kind, Message string }
		require.NoError(t, json.Unmarshal([]byte(errs), &notice), "%s: %s", x.args, errs)
		require.Equal(t, "usage", notice.Kind, x.args)
		require.Contains(t, notice.Message, x.says, x.args)
	}
	// No secret that was typed in the wrong place.
	code, _, errs := run(t, nil, "call", "list_users", "--output", "json", "--tokn", "retool_0123456789abcdefXYZ", "--timeout=retool_0123456789abcdefXYZ")
	require.Equal(t, 2, code)
	require.NotContains(t, errs, "abcdefXYZ")
}

// A shell replaces ~ and variables in some places only, and nothing else does.
func TestUnexpandedPathsAreExplained(t *testing.T) {
	const hint = "nothing replaces ~ or variables in a path here: write it in full"
	for _, x := range []struct {
		env  map[string]string
		args []string
		hint bool
	}{
		{map[string]string{"RETOOL_ACCESS_TOKEN_FILE": "~/.config/retool/token"}, nil, true},
		{map[string]string{"RETOOL_ACCESS_TOKEN_FILE": "'~/token'"}, nil, true},
		{map[string]string{"RETOOL_ACCESS_TOKEN_FILE": "$HOME/token"}, nil, true},
		{map[string]string{"RETOOL_ACCESS_TOKEN_FILE": "${HOME}/token"}, nil, true},
		{map[string]string{"RETOOL_ACCESS_TOKEN_FILE": `%USERPROFILE%\token`}, nil, true},
		{map[string]string{"RETOOL_ACCESS_TOKEN_FILE": "~other/token"}, nil, true},
		{map[string]string{"RETOOL_MCP_SPEC": "~/spec.yaml"}, nil, true},
		{map[string]string{"RETOOL_MCP_CONFIG": "~/retool.yaml"}, nil, true},
		{map[string]string{"RETOOL_MCP_SECRET_DIR": "~/secrets"}, nil, true},
		{map[string]string{"RETOOL_MCP_STATE_KEY_FILE": "~/key"}, nil, true},
		{map[string]string{"RETOOL_MCP_AUDIT_LOG": "~/audit/log"}, nil, true},
		{map[string]string{"RETOOL_MCP_SANDBOX": "1", "RETOOL_MCP_SANDBOX_STATE": "~/none/state"}, nil, true},
		{nil, []string{"--token-file=~/token"}, true},
		{nil, []string{"--args", "@~/arguments.json"}, true},
		{map[string]string{"RETOOL_ACCESS_TOKEN_FILE": "/none/token"}, nil, false},
		{map[string]string{"RETOOL_ACCESS_TOKEN_FILE": "/none/a~b"}, nil, false},
		{map[string]string{"RETOOL_ACCESS_TOKEN_FILE": "/none/100%"}, nil, false},
		{map[string]string{"RETOOL_ACCESS_TOKEN_FILE": "/none/5$"}, nil, false},
	} {
		t.Chdir(t.TempDir())
		code, _, errs := run(t, x.env, append([]string{"call", "list_users", "--requests-per-minute=0"}, x.args...)...)
		require.Equal(t, 2, code, "%v %s", x, errs)
		require.Equal(t, x.hint, strings.Contains(errs, hint), "%v %s", x, errs)
		require.Equal(t, 1, strings.Count(errs, "\n"), errs)
	}
}
