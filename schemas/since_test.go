package schemas_test

import (
	"slices"
	"testing"

	"github.com/invopop/jsonschema"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/internal/referencedata"
	"github.com/retool-mcp/retool-mcp/internal/toolgen"
)

// releases of the documents, as x-since writes them.
var releases = map[string]string{"openapi-2.12.0.json": "3.334", "openapi-3.387.0.json": "3.387", "openapi-4.0.0.json": "4.0"}

// TestSinceOfArgumentsAndFields requires x-since of each argument and field that an
// older document of the same operation lacks, and of no other.
func TestSinceOfArgumentsAndFields(t *testing.T) {
	ours := ourRelease(t)
	first := map[string]string{} // the release that an operation, or a field of it, is documented since
	for _, name := range referencedata.Documents {
		require.NotEmpty(t, releases[name], name)
		r := releaseOf(t, referencedata.Read(t, name))
		for i := range r.Operations {
			op := &r.Operations[i]
			at := key(op.Method, op.Path)
			for field := range sinceOfFields(op) {
				if first[at+" "+field] == "" {
					first[at+" "+field] = releases[name]
				}
			}
			if first[at] == "" {
				first[at] = releases[name]
			}
		}
	}
	seen := 0
	for i := range ours.Operations {
		op := &ours.Operations[i]
		at := key(op.Method, op.Path)
		for field, since := range sinceOfFields(op) {
			documented := first[at+" "+field]
			switch {
			case documented == first[at] && since == "", documented == since && since != "":
			case documented == "" && since > releases["openapi-4.0.0.json"]: // newer than all documents
			default:
				t.Errorf("%s, %s: x-since %q, documented since %q, the operation since %q", toolgen.Name(op.Method, op.Path), field, since, documented, first[at])
				continue
			}
			if since != "" {
				seen++
			}
		}
	}
	require.Greater(t, seen, 10)
}

// sinceOfFields returns x-since of query parameters, of the fields of the body and of
// those in the top levels of the answer.
func sinceOfFields(op *openapi.Operation) map[string]string {
	out := map[string]string{}
	var walk func(at string, s *jsonschema.Schema, levels int)
	walk = func(at string, s *jsonschema.Schema, levels int) {
		if s == nil {
			return
		}
		for _, b := range slices.Concat(s.AnyOf, s.OneOf, s.AllOf) {
			walk(at, b, levels)
		}
		walk(at, s.Items, levels)
		if levels == 0 {
			return
		}
		for name, p := range s.Properties.FromOldest() {
			if at == "answer" && name == "data" { // the envelope, which some documents omit
				walk(at, p, levels)
				continue
			}
			since, _ := p.Extras[openapi.SinceKeyword].(string)
			out[at+"."+name] = max(out[at+"."+name], since) // of a field in several branches
			walk(at+"."+name, p, levels-1)
		}
	}
	for _, p := range op.Parameters {
		if p.In == openapi.InQuery {
			out["argument "+p.Name] = p.Since
		}
	}
	if op.Body != nil {
		walk("body", op.Body.Schema, 1)
	}
	walk("answer", op.Answer, 1)
	delete(out, "answer.success")
	return out
}
