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

// row returns a request that must succeed on a new default organization. It may make
// other calls first, to find or create what it needs.
type row func(a *api) request

// successes has a row for every operation, by operationId, from a file for each
// subject.
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
	missing, extra := missingAndExtra(ids, slices.Collect(maps.Keys(rows)))
	require.Empty(t, missing, "operations without a successful request: add a row to internal/sandbox/success_<subject>_test.go")
	require.Empty(t, extra, "rows in internal/sandbox/success_<subject>_test.go of operations that the document lacks")
	require.Len(t, rows, len(ids))
	for _, id := range ids {
		t.Run(id, func(t *testing.T) {
			a := start(t, sandbox.Options{})
			a.ok(id, rows[id](a)) // ok checks the answer against the document
		})
	}
}

// unusedID returns an id of the same form that no object has.
func unusedID(value string) string {
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

// smallOrg is an organization whose state can be compared quickly.
var smallOrg = sandbox.Options{Sizes: seed.Sizes{Users: 25, Groups: 10, Folders: 20, Apps: 10, Resources: 10, Workflows: 6, Spaces: 1}}

func TestUnknownIDsAreNotFound(t *testing.T) {
	// Other values of these parameters are malformed, not unknown.
	words := []string{"objectType", "subjectType", "provider"}
	// A manifest that does not exist is created.
	creates := []string{"replace_source_control_manifest", "replace_source_control_manifest_element", "replace_source_control_manifest_app"}
	for id, makeGood := range successes(t) { // complete, as the test above checks
		a := start(t, smallOrg)
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
				bad.path[name] = unusedID(value)
				status := http.StatusNotFound
				if name == "configId" { // documented so
					status = http.StatusUnprocessableEntity
				}
				a.fails(status, id, bad)
				require.Equal(t, before, a.state(), "a failed call changed the state")
			})
		}
	}
}

func TestInvalidBodiesOfEveryOperationAreRefused(t *testing.T) {
	for id, makeGood := range successes(t) {
		op := described(t).operations[id]
		if op.body == nil {
			continue
		}
		a := start(t, smallOrg)
		good := makeGood(a)
		for name, body := range invalidBodies(op.body, good.body) {
			t.Run(id+" "+name, func(t *testing.T) {
				a := a.in(t)
				before := a.state()
				bad := good
				bad.body, bad.files = body, nil
				out := a.call(id, bad)
				require.Contains(t, []int{http.StatusBadRequest, http.StatusUnprocessableEntity}, out.status, "%s", out.raw)
				require.Equal(t, before, a.state(), "a failed call changed the state")
			})
		}
	}
}

// invalidBodies returns copies of a good body, each with one violation of its schema.
func invalidBodies(schema map[string]any, good any) map[string]any {
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
