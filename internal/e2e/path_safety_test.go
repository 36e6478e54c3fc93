package e2e_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
)

// eachPathParameter calls the tool of every operation of both documents, once
// for each parameter of its path and each value.
func eachPathParameter(t *testing.T, values []any, check func(t *testing.T, op apiOperation, name string, a answer, came []received)) {
	t.Helper()
	for _, name := range referencedata.Documents {
		t.Run(name, func(t *testing.T) {
			u := newUpstream(t, answering(http.StatusOK, jsonType, `{"success":true,"data":1}`))
			env := serving(t, referencedata.Path(t, name), u)
			tools := toolsOf(t, env)
			s := connect(t, legacy, env)
			for _, op := range operationsOfReal(t, name) {
				for _, p := range op.pathParameters {
					for _, value := range values {
						sample := sampler{t: t}
						x := sample.exchangeFor(op)
						x.arguments[p.name] = value
						check(t, op, p.name, s.call(tools[op.String()], x.encoded(t)), u.take())
					}
				}
			}
		})
	}
}

// A path value never leads to another path: one that would is refused.
func TestPathTraversalIsRefused(t *testing.T) {
	t.Parallel()
	eachPathParameter(t, []any{"", " ", ".", "..", nil, object{"a": 1}, []any{}}, requireRefused)
}

// A blank path value is refused, since the request would have no ID.
func TestBlankIDIsRefused(t *testing.T) {
	t.Parallel()
	eachPathParameter(t, []any{"  ", "\t", "\n", "\u00a0"}, requireRefused)
}

func requireRefused(t *testing.T, op apiOperation, name string, a answer, came []received) {
	t.Helper()
	for _, r := range came {
		require.Fail(t, "sent all the same", "%s as %s", r.uri, op)
	}
	require.True(t, a.isError, op)
	require.Contains(t, a.text, "Not sent: ", op)
	require.Contains(t, a.text, "\n- "+name+": ", op)
}

// All other values stay within their path segment.
func TestPathValuesAreEscaped(t *testing.T) {
	t.Parallel()
	referencedata.Path(t, "") // skips without the documents
	sent := 0
	values := []any{"../users", "a/../..", "..;", "%2e%2e", "a?b", "a#b", "//host", `..\`, "...", "\r\nX: y"}
	eachPathParameter(t, values, func(t *testing.T, op apiOperation, _ string, _ answer, came []received) {
		for _, r := range came { // otherwise a pattern refused it
			path, _, _ := strings.Cut(r.uri, "?")
			require.Equal(t, strings.Count("/api/v2"+op.path, "/"), strings.Count(path, "/"), "%s as %s", r.uri, op)
			sent++
		}
	})
	require.Positive(t, sent)
}
