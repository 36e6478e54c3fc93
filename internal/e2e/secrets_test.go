package e2e_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// redactionMarkers stand for redacted secrets: two of Retool, one of this
// program.
var redactionMarkers = []string{
	"---encrypted-on-server---",
	`__RETOOL_ENCRYPTED_JSON__{"value":"abc"}`,
	"[redacted: password]",
	"Bearer [redacted: token]",
	" [redacted: oauth2_client_secret]\n",
}

// A redaction marker that is written back would replace the secret: no write
// may send one, in any argument.
func TestRedactionMarkersAreRefused(t *testing.T) {
	t.Parallel()
	k := openConversation(t, nil, "--secret-dir", t.TempDir())
	writes := 0
	for _, d := range describedOperations(t) {
		t.Run(d.tool, func(t *testing.T) {
			k.t = t
			replaced := textsReplaced(d.allArguments(t))
			for i, at := range slices.Sorted(maps.Keys(replaced)) {
				mask := redactionMarkers[i%len(redactionMarkers)]
				if d.method == http.MethodGet || slices.Contains(readingByPost, d.tool) {
					k.succeeds(d.tool, replaced[at](mask), good) // nothing is stored, and a marker may be searched for
					continue
				}
				writes++
				says := k.refused(d.tool, replaced[at](mask))
				require.Contains(t, says, at+": holds a redaction marker")
				require.Contains(t, says, "the real value, as ${env:NAME}")
			}
		})
	}
	require.Greater(t, writes, 150, "places of redaction markers")
}

// readingByPost are the POST operations that change nothing.
var readingByPost = []string{"list_subject_access", "test_source_control_deploy", "validate_app_toolscript"}

// allArguments returns all arguments of an operation.
func (d describedOperation) allArguments(t testing.TB) object {
	t.Helper()
	sample := sampler{t: t, all: true}
	x := sample.exchangeFor(d.apiOperation)
	return throughJSON(t, x.arguments).(object)
}

// textsReplaced visits every free text of arguments and returns functions that
// replace it.
func textsReplaced(arguments object) map[string]func(text string) object {
	out := map[string]func(string) object{}
	var walk func(at string, v any, put func(any) any)
	walk = func(at string, v any, put func(any) any) {
		switch v := v.(type) {
		case string:
			if strings.HasPrefix(v, nastyInAddress[:10]) {
				out[at] = func(text string) object { return put(text).(object) }
			}
		case []any:
			for i := range v {
				walk(fmt.Sprintf("%s[%d]", at, i), v[i], func(part any) any {
					list := slices.Clone(v)
					list[i] = part
					return put(list)
				})
			}
		case object:
			for name := range v {
				walk(strings.TrimPrefix(at+"."+name, "."), v[name], func(part any) any {
					fields := maps.Clone(v)
					fields[name] = part
					return put(fields)
				})
			}
		}
	}
	walk("", arguments, func(v any) any { return v })
	return out
}

// A redaction marker is found in objects without a schema too.
func TestNestedRedactionMarkersAreRefused(t *testing.T) {
	t.Parallel()
	k := openConversation(t, nil)
	const id, mask = "01234567-89ab-4cde-8f01-000000000001", "---encrypted-on-server---"
	patch := func(path string, value any) object {
		return object{"configurationId": id, "operations": []any{object{"op": "replace", "path": path, "value": value}}}
	}
	for name, c := range map[string]struct {
		tool      string
		arguments object
		says      string
	}{
		"a patch of one field":    {"update_resource_configuration", patch("/options/database_options/password", mask), "operations[0].value: "},
		"within a patch":          {"update_resource_configuration", patch("/options", object{"database_options": object{"password": mask}}), "operations[0].value.database_options.password: "},
		"in a list of a patch":    {"update_resource_configuration", patch("/options", object{"headers": []any{[]any{"X-Api-Key", mask}}}), "operations[0].value.headers[0][1]: "},
		"JSON in a text":          {"update_resource_configuration", patch("/options", object{"body": `{"password":"` + mask + `"}`}), "operations[0].value.body: "},
		"the name of a field":     {"update_resource_configuration", patch("/options", object{mask: 1}), "operations[0].value: "},
		"a value of a variable":   {"create_configuration_variable", object{"name": "n", "secret": true, "values": []any{object{"environment_id": id, "value": mask}}}, "values[0].value: "},
		"one that is no secret":   {"create_configuration_variable", object{"name": "n", "secret": false, "values": []any{object{"environment_id": id, "value": mask}}}, "values[0].value: "},
		"arguments as JSON texts": {"create_configuration_variable", object{"name": "n", "secret": true, "values": `[{"environment_id":"` + id + `","value":"` + mask + `"}]`}, "values[0].value: "},
	} {
		t.Run(name, func(t *testing.T) {
			k.t = t
			says := k.refused(c.tool, c.arguments)
			require.Contains(t, says, "Not sent: ")
			require.Contains(t, says, c.says+"holds a redaction marker")
		})
	}
}

// The token of create_access_token is a one-time secret. It is written to a
// file that only its owner can read, and appears nowhere else.
func TestOneTimeSecretGoesToFile(t *testing.T) {
	t.Parallel()
	const token = "retool_01kept0yr4n4k00k4n4ry00000yr4n4k"
	arguments := object{"label": "for the tests", "scopes": []any{"users:read"}}
	made := `{"success":true,"data":{"id":"i","label":"for the tests","last4":"4n4k","access_token":"` + token + `"}}`
	folder := t.TempDir()
	k := openConversation(t, nil, "--secret-dir", folder)
	files := func() []fs.DirEntry {
		t.Helper()
		entries, err := os.ReadDir(folder)
		require.NoError(t, err)
		return entries
	}
	for name, answer := range map[string]http.HandlerFunc{
		"a refusal":     failing(http.StatusForbidden, missingScope),
		"a failure":     failing(http.StatusOK, "no"),
		"broken JSON":   answering(http.StatusOK, jsonType, made[:len(made)-3]),
		"no answer":     sending(""),
		"no secret":     answering(http.StatusOK, jsonType, `{"success":true,"data":{"id":"i"}}`),
		"another thing": answering(http.StatusOK, jsonType, `{"success":true,"data":{"access_token":null}}`),
	} {
		h := k.call("create_access_token", arguments, answer)
		require.NotContains(t, h.all, token, name)
		require.Empty(t, files(), "%s leaves a file: %s", name, h.text())
	}

	h := k.succeeds("create_access_token", arguments, answering(http.StatusOK, jsonType, made))
	kept := files()
	require.Len(t, kept, 1)
	path := filepath.Join(folder, kept[0].Name())
	require.Contains(t, h.text(), "[redacted: access_token]")
	require.Contains(t, h.text(), " to the file "+path+" ")
	info, err := os.Lstat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode())
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, token+"\n", string(content))
	require.NotContains(t, h.all, token[7:])
	require.NotContains(t, k.stderr.String(), token[7:])

	again := k.succeeds("create_access_token", arguments, answering(http.StatusOK, jsonType, made))
	require.NotContains(t, again.text(), path, "every secret has a file of its own")
	require.Len(t, files(), 2)
}

// A response may come without the envelope around its data.
func TestOneTimeSecretWithoutTheEnvelope(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	k := openConversation(t, nil, "--secret-dir", folder)
	h := k.call("create_access_token", object{"label": "for the tests", "scopes": []any{}}, answering(http.StatusOK, jsonType, `{"id":"i","access_token":"k4n4ry00000yr4n4k"}`))
	require.NotContains(t, h.all, head)
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, entries, 1, h.text())
}

func TestOneTimeSecretNeedsAFolder(t *testing.T) {
	t.Parallel()
	k := openConversation(t, nil)
	says := k.refused("create_access_token", object{"label": "for the tests", "scopes": []any{"users:read"}})
	for _, part := range []string{"Not sent: ", "--secret-dir", "RETOOL_MCP_SECRET_DIR"} {
		require.Contains(t, says, part)
	}
	folder := t.TempDir()
	gone := openConversation(t, nil, "--secret-dir", folder)
	require.NoError(t, os.Remove(folder))
	require.Contains(t, gone.refused("create_access_token", object{"label": "for the tests", "scopes": []any{}}), "Not sent: ")
}

// A configuration variable says whether it is secret. Old instances do not say
// it.
func TestConfigurationVariables(t *testing.T) {
	t.Parallel()
	k := openConversation(t, nil)
	for flag, hidden := range map[string]bool{`"secret":false,`: false, `"secret":true,`: true, "": true, `"secret":null,`: true, `"secret":"false",`: true} {
		one := `{"id":"i","name":"REFUND_LIMIT_EUR",` + flag + `"values":[{"environment_id":"e","value":"k4n4ry00000yr4n4k"}],"default_value":"k4n4ry00001yr4n4k"}`
		for _, c := range []struct{ tool, data, format string }{
			{"get_configuration_variable", one, ""},
			{"list_configuration_variables", "[" + one + "]", "json"},
			{"list_configuration_variables", "[" + one + "," + one + "]", "table"},
		} {
			arguments := object{}
			if c.format == "" {
				arguments["id"] = "01234567-89ab-4cde-8f01-000000000001"
			} else {
				arguments["format"] = c.format
			}
			text := k.succeeds(c.tool, arguments, answering(http.StatusOK, jsonType, `{"success":true,"data":`+c.data+`}`)).text()
			require.Equal(t, hidden, !strings.Contains(text, "k4n4ry00000") && !strings.Contains(text, "k4n4ry00001"), "%s: %s", flag, text)
			require.Equal(t, hidden, strings.Contains(text, "[redacted: value]"), "%s: %s", flag, text)
			require.Contains(t, text, "REFUND_LIMIT_EUR")
		}
	}
	two := `{"success":true,"data":[{"name":"a","secret":true,"values":[{"value":"k4n4ry00000yr4n4k"}]},{"name":"b","secret":false,"values":[{"value":"open"}]}]}`
	text := k.succeeds("list_configuration_variables", object{"format": "json"}, answering(http.StatusOK, jsonType, two)).text()
	var read struct {
		Data []struct{ Values []struct{ Value string } }
	}
	require.NoError(t, json.Unmarshal([]byte(strings.SplitN(text, "\n", 2)[0]), &read))
	require.Equal(t, "[redacted: value]", read.Data[0].Values[0].Value)
	require.Equal(t, "open", read.Data[1].Values[0].Value)
}

// The command "call" redacts as the server does.
func TestCommandCallRedacts(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, answering(http.StatusOK, jsonType, `{"success":true,"data":[{"id":"i","config":{"api_key":"k4n4ry00000yr4n4k"}}]}`))
	env := serving(t, "embedded", u)
	o := run(t, env, "", "--log-level=debug", "call", "list_observability_configs")
	require.Zero(t, o.code, o.stderr)
	require.Contains(t, o.stdout, "[redacted: api_key]")
	require.NotContains(t, o.stdout+o.stderr, head)
	o = run(t, env, "", "--reveal-secrets", "call", "list_observability_configs")
	require.Contains(t, o.stdout, "k4n4ry00000yr4n4k")
}
