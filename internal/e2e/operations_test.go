package e2e_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
)

// toolRow is a line of the command "tools": name, toolset, access, operation
// and summary.
var toolRow = regexp.MustCompile(`^(\S+) +(\S+) +(read|write) +([A-Z]+ /\S*) +(\S.*)$`)

// toolsOf returns the tool of each operation, as the program lists them.
func toolsOf(t testing.TB, env []string) map[string]string {
	t.Helper()
	o := run(t, env, "", "tools")
	require.Zero(t, o.code, o.stderr)
	require.Empty(t, o.stderr)
	tools := map[string]string{}
	for line := range strings.Lines(o.stdout) {
		if isLocal(line) {
			continue
		}
		row := toolRow.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		require.NotNil(t, row, "%q", line)
		require.NotContains(t, tools, row[4], "two tools for one operation")
		tools[row[4]] = row[1]
	}
	return tools
}

// isLocal reports whether a line of the command "tools" is about a local tool.
func isLocal(line string) bool {
	name, _, _ := strings.Cut(line, " ")
	return slices.ContainsFunc(localTools, func(local string) bool { return strings.HasSuffix(name, local) })
}

// How each operation is called.
var argumentKinds = []struct {
	name    string
	sampler sampler
}{
	{"the required arguments", sampler{}},
	{"all arguments", sampler{all: true}},
	{"all arguments otherwise", sampler{all: true, last: true, null: true}},
}

// Each operation's tool makes exactly the request that the document describes.
func TestEveryOperation(t *testing.T) {
	t.Parallel()
	protocols := map[string]string{referencedata.Documents[0]: legacy, referencedata.Documents[1]: modern, referencedata.Documents[2]: modern}
	for _, name := range referencedata.Documents {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const base = "/below/api/v2"
			u := newUpstream(t, answering(http.StatusOK, jsonType, `{"success":true,"data":{"n":12345678901234567890}}`))
			folder := t.TempDir() // for a one-time secret, which this response lacks
			env := serving(t, referencedata.Path(t, name), u, "RETOOL_URL="+u.URL+"/below", "RETOOL_MCP_SECRET_DIR="+folder)
			tools := toolsOf(t, env)
			s := connect(t, protocols[name], env)
			operations := operationsOfReal(t, name)
			require.Len(t, operations, operationsIn[name])
			require.Len(t, tools, operationsIn[name])
			tested := 0
			for _, op := range operations {
				t.Run(op.String(), func(t *testing.T) {
					for _, kind := range argumentKinds {
						sample := kind.sampler
						sample.t = t
						x := sample.exchangeFor(op)
						text, _, _ := strings.Cut(s.succeed(tools[op.String()], x.encoded(t)), "\n\nCovers ")
						requireRequest(t, op, x, base, u.only(t))
						want := `{"data":{"n":12345678901234567890}}`
						if op.String() == "POST /access_tokens" {
							want += "\n\nThe response contains no access_token, so nothing was saved."
						}
						require.Equal(t, want, text, kind.name)
					}
					tested++
				})
			}
			require.Equal(t, operationsIn[name], tested)
			require.Empty(t, filesBelow(t, folder))
		})
	}
}

// The API ignores a cursor without a limit, so both are sent wherever the
// document has a limit. The list is fetched page by page from the start.
func TestCursorIsSentWithLimit(t *testing.T) {
	t.Parallel()
	for _, name := range referencedata.Documents {
		t.Run(name, func(t *testing.T) {
			u := newUpstream(t, answering(http.StatusOK, jsonType, `{"success":true,"data":[]}`))
			env := serving(t, referencedata.Path(t, name), u)
			tools := toolsOf(t, env)
			s := connect(t, modern, env)
			limited := 0
			for _, op := range operationsOfReal(t, name) {
				if !op.paged() {
					continue
				}
				sample := sampler{t: t}
				x := sample.exchangeFor(op)
				s.succeed(tools[op.String()], x.encoded(t))
				requireRequest(t, op, x, "/api/v2", u.only(t))
				x.addToQuery(t, "next_token", "next_token", nastyInAddress)
				s.succeed(tools[op.String()], x.encoded(t))
				requireRequest(t, op, x, "/api/v2", u.only(t))
				if op.declaresLimit {
					require.Contains(t, x.query, "limit=100")
					limited++
				}
			}
			require.Positive(t, limited)
		})
	}
}

// The other tests depend on the sampler: no two values are alike, and rounding
// changes every number.
func TestSampledValuesAreDistinct(t *testing.T) {
	sample := sampler{t: t, all: true}
	schema := object{"type": "string"}
	first := sample.value(schema, "x")
	require.NotEqual(t, first, sample.value(schema, "x"))
	long := sample.value(object{"type": "number"}, "").(json.Number)
	rounded, err := long.Float64()
	require.NoError(t, err)
	require.NotEqual(t, long, json.Number(jsonOf(t, rounded)), "rounding must change the number")
}

func jsonOf(t testing.TB, v any) string {
	t.Helper()
	encoded, err := json.Marshal(v)
	require.NoError(t, err)
	return string(encoded)
}
