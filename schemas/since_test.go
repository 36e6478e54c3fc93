package schemas_test

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/internal/referencedata"
)

// releaseNumbers are the self-hosted releases of documents with another number.
var releaseNumbers = map[string]string{"2.12.0": "3.334"}

// TestSinceFollowsTheDocuments compares with each of Retool's documents what
// exists in it: an operation, argument or field that an older one lacks says since
// when it exists, and nothing that is in one is said to be newer.
func TestSinceFollowsTheDocuments(t *testing.T) {
	ours := ourRelease(t)
	for _, name := range referencedata.Documents {
		doc := releaseOf(t, referencedata.Read(t, name))
		number := cmp.Or(releaseNumbers[doc.Version], doc.Version)
		theirs := map[string]*openapi.Operation{}
		for i := range doc.Operations {
			theirs[key(doc.Operations[i].Method, doc.Operations[i].Path)] = &doc.Operations[i]
		}
		for i := range ours.Operations {
			op := &ours.Operations[i]
			at := op.Method + " " + op.Path
			their := theirs[key(op.Method, op.Path)]
			if !op.Deprecated { // one copy leaves them out
				requireSince(t, at, number, op.Extension.Since, their != nil)
			}
			if their == nil {
				continue
			}
			known := partsOf(their)
			for part, since := range partsOf(op) {
				_, has := known[part]
				requireSince(t, at+" "+part, number, since, has)
			}
		}
	}
}

func requireSince(t *testing.T, what, number, since string, has bool) {
	t.Helper()
	switch newer := since != "" && compareReleases(since, number) > 0; {
	case has && newer:
		t.Errorf("%s: the document of %s has it, so it is not new in %s", what, number, since)
	case !has && !newer:
		t.Errorf("%s: the document of %s lacks it, so x-since is later than %q", what, number, since)
	}
}

func compareReleases(a, b string) int {
	numbers := func(release string) (out []int) {
		for part := range strings.SplitSeq(release, ".") {
			n, _ := strconv.Atoi(part)
			out = append(out, n)
		}
		return out
	}
	return slices.Compare(numbers(a), numbers(b))
}

// partsOf returns since when each argument and each field of the answer exists, by
// its path.
func partsOf(op *openapi.Operation) map[string]string {
	parts := map[string]string{}
	for _, p := range op.Parameters {
		if p.In == openapi.InQuery {
			parts["argument "+p.Name] = p.Since
		}
	}
	if op.Body != nil {
		addParts(parts, "body", op.Body.Schema, "", 0)
	}
	if op.Answer != nil {
		inner := cmp.Or(enveloped(op.Answer), op.Answer)
		addParts(parts, "answer", inner, "", 0)
	}
	return parts
}

// addParts adds the fields below a schema. What is in several branches exists
// since the first of them does.
func addParts(parts map[string]string, at string, s *jsonschema.Schema, since string, level int) {
	if own, _ := s.Extras[openapi.SinceKeyword].(string); own != "" {
		since = own
	}
	for _, b := range slices.Concat(s.AnyOf, s.OneOf, s.AllOf) {
		addParts(parts, at, b, since, level)
	}
	if s.Items != nil {
		addParts(parts, at+"[]", s.Items, since, level)
	}
	if s.Properties == nil || level > 8 {
		return
	}
	for name, p := range s.Properties.FromOldest() {
		path, from := at+"."+name, since
		if own, _ := p.Extras[openapi.SinceKeyword].(string); own != "" {
			from = own
		}
		if before, ok := parts[path]; !ok || before != "" && (from == "" || compareReleases(from, before) < 0) {
			parts[path] = from
		}
		addParts(parts, path, p, from, level+1)
	}
}

func TestPartsOf(t *testing.T) {
	doc := releaseOf(t, []byte(`{"openapi":"3.1.0","x-curated":true,"paths":{"/t":{"post":{
		"parameters":[{"name":"q","in":"query","x-since":"4.74"}],
		"requestBody":{"content":{"application/json":{"schema":{"type":"object","properties":{
			"old":{"type":"string"},
			"new":{"x-since":"4.0","type":"array","items":{"type":"object","properties":{"inner":{}}}},
			"union":{"type":"object","properties":{"u":{"anyOf":[
				{"x-since":"4.0","type":"object","properties":{"a":{},"both":{}}},
				{"type":"object","properties":{"b":{},"both":{}}}]}}}}}}}}}}}}`))
	require.Equal(t, map[string]string{
		"argument q": "4.74", "body.old": "", "body.new": "4.0", "body.new[].inner": "4.0", "body.union": "", "body.union.u": "",
		"body.union.u.a": "4.0", "body.union.u.b": "", "body.union.u.both": "",
	}, partsOf(&doc.Operations[0]))
	sorted := slices.SortedFunc(maps.Values(map[int]string{1: "4.0", 2: "3.387.0", 3: "3.334", 4: "4.74", 5: "3.42"}), compareReleases)
	require.Equal(t, []string{"3.42", "3.334", "3.387.0", "4.0", "4.74"}, sorted)
}
