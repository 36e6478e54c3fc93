package sandbox_test

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/seed"
)

// row makes the request of a call that has to succeed on a fresh default
// organization. It may make other calls first, to find or create what it needs.
type row func(a *api) request

// successes has a row for every operation, by operationId. Each area's rows
// stand in a file of their own.
func successes(t *testing.T) map[string]row {
	out := map[string]row{}
	for _, area := range []map[string]row{successPeople(), successObjects(), successResources(), successAccess(), successSettings()} {
		for id, r := range area {
			require.NotContains(t, out, id, "two rows for one operation")
			out[id] = r
		}
	}
	return out
}

func TestEveryOperationSucceeds(t *testing.T) {
	rows := successes(t)
	ids := described(t).ids
	require.ElementsMatch(t, ids, slices.Collect(maps.Keys(rows)), "operations and rows")
	for _, id := range ids {
		t.Run(id, func(t *testing.T) {
			a := start(t, sandbox.Options{})
			a.ok(id, rows[id](a)) // ok holds the answer against the description
		})
	}
}

// strange is an id of the same form that nothing has.
func strange(value string) string {
	switch {
	case regexp.MustCompile(`^user_`).MatchString(value):
		return "user_00000000000000000000000000000000"
	case regexp.MustCompile(`^org_`).MatchString(value):
		return "org_00000000000000000000000000000000"
	case regexp.MustCompile(`^\d+$`).MatchString(value):
		return "987654321"
	case regexp.MustCompile(`^[a-z]+_\d+$`).MatchString(value):
		return strings.SplitAfter(value, "_")[0] + "987654321"
	case regexp.MustCompile(`^[0-9a-f]{8}-`).MatchString(value):
		return "00000000-0000-4000-8000-000000000000"
	default:
		return "no-such-thing"
	}
}

// few makes an organization whose whole state is quickly compared.
var few = sandbox.Options{Sizes: seed.Sizes{Users: 25, Groups: 10, Folders: 20, Apps: 10, Resources: 10, Workflows: 6, Spaces: 1}}

func TestEveryStrangeIDIsNotFound(t *testing.T) {
	// Parameters that are words from a list: others are malformed, not unknown.
	words := []string{"objectType", "subjectType", "provider"}
	// A manifest that does not exist is created.
	creates := []string{"replace_source_control_manifest", "replace_source_control_manifest_element", "replace_source_control_manifest_app"}
	for id, makeGood := range successes(t) { // the test above sees to it that there are all
		a := start(t, few)
		good := makeGood(a)
		for name, value := range good.path {
			if slices.Contains(words, name) || name == "manifestName" && slices.Contains(creates, id) {
				continue
			}
			t.Run(id+" "+name, func(t *testing.T) {
				a := a.in(t)
				before := a.state()
				bad := good
				bad.path = maps.Clone(good.path)
				bad.path[name] = strange(value)
				a.fails(http.StatusNotFound, id, bad)
				require.Equal(t, before, a.state(), "a call that failed has changed something")
			})
		}
	}
}

func TestEveryBadBodyIsRefused(t *testing.T) {
	for id, makeGood := range successes(t) {
		op := described(t).operations[id]
		if op.body == nil {
			continue
		}
		a := start(t, few)
		good := makeGood(a)
		for name, body := range badBodies(op.body, good.body) {
			t.Run(id+" "+name, func(t *testing.T) {
				a := a.in(t)
				before := a.state()
				bad := good
				bad.body, bad.files = body, nil
				out := a.call(id, bad)
				require.Contains(t, []int{http.StatusBadRequest, http.StatusUnprocessableEntity}, out.status, "%s", out.raw)
				require.Equal(t, before, a.state(), "a call that failed has changed something")
			})
		}
	}
}

// badBodies spoils a good body in every way that the schema forbids.
func badBodies(schema map[string]any, good any) map[string]any {
	out := map[string]any{"a list": []any{}, "a text": "text", "a number": 7}
	fields, _ := good.(map[string]any)
	spoil := func(name string, change func(map[string]any)) {
		body := maps.Clone(fields)
		if body == nil {
			body = map[string]any{}
		}
		change(body)
		out[name] = body
	}
	required, _ := schema["required"].([]any)
	for _, name := range required {
		spoil("without "+name.(string), func(b map[string]any) { delete(b, name.(string)) })
	}
	properties, _ := schema["properties"].(map[string]any)
	for name, property := range properties {
		if p, _ := property.(map[string]any); p["type"] == "string" || p["type"] == "boolean" || p["type"] == "array" {
			spoil("with an object as "+name, func(b map[string]any) { b[name] = map[string]any{"no": "thing"} })
		}
	}
	if schema["additionalProperties"] == false {
		spoil("with a field that there is not", func(b map[string]any) { b["no_such_field"] = true })
	}
	return out
}
