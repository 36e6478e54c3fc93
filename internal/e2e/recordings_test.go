package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
)

// recorded is the number of interactions by status, counted by hand, so that
// none is left out.
var recorded = map[int]int{200: 125, 201: 1, 204: 15}

// Every request that was recorded at a real instance can be made by a tool, and
// its response reaches the agent unchanged.
func TestRecordings(t *testing.T) {
	t.Parallel()
	for _, name := range referencedata.Documents {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var current atomic.Pointer[interaction]
			u := newUpstream(t, func(w http.ResponseWriter, _ *http.Request) { replay(w, current.Load()) })
			env := serving(t, referencedata.Path(t, name), u)
			tools := toolsOf(t, env)
			s := connect(t, modern, env)
			operations := operationsOfReal(t, name)
			played := map[int]int{}
			for cassette, interactions := range cassettes(t) {
				for _, i := range interactions {
					t.Run(fmt.Sprintf("%s %d", cassette, i.ID), func(t *testing.T) {
						played[i.Response.Code]++
						uri, err := url.Parse(i.Request.URL)
						require.NoError(t, err)
						op, values := match(operations, i.Request.Method, strings.TrimPrefix(uri.EscapedPath(), "/api/v2"))
						require.NotNil(t, op, "%s %s is in no document", i.Request.Method, uri.Path)
						current.Store(&i)
						arguments := argumentsOf(t, values, uri.Query(), i.Request.Body)
						if s.takes(tools[op.String()], "format") {
							arguments["format"] = asJSON
						}
						a := s.call(tools[op.String()], given(t, arguments))
						requireAsRecorded(t, op, i, uri, u.take(), a)
						if strings.Contains(a.text, "In brief: ") {
							arguments["fields"] = fieldsOf(decodeJSON(t, []byte(i.Response.Body)).(object))
							a = s.call(tools[op.String()], given(t, arguments))
							u.take()
						}
						requireAnswer(t, i, a)
					})
				}
			}
			require.Equal(t, recorded, played)
		})
	}
}

func replay(w http.ResponseWriter, i *interaction) {
	for name, values := range i.Response.Headers {
		if name != "Content-Length" && name != "Transfer-Encoding" { // these describe the recorded transfer
			w.Header()[name] = values
		}
	}
	if len(i.Response.Headers["Content-Type"]) == 0 {
		w.Header()["Content-Type"] = nil // or net/http would guess one
	}
	w.WriteHeader(i.Response.Code)
	_, _ = io.WriteString(w, i.Response.Body)
}

// match finds the operation of a path and the values of its parameters. A path
// without parameters comes first, as in OpenAPI.
func match(operations []apiOperation, method, path string) (found *apiOperation, values object) {
	segments := strings.Split(path, "/")
	for i := range operations {
		op := &operations[i]
		form := strings.Split(op.path, "/")
		if op.method != method || len(form) != len(segments) || found != nil && len(op.pathParameters) > 0 {
			continue
		}
		here, fits := object{}, true
		for j, segment := range segments {
			if name := inBraces.FindStringSubmatch(form[j]); name != nil {
				here[name[1]], _ = url.PathUnescape(segment)
			} else {
				fits = fits && form[j] == segment
			}
		}
		if fits {
			found, values = op, here
		}
	}
	return found, values
}

// argumentsOf merges path, query and body into arguments, as an agent gives
// them.
func argumentsOf(t testing.TB, values object, query url.Values, body string) object {
	t.Helper()
	for name, v := range query {
		require.Len(t, v, 1)
		values[name] = v[0]
	}
	if strings.TrimSpace(body) != "" {
		for name, v := range decodeJSON(t, []byte(body)).(object) {
			require.NotContains(t, values, name)
			values[name] = v
		}
	}
	return values
}

// requireAsRecorded checks that the call made the recorded request, or a
// request for the first page where the whole list was recorded.
func requireAsRecorded(t *testing.T, op *apiOperation, i interaction, uri *url.URL, came []received, a answer) {
	t.Helper()
	require.Len(t, came, 1, "%s %s was refused before it was sent: %s", i.Request.Method, uri.Path, a.text)
	want := uri.RequestURI()
	if op.paged() && op.declaresLimit && !uri.Query().Has("limit") {
		var pairs []string
		for _, p := range op.query {
			if p.name == "limit" {
				pairs = append(pairs, "limit="+op.largestPage())
			}
			for pair := range strings.SplitSeq(uri.RawQuery, "&") {
				if strings.HasPrefix(pair, p.name+"=") {
					pairs = append(pairs, pair)
				}
			}
		}
		want = uri.EscapedPath() + "?" + strings.Join(pairs, "&")
	}
	require.Equal(t, i.Request.Method+" "+want, came[0].method+" "+came[0].uri)
	if strings.TrimSpace(i.Request.Body) == "" {
		require.Empty(t, came[0].body)
		return
	}
	require.Equal(t, decodeJSON(t, []byte(i.Request.Body)), decodeJSON(t, came[0].body))
}

// requireAnswer checks that the agent reads what was recorded. Retool itself
// redacted all secrets. The recordings contain no failure; their texts are in
// TestErrorsNameTheNextStep.
func requireAnswer(t *testing.T, i interaction, a answer) {
	t.Helper()
	require.False(t, a.isError, a.text)
	if i.Response.Code == http.StatusNoContent {
		require.Regexp(t, `^[A-Z].+\.$`, a.text, "a sentence tells the agent that it is done")
		return
	}
	want := decodeJSON(t, []byte(i.Response.Body)).(object)
	require.Equal(t, true, want["success"])
	delete(want, "success")
	text, notes, noted := strings.Cut(a.text, "\n\n")
	require.Equal(t, any(want), decodeJSON(t, []byte(text)))
	if noted {
		require.Equal(t, writtenByPeople, notes)
	}
}
