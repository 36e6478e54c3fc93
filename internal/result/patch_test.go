package result

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
)

func TestPatchIsShownStepByStep(t *testing.T) {
	const doc = `{"name":"Ops","members":[{"id":1},{"id":2}],"a/b":{"~":true},"none":null}`
	for _, x := range []struct {
		operations string
		lines      []string
	}{
		{`[{"op":"replace","path":"/name","value":"New"}]`, []string{`replace /name: "Ops" → "New"`}},
		{
			`[{"op":"add","path":"/more","value":[1]},{"op":"add","path":"/more/-","value":2},{"op":"remove","path":"/more"}]`,
			[]string{`add /more: absent → [1]`, `add /more/-: absent → 2`, `remove /more: [1,2]`},
		},
		{
			`[{"op":"remove","path":"/members/0"},{"op":"remove","path":"/members/0"},{"op":"remove","path":"/members/0"}]`,
			[]string{`remove /members/0: {"id":1}`, `remove /members/0: {"id":2}`, `remove /members/0: absent`},
		},
		{
			`[{"op":"add","path":"/members/1","value":{"id":3}},{"op":"replace","path":"/members/2/id","value":4},{"op":"remove","path":"/members"}]`,
			[]string{`add /members/1: absent → {"id":3}`, `replace /members/2/id: 2 → 4`, `remove /members: [{"id":1},{"id":3},{"id":4}]`},
		},
		{
			`[{"op":"replace","path":"/a~1b/~0","value":false},{"op":"remove","path":"/a~1b"}]`,
			[]string{`replace /a~1b/~0: true → false`, `remove /a~1b: {"~":false}`},
		},
		{`[{"op":"replace","path":"/none","value":null}]`, []string{`replace /none: null, as it is`}},
		{
			`[{"op":"remove","path":"/members/01"},{"op":"remove","path":"/members/-1"},{"op":"remove","path":"/members/x"},{"op":"remove","path":"/name/x"},{"op":"replace","path":"members","value":1},{"op":"remove","path":"/members"}]`,
			[]string{
				`remove /members/01: absent`, `remove /members/-1: absent`, `remove /members/x: absent`, `remove /name/x: absent`,
				`replace members: ` + doc + ` → 1`, `remove /members: [{"id":1},{"id":2}]`,
			},
		},
		{`[{"op":"re\nplace","path":"/na\nme","value":"a\nb"}]`, []string{`"re\nplace" "/na\nme": absent → "a\nb"`}},
	} {
		operations, before := mustParse(t, x.operations), mustParse(t, doc)
		require.Equal(t, x.lines, patched(nil, operations.Parts, &before, inDryRun), x.operations)
		require.Equal(t, doc, before.JSON(), "a dry run changes nothing")
	}
}

func mustParse(t testing.TB, text string) jsonvalue.Value {
	t.Helper()
	v, err := jsonvalue.Parse([]byte(text))
	require.NoError(t, err)
	return v
}

// FuzzPatch holds our steps against those of the library that applies a whole
// patch: the same document comes of them, and none where it refuses.
func FuzzPatch(f *testing.F) {
	const doc = `{"name":"Ops","members":[{"id":1},{"id":2},[0]],"a/b":{"~":true,"":1e400},"none":null}`
	for _, operations := range []string{
		`[{"op":"replace","path":"/name","value":"New"},{"op":"remove","path":"/members/0"}]`,
		`[{"op":"add","path":"/members/-","value":{"x":[]}},{"op":"add","path":"/members/3/x/0","value":null},{"op":"replace","path":"/members/3/x/0","value":1}]`,
		`[{"op":"add","path":"/a~1b/~01","value":0},{"op":"remove","path":"/a~1b/"},{"op":"remove","path":"/none"}]`,
		`[{"op":"remove","path":"/members/-1"},{"op":"remove","path":"/members/00"},{"op":"add","path":"/members/9","value":1},{"op":"add","path":"","value":1}]`,
		`[{"op":"move","from":"/name","path":"/other"},{"op":"test","path":"/name","value":"Ops"},{"op":"copy","from":"/members","path":"/none"}]`,
		`[{"op":"add","path":"/name"},{"path":"/name"},1,[],{"op":"replace","path":5,"value":1}]`,
	} {
		f.Add([]byte(doc), []byte(operations))
	}
	f.Fuzz(func(t *testing.T, doc, operations []byte) {
		if !sameToAll(doc) || !sameToAll(operations) || !bytes.HasPrefix(bytes.TrimSpace(doc), []byte("{")) {
			return
		}
		before, list := mustParse(t, string(doc)), mustParse(t, string(operations))
		if list.Kind != jsonvalue.List {
			return
		}
		lines := patched(nil, list.Parts, &before, inDryRun)
		require.Len(t, lines, len(list.Parts))
		for _, line := range lines {
			require.NotContains(t, line, "\n")
		}
		require.Equal(t, decoded(t, doc), decoded(t, before.AppendJSON(nil)), "a dry run changes nothing")

		ours, theirs := mustParse(t, string(doc)), doc
		for i := range list.Parts {
			o := &list.Parts[i]
			kind, path := o.Member("op").Str(), o.Member("path").Str()
			steps := jsonvalue.Pointer(path)
			if noIndex.MatchString(path) || slices.Contains(steps, "") { // which is a name as any other, but to the library
				return
			}
			ours.Patch(kind, steps, o.Member("value"))
			if after, err := byLibrary(theirs, o); err == nil && len(steps) > 0 {
				theirs = after
			}
			require.Equal(t, decoded(t, theirs), decoded(t, ours.AppendJSON(nil)), "after operation %d", i)
		}
	})
}

// noIndex is what the library takes for a place in a list and the RFC does not.
var noIndex = regexp.MustCompile(`/([+-]\d+|0\d+)(/|$)`)

// byLibrary does one operation, if it is one of those that Retool takes.
func byLibrary(doc []byte, operation *jsonvalue.Value) ([]byte, error) {
	switch operation.Member("op").Str() {
	case "add", "replace":
		if operation.Member("value") == nil {
			return doc, nil
		}
	case "remove":
	default:
		return doc, nil
	}
	patch, err := jsonpatch.DecodePatch([]byte("[" + operation.JSON() + "]"))
	if err != nil {
		return nil, err
	}
	o := jsonpatch.NewApplyOptions()
	o.SupportNegativeIndices, o.EscapeHTML = false, false
	return patch.ApplyWithOptions(doc, o)
}

// sameToAll tells whether a text is JSON that every reader takes for the same: no
// name stands twice in an object, and nothing is in it that our reader cleans.
func sameToAll(text []byte) bool {
	if !jsontext.Value(text).IsValid() {
		return false
	}
	v, err := jsonvalue.Parse(text)
	if err != nil || !jsontext.Value(v.AppendJSON(nil)).IsValid() {
		return false
	}
	a, b := decode(text), decode(v.AppendJSON(nil))
	return a != nil && equalJSON(a, b)
}

func equalJSON(a, b any) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return bytes.Equal(x, y)
}

func decoded(t testing.TB, text []byte) any {
	t.Helper()
	v := decode(text)
	require.NotNil(t, v, "%s", text)
	return v
}

func decode(text []byte) (v any) {
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber()
	_ = d.Decode(&v) // nil tells
	return v
}
