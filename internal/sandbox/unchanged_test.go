package sandbox_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

func encodeOrg(t testing.TB, o *model.Org) string {
	t.Helper()
	data, err := json.Marshal(o, json.Deterministic(true))
	require.NoError(t, err)
	return string(data)
}

// An operation returns a new organization and leaves the old one as it was, down
// to the slices and maps that both refer to.
func TestOperationsNeverChangeTheOldOrganization(t *testing.T) {
	for id, makeGood := range successes(t) {
		t.Run(id, func(t *testing.T) {
			a := start(t, smallOrg)
			good := makeGood(a)
			old := a.box.Organization()
			before := encodeOrg(t, old)
			a.ok(id, good)
			require.Equal(t, before, encodeOrg(t, old))
			if described(t).operations[id].method == http.MethodGet {
				require.Same(t, old, a.box.Organization(), "a read replaces the organization")
			}
		})
	}
}

// A handler that fails leaves the organization as it was, also where it had
// carried out a part of the call: a second object with the same name, a
// reference to nothing behind good ones, a patch whose last operation fails.
func TestFailedHandlersChangeNothing(t *testing.T) {
	var withoutFailure []string
	for id, makeGood := range successes(t) {
		op := described(t).operations[id]
		if op.method == http.MethodGet {
			continue
		}
		a := start(t, smallOrg)
		good := makeGood(a)
		failures := 0
		old := a.box.Organization()
		before := encodeOrg(t, old)
		attempt := func(name string, r request) {
			if out := a.call(id, r); out.status < 300 { // not a failure after all
				old = a.box.Organization()
				before = encodeOrg(t, old)
				return
			}
			failures++
			require.Same(t, old, a.box.Organization(), "%s %s", id, name)
			require.Equal(t, before, encodeOrg(t, old), "%s %s", id, name)
		}
		for name, r := range failingVariants(good) {
			attempt(name, r)
		}
		attempt("good", good)
		attempt("again", good)
		if strings.HasPrefix(op.path, "/source_control/") {
			a.call("delete_source_control_config", request{})
			old = a.box.Organization()
			before = encodeOrg(t, old)
			attempt("without source control", good)
		}
		if failures == 0 {
			withoutFailure = append(withoutFailure, id)
		}
	}
	// No request that fits the description makes these fail.
	require.ElementsMatch(t, []string{
		"invalidate_organization_sessions", "delete_sso_config", "test_source_control_deploy",
	}, withoutFailure)
}

// failingVariants are requests like a good one with one thing wrong.
func failingVariants(good request) map[string]request {
	out := map[string]request{}
	for name, value := range good.path {
		bad := good
		bad.path = maps.Clone(good.path)
		bad.path[name] = unusedID(value)
		out["unknown "+name] = bad
	}
	var sent any
	data, err := json.Marshal(good.body)
	if err != nil || json.Unmarshal(data, &sent) != nil {
		return out
	}
	for i, body := range wrongInOnePlace(sent) {
		bad := good
		bad.body = body
		out[fmt.Sprintf("body %d", i)] = bad
	}
	fields, _ := sent.(map[string]any)
	operations, isPatch := fields["operations"].([]any)
	if !isPatch {
		return out
	}
	first, _ := operations[0].(map[string]any)
	for name, last := range map[string]map[string]any{
		"unknown path": {"op": "replace", "path": "/no_such_field", "value": "x"},
		"failing test": {"op": "test", "path": first["path"], "value": "something else"},
		"wrong type":   {"op": "replace", "path": first["path"], "value": map[string]any{"no": "thing"}},
		"removed":      {"op": "remove", "path": fmt.Sprint(first["path"], "/0/0")},
	} {
		bad := good
		body := maps.Clone(fields)
		body["operations"] = append(slices.Clone(operations), last)
		bad.body = body
		out["patch with "+name] = bad
	}
	return out
}

// wrongInOnePlace returns copies of a JSON value in which one text or number is
// another one, or a list has one more element that is wrong.
func wrongInOnePlace(value any) (out []any) {
	switch v := value.(type) {
	case string:
		return []any{unusedID(v), ""}
	case bool:
		return []any{"perhaps"}
	case float64:
		return []any{987654321.0, -1.0}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			for _, wrong := range wrongInOnePlace(v[name]) {
				c := maps.Clone(v)
				c[name] = wrong
				out = append(out, c)
			}
		}
	case []any:
		for i := range v {
			for _, wrong := range wrongInOnePlace(v[i]) {
				c := slices.Clone(v)
				c[i] = wrong
				out = append(out, c, append(slices.Clone(v), wrong))
			}
		}
	}
	return out
}
