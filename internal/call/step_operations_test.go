package call_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/plan"
	"github.com/retool-mcp/retool-mcp/internal/redact"
	"github.com/retool-mcp/retool-mcp/tools"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

const canary = "canary-5up3r"

// Each argument of each write may be a placeholder, wherever it is and in the middle of
// a text, and becomes what a call has in its place.
func TestEveryArgumentOfEveryWriteMayBeAPlaceholder(t *testing.T) {
	var writes atomic.Int64
	r := serve(t, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if path, ok := strings.CutPrefix(q.URL.EscapedPath(), "/api/v2"); ok && !embedded.Catalog().IsReadOnly(q.Method, path) {
			writes.Add(1)
		}
		respond(http.StatusForbidden, `{"success":false,"message":"Forbidden"}`)(w, q)
	}), "token", call.Options{Confirm: call.ConfirmAuto, SecretSink: secretSink(t, folderIn(t))})
	operations, places, secrets := 0, 0, 0
	for i := range embedded.Catalog().Tools {
		tool := &embedded.Catalog().Tools[i]
		if tool.Hints.ReadOnly || tool.IsLocal() {
			continue
		}
		operations++
		b, err := tools.NewBinder(tool)
		require.NoError(t, err)
		for _, arguments := range samples(t, tool, b) {
			check := func(given any) plan.Step {
				encoded, err := json.Marshal(given)
				require.NoError(t, err)
				step, _, err := r.CheckStep(t.Context(), tool.Name, encoded)
				require.NoError(t, err, "%s %s", tool.Name, encoded)
				words := fmt.Sprintf("%q", step.Words)
				require.NotContains(t, words, canary, "%s %s", tool.Name, encoded)
				require.NotEmpty(t, step.Words.Title)
				require.Equal(t, tool.Irreversible, step.Irreversible)
				require.True(t, step.Destructive || !tool.Hints.Destructive, tool.Name)
				return step
			}
			whole := check(arguments)
			require.JSONEq(t, string(canonical(t, b, arguments)), string(whole.Arguments), tool.Name)
			each(arguments, nil, func(path []string, was any) {
				places++
				if was == canary {
					secrets++
				}
				marker := plan.Marker("create_group#1", "data.x")
				step := check(replaced(arguments, path, marker))
				require.Contains(t, string(step.Arguments), marker)
				resolved := bytes.ReplaceAll(step.Arguments, []byte(`"`+marker+`"`), encodedValue(t, was))
				require.JSONEq(t, string(whole.Arguments), string(canonical(t, b, decode(t, resolved))), "%s %v", tool.Name, path)
				if text, ok := was.(string); ok && len(text) > 1 {
					inside := text[:1] + marker
					step := check(replaced(arguments, path, inside))
					resolved := bytes.ReplaceAll(step.Arguments, []byte(marker), []byte(text[1:]))
					require.JSONEq(t, string(whole.Arguments), string(canonical(t, b, decode(t, resolved))), "%s %v", tool.Name, path)
				}
			})
		}
	}
	require.Zero(t, writes.Load())
	t.Logf("%d operations, %d places, %d of secrets", operations, places, secrets)
	require.Greater(t, operations, 80)
	require.Greater(t, places, 400)
	require.Greater(t, secrets, 10)
}

// What is wrong with the rest of the arguments is refused all the same.
func TestFaultsBesidePlaceholdersAreRefused(t *testing.T) {
	r, u := onSandbox(t, call.Options{})
	marker := plan.Marker("create_group#1", "id")
	for _, c := range []struct{ tool, arguments, says string }{
		{"add_group_members", `{"groupId":"` + marker + `"}`, "members: missing"},
		{"add_group_members", `{"groupId":"` + marker + `","members":[{"id":"user_1"}]}`, "members.0.is_group_admin: missing"},
		{"add_group_members", `{"groupId":"` + marker + `","members":[],"nosuch":"` + marker + `"}`, "nosuch: unknown argument"},
		{"add_group_members", `{"groupId":"` + marker + `","members":[{"id":"` + marker + `","is_group_admin":"sure"}]}`, "members.0.is_group_admin: must be a boolean"},
		{"create_group", `{"name":"` + marker + `","members":[{"id":"` + marker + `","is_group_admin":true,"nosuch":1}]}`, ""},
		{"update_access_request", `{"accessRequestId":"` + marker + `","operations":[{"op":"replace","path":"/nosuch","value":"` + marker + `"}]}`, "cannot change"},
		{"update_group", `{"groupId":"9","operations":[{"op":"replace","path":"/name"}]}`, "operations.0.value: missing"},
		{"grant_permissions", `{"subject":{"type":"group","id":"` + marker + `"},"object":{"type":"folder","id":"app_1"},"access_level":"nosuch"}`, "access_level: must be one of"},
		{"create_user", `{"email":"` + marker + `","first_name":"a","last_name":"b","metadata":{"x` + marker + `":1}}`, "the name of a field must be known"},
		{"delete_group", `{"groupId":"` + marker + `","dry_run":true}`, "Not sent: leave dry_run out"},
		{"create_resource", `{"type":"postgresql","display_name":"${env:HOME}` + marker + `","options":{}}`, "a secret can be named only in a field for secrets"},
		{"delete_group", `{"groupId":"4711"}`, "Not sent: get_group answers HTTP 404"},
		{"create_access_token", `{"label":"` + marker + `","scopes":["users:read"]}`, "shows only once"},
	} {
		step, _, err := r.CheckStep(t.Context(), c.tool, []byte(c.arguments))
		if c.says == "" {
			require.NoError(t, err, c.arguments)
			continue
		}
		var failed *call.CallError
		require.ErrorAs(t, err, &failed, "%s %s: %+v", c.tool, c.arguments, step)
		require.Contains(t, failed.Message, c.says, c.tool)
		require.NotContains(t, failed.Message, string(plan.Open))
	}
	require.Equal(t, []string{"GET /groups/4711"}, u.take(), "nothing is read of what is not known")

	readOnly, _ := onSandbox(t, call.Options{ReadOnly: true})
	_, _, err := readOnly.CheckStep(t.Context(), "create_group", []byte(`{"name":"x"}`))
	require.ErrorContains(t, err, "this server is read-only")
}

// samples are the arguments of a tool with what it requires, and with all that it takes
// if that is valid. Fields for secrets hold the canary.
func samples(t *testing.T, tool *tools.Tool, b *tools.Binder) (out []map[string]any) {
	t.Helper()
	var full map[string]any
	require.NoError(t, json.Unmarshal([]byte(tool.Full), &full))
	for _, optional := range []bool{false, true} {
		arguments, _ := sample(full, "", optional).(map[string]any)
		for _, a := range tool.Args {
			if a.In == tools.NotSent {
				delete(arguments, a.Name)
			}
		}
		if _, patches := arguments["operations"]; patches {
			arguments["operations"] = []any{patchFor(t, tool)}
		}
		_, err := b.Bind(encodedValue(t, arguments))
		if !optional {
			require.NoError(t, err, tool.Name)
		}
		if err == nil {
			out = append(out, arguments)
		}
	}
	return out
}

// patchFor is an operation that sets a field of those that a tool can change.
func patchFor(t *testing.T, tool *tools.Tool) any {
	t.Helper()
	var fields struct{ Properties map[string]any }
	if tool.Patch == "" {
		return object{"op": "replace", "path": "/secret_token", "value": canary}
	}
	require.NoError(t, json.Unmarshal([]byte(tool.Patch), &fields))
	path := slices.Sorted(maps.Keys(fields.Properties))[0]
	return object{"op": "replace", "path": path, "value": sample(fields.Properties[path], path, true)}
}

var texts = []string{"7777", "app_7", "a@example.com", "00000000-0000-4000-8000-000000000007", "A_NAME", "2026-11-30T00:00:00Z", "#aabbcc", "user_7", "1.2.3"}

func sample(schema any, name string, optional bool) any {
	s, _ := schema.(map[string]any)
	for _, word := range []string{"anyOf", "oneOf"} {
		if branches, ok := s[word].([]any); ok {
			return sample(branches[0], name, optional)
		}
	}
	if value, ok := s["const"]; ok {
		return value
	}
	if values, ok := s["enum"].([]any); ok {
		return values[0]
	}
	kind, isOne := s["type"].(string)
	if kinds, ok := s["type"].([]any); ok && !isOne {
		kind, _ = kinds[0].(string)
	}
	switch kind {
	case "string":
		pattern, _ := s["pattern"].(string)
		if pattern == "" && redact.SecretName(name) {
			return canary
		}
		for _, text := range texts {
			if regexp.MustCompile(pattern).MatchString(text) {
				return text
			}
		}
	case "integer", "number":
		if least, ok := s["minimum"]; ok {
			return least
		}
		return 7.0
	case "boolean":
		return true
	case "array":
		return []any{sample(s["items"], name, optional)}
	}
	out := map[string]any{}
	required, _ := s["required"].([]any)
	properties, _ := s["properties"].(map[string]any)
	for name, property := range properties {
		if optional || slices.Contains(required, any(name)) {
			out[name] = sample(property, name, optional)
		}
	}
	return out
}

// each visits all values in a value.
func each(v any, path []string, do func(path []string, was any)) {
	if path != nil {
		do(path, v)
	}
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			each(v[name], append(slices.Clone(path), name), do)
		}
	case []any:
		for i, item := range v {
			each(item, append(slices.Clone(path), strconv.Itoa(i)), do)
		}
	}
}

// replaced is a value with another at a path.
func replaced(v any, path []string, by any) any {
	if len(path) == 0 {
		return by
	}
	switch v := v.(type) {
	case map[string]any:
		v = maps.Clone(v)
		v[path[0]] = replaced(v[path[0]], path[1:], by)
		return v
	case []any:
		v = slices.Clone(v)
		i, _ := strconv.Atoi(path[0])
		v[i] = replaced(v[i], path[1:], by)
		return v
	}
	return v
}

// canonical are the arguments that a call binds.
func canonical(t *testing.T, b *tools.Binder, arguments any) []byte {
	t.Helper()
	bound, err := b.Bind(encodedValue(t, arguments))
	require.NoError(t, err)
	out, err := plan.Canonical(bound.Arguments())
	require.NoError(t, err)
	return out
}

func encodedValue(t *testing.T, v any) []byte {
	t.Helper()
	encoded, err := json.Marshal(v)
	require.NoError(t, err)
	return encoded
}

func decode(t *testing.T, text []byte) (v any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(text, &v))
	return v
}
