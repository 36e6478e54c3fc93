package e2e_test

import (
	"encoding/base64"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
)

// canaries are tokens that a search finds. The second contains the characters
// that JSON, URLs and Go's errors escape.
var canaries = map[string]string{
	"plain": "retool_c4n4ry00f1e2d3c4b5a69788",
	"odd":   `retool_c4n4ry+/=%41"\0'f1e2d3~7`,
}

// configurations are the ways to give the program its token.
var configurations = map[string]func(t *testing.T, token string) (variables, arguments []string){
	"flag": func(_ *testing.T, token string) (_, _ []string) { return nil, []string{"--token=" + token} },
	"environment": func(_ *testing.T, token string) (_, _ []string) {
		return []string{"RETOOL_ACCESS_TOKEN=" + token}, nil
	},
	"RETOOL_TOKEN":   func(_ *testing.T, token string) (_, _ []string) { return []string{"RETOOL_TOKEN=" + token}, nil },
	"RETOOL_API_KEY": func(_ *testing.T, token string) (_, _ []string) { return []string{"RETOOL_API_KEY=" + token}, nil },
	"file by flag": func(t *testing.T, token string) (_, _ []string) {
		return nil, []string{"--token-file=" + tokenFile(t, token)}
	},
	"file by environment": func(t *testing.T, token string) (_, _ []string) {
		return []string{"RETOOL_ACCESS_TOKEN_FILE=" + tokenFile(t, token)}, nil
	},
}

func tokenFile(t testing.TB, token string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(name, []byte(token+"\n"), 0o600))
	return name
}

// The token is sent to Retool and appears nowhere else, whatever the server
// does with it and at every log level.
func TestTokenAppearsNowhere(t *testing.T) {
	t.Parallel()
	document := referencedata.Path(t, referencedata.Documents[1])
	calls, count := callsOfAll(t, document)
	for name, configure := range configurations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			variables, arguments := configure(t, canaries["plain"])
			c := canaryRun{canaries["plain"], calls, count, keeping(t, append(variables, "RETOOL_MCP_SPEC="+document)...), arguments}
			for i := 0; i < len(echoes); i += 5 { // one configuration is enough for all of them
				c.requireSilence(t, i)
			}
		})
	}
	for kind, token := range canaries {
		t.Run("every echo of the "+kind+" one", func(t *testing.T) {
			t.Parallel()
			c := canaryRun{token, calls, count, keeping(t, "RETOOL_ACCESS_TOKEN="+token, "RETOOL_MCP_SPEC="+document), nil}
			for i := range echoes {
				c.requireSilence(t, i)
			}
		})
	}
}

// keeping returns an environment whose home also has a folder for secrets.
func keeping(t testing.TB, variables ...string) []string {
	t.Helper()
	env := environment(t, variables...)
	folder := filepath.Join(strings.TrimPrefix(env[0], "HOME="), "secrets")
	require.NoError(t, os.Mkdir(folder, 0o700))
	return append(env, "RETOOL_MCP_CONFIRM=never", "RETOOL_MCP_RETRIES=0", "RETOOL_MCP_PAUSE_AFTER=0", "RETOOL_MCP_SECRET_DIR="+folder)
}

// callsOfAll writes the lines that call every tool of a document once.
func callsOfAll(t testing.TB, document string) (lines string, count int) {
	t.Helper()
	env := environment(t, "RETOOL_MCP_SPEC="+document)
	tools := toolsOf(t, env)
	out := []string{initializeLine, initializedLine}
	operations := operationsOfReal(t, filepath.Base(document))
	for _, op := range operations {
		sample := sampler{t: t}
		x := sample.exchangeFor(op)
		out = append(out, callLine(op.String(), tools[op.String()], string(x.encoded(t))))
	}
	return strings.Join(out, "\n"), len(operations)
}

// A canaryRun calls every tool of a program that has the token.
type canaryRun struct {
	token          string
	calls          string
	count          int
	env, arguments []string
}

// requireSilence runs against an upstream that repeats the token.
func (c canaryRun) requireSilence(t *testing.T, kind int) {
	t.Helper()
	e, token, count := echoes[kind], c.token, c.count
	var echoed atomic.Int32
	u := newUpstream(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer "+token {
			echoed.Add(1)
		}
		e.answer(w, r, token)
	})
	env := append(slices.Clone(c.env), "RETOOL_URL="+u.URL, "RETOOL_MCP_LOG_LEVEL=debug", "RETOOL_MCP_LOG_FORMAT="+[]string{"text", "json"}[kind%2])
	o := run(t, env, c.calls, c.arguments...)
	require.Zero(t, o.code, o.stderr)
	require.GreaterOrEqual(t, int(echoed.Load()), count, "an upstream without the token cannot repeat it")
	require.NotEmpty(t, o.stderr, "the debug log")

	replies, err := readReplies(o.stdout)
	require.NoError(t, err)
	require.Len(t, replies, 1+count)
	results := ""
	for id, r := range replies {
		results += r.text() + "\n"
		if e.marked && id != "init" {
			require.Contains(t, r.text(), "[access token]", "%s: %s: or the echo did not come this far", e.name, id)
		}
	}
	requireAbsent(t, token, e.name+": standard output", o.stdout)
	requireAbsent(t, token, e.name+": standard error", o.stderr)
	requireAbsent(t, token, e.name+": results", results)
	requireAbsentBelow(t, token, strings.TrimPrefix(env[0], "HOME="))
}

// requireAbsent searches for the token in every encoding, and for either end of
// it: a truncated token is a leak too.
func requireAbsent(t testing.TB, token, where, text string) {
	t.Helper()
	for _, form := range []string{token, token[:16], token[len(token)-12:]} {
		quoted := inJSON(form)
		for _, spelled := range []string{form, quoted, inJSON(quoted), url.QueryEscape(form), url.PathEscape(form)} {
			require.NotContains(t, text, spelled, where)
		}
	}
	for _, text64 := range []string{token, "Bearer " + token} {
		require.NotContains(t, text, base64.RawStdEncoding.EncodeToString([]byte(text64)), where)
		require.NotContains(t, text, base64.RawURLEncoding.EncodeToString([]byte(text64)), where)
	}
}

// requireAbsentBelow searches every file below a folder.
func requireAbsentBelow(t testing.TB, token, folder string) {
	t.Helper()
	files := 0
	require.NoError(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files++
		data, err := os.ReadFile(path)
		requireAbsent(t, token, path, string(data))
		return err
	}))
	require.Positive(t, files, "at least the cache exists")
}

// No command prints the token, not even in a complaint about the token.
func TestCommandsDoNotPrintTheToken(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, func(w http.ResponseWriter, r *http.Request) {
		answering(http.StatusBadRequest, jsonType, `{"message":"`+inJSON(r.Header.Get("Authorization"))+`"}`)(w, r)
	})
	for kind, token := range canaries {
		for _, arguments := range [][]string{
			{"tools"},
			{"tools", "--json"},
			{"tools", "get_user"},
			{"tools", "no_such_tool"},
			{"version"},
			{"--help"},
			{"call", "--help"},
			{"call", "get_settings"},
			{"call", "get_settings", "no=argument"},
			{"--url=http://user:" + token + "@example.com", "tools"},
			{"--url=http://example.com?token=" + token, "tools"},
			{"--url=http://example.com:" + token, "tools"},
			{"--token=" + token, "--token-file=here", "tools"},
			{"--token=" + token + " and more", "tools"},
			{"--token=" + token + "ü", "tools"},
			{"--token=" + token + "\n" + token, "tools"},
			{"--tokens=" + token, "tools"},
			{"--timeout=soon", "--token=" + token, "tools"},
		} {
			t.Run(kind+" "+strings.ReplaceAll(strings.Join(arguments, " "), token, "TOKEN"), func(t *testing.T) {
				env := serving(t, smallDocument(t), u, "RETOOL_ACCESS_TOKEN="+token)
				o := run(t, env, "", append([]string{"--log-level=debug"}, arguments...)...)
				require.NotEmpty(t, o.stdout+o.stderr)
				requireAbsent(t, token, "standard output", o.stdout)
				requireAbsent(t, token, "standard error", o.stderr)
			})
		}
		t.Run(kind+" that contradicts another", func(t *testing.T) {
			env := serving(t, smallDocument(t), u, "RETOOL_ACCESS_TOKEN="+token, "RETOOL_TOKEN="+token+"2")
			o := run(t, env, "", "tools")
			require.Equal(t, 2, o.code)
			requireAbsent(t, token, "standard error", o.stderr)
		})
	}
}
