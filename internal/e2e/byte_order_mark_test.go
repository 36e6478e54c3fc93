package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"
)

// markedForms are the ways in which Windows programs write a text.
var markedForms = map[string]func(string) string{
	"without a mark": func(s string) string { return s },
	"UTF-8":          func(s string) string { return "\ufeff" + s },
	"UTF-8 twice":    func(s string) string { return "\ufeff\ufeff" + s },
	"UTF-16":         func(s string) string { return inUTF16("\ufeff"+s, 0) },
	"UTF-16, big":    func(s string) string { return inUTF16("\ufeff"+s, 1) },
}

// inUTF16 encodes a text, with the low byte at 0 or at 1.
func inUTF16(s string, low int) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune(s)) {
		pair := [2]byte{}
		pair[low], pair[1-low] = byte(unit), byte(unit>>8)
		out = append(out, pair[:]...)
	}
	return string(out)
}

func fileWith(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

// Every file that people write may begin with a byte order mark, and so may what
// comes over standard input.
func TestByteOrderMarksInFiles(t *testing.T) {
	t.Parallel()
	small, err := os.ReadFile(smallDocument(t))
	require.NoError(t, err)
	document := string(small)
	var parsed object
	require.NoError(t, yaml.Unmarshal([]byte(document), &parsed))
	asJSON, err := json.Marshal(parsed)
	require.NoError(t, err)
	for form, marked := range markedForms {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			u := newUpstream(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				fmt.Fprint(w, `{"success":true,"data":{"id":9,"name":"Café"}}`)
			})
			base := environment(t, "RETOOL_MCP_CONFIRM=never")
			with := func(more ...string) []string { return append(append([]string{}, base...), more...) }
			plain := with("RETOOL_URL="+u.URL, "RETOOL_ACCESS_TOKEN="+testToken)
			token := fileWith(t, "token", marked(testToken+"\r\n"))
			config := fileWith(t, "config.yaml", marked("# Café\r\nurl: "+u.URL+"\r\ntoken_file: "+token+"\r\n"))
			for name, x := range map[string]struct {
				env   []string
				stdin string
				args  []string
			}{
				"token file":       {with("RETOOL_URL=" + u.URL), `{"name":"Café"}`, []string{"--token-file", token, "call", "create_group", "--args", "-"}},
				"config":           {base, `{"name":"Café"}`, []string{"--config", config, "call", "create_group", "--args", "-"}},
				"arguments":        {plain, "", []string{"call", "create_group", "--args", "@" + fileWith(t, "a.json", marked(`{"name":"Café"}`))}},
				"standard input":   {plain, marked(`{"name":"Café"}`), []string{"call", "create_group", "--args", "-"}},
				"beside arguments": {plain, marked("\r\n{}"), []string{"call", "create_group", "name=Café", "--args", "-"}},
			} {
				o := run(t, x.env, x.stdin, x.args...)
				require.Zero(t, o.code, "%s: %s", name, o.stderr)
				require.Contains(t, o.stdout, "Café", name)
				requests := u.take()
				last := requests[len(requests)-1]
				require.JSONEq(t, `{"name":"Café"}`, string(last.body), name)
				require.Equal(t, "Bearer "+testToken, last.header.Get("Authorization"), name)
			}
			for _, text := range []string{document, string(asJSON)} {
				o := run(t, base, "", "--spec", fileWith(t, "spec", marked(text)), "tools")
				require.Zero(t, o.code, o.stderr)
				require.Contains(t, o.stdout, "list_users")
			}
		})
	}
}

// Standard input and HTTP bodies may begin with a mark, at any line.
func TestByteOrderMarksInMessages(t *testing.T) {
	t.Parallel()
	const ping = `{"jsonrpc":"2.0","id":%d,"method":"ping"}`
	var in strings.Builder
	starts := []string{"\ufeff", "", "\ufeff\ufeff", " \ufeff ", "\r\n\ufeff\r\n\ufeff"}
	for i, start := range starts {
		fmt.Fprintf(&in, "%s"+ping+"\r\n", start, i)
	}
	o := run(t, environment(t), in.String(), "serve")
	require.Zero(t, o.code, o.stderr)
	for i := range starts {
		require.Contains(t, o.stdout, fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"result":{}}`, i))
	}
	require.NotContains(t, o.stdout, "error")

	r := serveRemote(t, environment(t), "--sandbox")
	for _, start := range starts[:3] {
		a := r.ask("POST", "/mcp", start+fmt.Sprintf(ping, 7))
		require.Equal(t, http.StatusOK, a.status, "%q: %s", start, a.body)
		require.Contains(t, a.body, `"id":7`)
	}
}

// MCP is UTF-8: UTF-16 on standard input ends the server with a reason, in the
// protocol and on standard error.
func TestUTF16OnStandardInputIsRefused(t *testing.T) {
	t.Parallel()
	const message = `{"jsonrpc":"2.0","id":1,"method":"ping"}` + "\r\n"
	for _, in := range []string{inUTF16("\ufeff"+message, 0), inUTF16("\ufeff"+message, 1), inUTF16(message, 0), inUTF16(message, 1)} {
		o := run(t, environment(t), in, "serve")
		require.Equal(t, 2, o.code)
		const says = "the input is UTF-16, and MCP messages are UTF-8"
		require.JSONEq(t, `{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"`+says+`"}}`, o.stdout)
		require.Contains(t, o.stderr, says)
	}
}

// What the instance sends may begin with a mark: answers, failures, documents.
func TestByteOrderMarksInAnswers(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile(smallDocument(t))
	require.NoError(t, err)
	u := newUpstream(t, func(w http.ResponseWriter, r *http.Request) {
		body := `{"success":true,"data":[{"id":9,"name":"Operations"}],"has_more":false}`
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		switch {
		case strings.HasSuffix(r.URL.Path, "/spec"):
			body = string(document)
		case strings.HasSuffix(r.URL.Path, "/404"):
			w.WriteHeader(http.StatusNotFound)
			body = `{"success":false,"message":"No such group"}`
		case strings.Contains(r.URL.Path, "/groups/"):
			body = `{"success":true,"data":{"id":9,"name":"Operations"}}`
		}
		fmt.Fprint(w, "\ufeff"+body)
	})
	env := environment(t, "RETOOL_URL="+u.URL, "RETOOL_ACCESS_TOKEN="+testToken, "RETOOL_MCP_CONFIRM=never")
	for _, x := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"call", "list_groups"}, 0, "Operations"},
		{[]string{"call", "get_group", "groupId=9"}, 0, "Operations"},
		{[]string{"call", "delete_group", "groupId=9", "dry_run=true"}, 0, "Operations"},
		{[]string{"call", "get_group", "groupId=404"}, 1, "No such group"},
		{[]string{"--spec", "live", "tools"}, 0, "list_users"},
	} {
		o := run(t, env, "", x.args...)
		require.Equal(t, x.code, o.code, "%s: %s", x.args, o.stderr)
		require.Contains(t, o.stdout+o.stderr, x.says, x.args)
		require.NotContains(t, o.stdout+o.stderr, "\ufeff")
	}
}
