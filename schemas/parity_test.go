package schemas_test

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/catalogdiff"
	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/internal/referencedata"
	"github.com/retool-mcp/retool-mcp/internal/toolgen"
	"github.com/retool-mcp/retool-mcp/tools"
)

const (
	ourFile         = "retool.openapi.yaml"
	differencesFile = "differences.txt"
)

// release is a document with its catalog.
type release struct {
	*openapi.Document
	catalog *tools.Catalog
}

func releaseOf(t *testing.T, data []byte) release {
	t.Helper()
	doc, err := openapi.Read(openapi.Source{Data: data, Trusted: true})
	require.NoError(t, err)
	require.Empty(t, doc.Problems)
	c, err := toolgen.New(doc, nil)
	require.NoError(t, err)
	return release{doc, c}
}

func ourText(t *testing.T) []byte {
	t.Helper()
	data, err := os.ReadFile(ourFile)
	require.NoError(t, err)
	return data
}

func ourRelease(t *testing.T) release {
	t.Helper()
	ours := releaseOf(t, ourText(t))
	require.True(t, ours.Curated, "x-curated")
	return ours
}

// reference has every operation that Retool ever documented: those of the newest
// document, and those of the older one that the newest omits.
func reference(t *testing.T) release {
	t.Helper()
	out := release{&openapi.Document{}, &tools.Catalog{}}
	known := map[string]bool{}
	for _, name := range slices.Backward(referencedata.Documents) {
		r := releaseOf(t, referencedata.Read(t, name))
		fresh := map[string]bool{}
		for i := range r.Operations {
			if op := &r.Operations[i]; !known[key(op.Method, op.Path)] {
				out.Operations = append(out.Operations, *op)
				fresh[key(op.Method, op.Path)] = true
			}
		}
		for i := range r.catalog.Tools {
			if tool := &r.catalog.Tools[i]; fresh[key(tool.Method, tool.Path)] {
				out.catalog.Tools = append(out.catalog.Tools, *tool)
			}
		}
		maps.Copy(known, fresh)
	}
	return out
}

var parameter = regexp.MustCompile(`/(\{[^}/]+\}|:\w+)`)

// key identifies an operation, however its parameters are called and written.
func key(method, path string) string { return method + " " + parameter.ReplaceAllString(path, "/{}") }

// TestEveryDifferenceIsReviewed compares the embedded document with Retool's. A
// difference is either a mistake of ours or has its reason in the file.
func TestEveryDifferenceIsReviewed(t *testing.T) {
	theirs, ours := reference(t), ourRelease(t)
	changes := slices.Concat(
		catalogdiff.Compare(theirs.catalog, ours.catalog),
		diffScopes(scopes(t), ours.Document),
		diffPlans(theirs.catalog, ours.catalog),
		diffAnswers(theirs.Document, ours.Document),
	)
	reviewed := reviewedDifferences(t)
	found := map[string]bool{}
	for _, c := range changes {
		found[c.String()] = true
		if !reviewed[c.String()] {
			t.Errorf("not in %s: %s", differencesFile, c)
		}
	}
	for line := range reviewed {
		if !found[line] {
			t.Errorf("stale in %s: %s", differencesFile, line)
		}
	}
}

// reviewedDifferences reads the file: a difference, two spaces, "# " and the
// reason on each line.
func reviewedDifferences(t *testing.T) map[string]bool {
	t.Helper()
	data, err := os.ReadFile(differencesFile)
	require.NoError(t, err)
	out := map[string]bool{}
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		line := lines.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		cut := strings.LastIndex(line, "  # ")
		require.Positive(t, cut, "without a reason: %s", line)
		require.NotEmpty(t, strings.TrimSpace(line[cut+4:]), "without a reason: %s", line)
		difference := strings.TrimSpace(line[:cut])
		require.False(t, out[difference], "twice: %s", difference)
		out[difference] = true
	}
	return out
}

// scopes returns the scope of every operation by its key.
func scopes(t *testing.T) map[string]string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(referencedata.Read(t, "scopes-and-plans.csv"))).ReadAll()
	require.NoError(t, err)
	operation, scope := slices.Index(rows[0], "operation"), slices.Index(rows[0], "scope_in_spec_3.387")
	out := map[string]string{}
	for _, row := range rows[1:] {
		method, path, _ := strings.Cut(row[operation], " ")
		out[key(method, path)] = strings.ReplaceAll(row[scope], " OR ", " or ")
	}
	return out
}

func diffScopes(theirs map[string]string, ours *openapi.Document) (changes []catalogdiff.Change) {
	for i := range ours.Operations {
		op := &ours.Operations[i]
		if from, to := theirs[key(op.Method, op.Path)], op.Extension.Scope; from != to {
			changes = append(changes, catalogdiff.Change{Kind: catalogdiff.Changed, Operation: op.Method + " " + op.Path, What: "x-scope", From: from, To: to})
		}
	}
	return changes
}

// diffPlans compares the plans that badges name. Other badges, such as that of
// operations for classic apps only, are no plan.
func diffPlans(theirs, ours *tools.Catalog) (changes []catalogdiff.Change) {
	plans := map[string]string{}
	for i := range theirs.Tools {
		plans[key(theirs.Tools[i].Method, theirs.Tools[i].Path)] = theirs.Tools[i].Plan
	}
	for i := range ours.Tools {
		tool := &ours.Tools[i]
		if from, ok := plans[key(tool.Method, tool.Path)]; ok && from != tool.Plan {
			changes = append(changes, catalogdiff.Change{Kind: catalogdiff.Changed, Operation: tool.Method + " " + tool.Path, What: "x-plan", From: from, To: tool.Plan})
		}
	}
	return changes
}

// diffAnswers compares the fields of the answers: names and types, no more,
// since answers are not validated.
func diffAnswers(theirs, ours *openapi.Document) (changes []catalogdiff.Change) {
	answers := map[string]*jsonschema.Schema{}
	for i := range ours.Operations {
		answers[key(ours.Operations[i].Method, ours.Operations[i].Path)] = ours.Operations[i].Answer
	}
	for i := range theirs.Operations {
		op := &theirs.Operations[i]
		mine, ok := answers[key(op.Method, op.Path)]
		if !ok {
			continue // Diff says so
		}
		add := func(kind, what, from, to string) {
			changes = append(changes, catalogdiff.Change{Kind: kind, Operation: op.Method + " " + op.Path, What: strings.TrimSpace("answer " + what), From: from, To: to})
		}
		inner := enveloped(mine)
		if op.Answer == nil || enveloped(op.Answer) != nil {
			inner = nil
		}
		if inner != nil {
			add(catalogdiff.Added, "envelope", "", "")
			mine = inner
		}
		before, after := answerFields(op.Answer), answerFields(mine)
		if inner != nil { // an answer is known to a certain depth, of which the envelope takes one level
			maps.DeleteFunc(before, func(at, _ string) bool { return strings.HasSuffix(at, "[]") })
			maps.DeleteFunc(after, func(at, _ string) bool { return strings.HasSuffix(at, "[]") })
		}
		for at, from := range before {
			if to, ok := after[at]; !ok {
				add(catalogdiff.Removed, at, from, "")
			} else if from != to {
				add(catalogdiff.Changed, at+" type", from, to)
			}
		}
		for at, to := range after {
			if _, ok := before[at]; !ok {
				add(catalogdiff.Added, at, "", to)
			}
		}
	}
	return changes
}

// enveloped returns the content of an answer's envelope, nil without one.
func enveloped(answer *jsonschema.Schema) *jsonschema.Schema {
	if answer == nil || answer.Properties == nil {
		return nil
	}
	if _, ok := answer.Properties.Get("success"); !ok {
		return nil
	}
	data, _ := answer.Properties.Get("data")
	return data
}

// answerFields returns the types of the fields on the top two levels of an
// answer: "", "data", "data[].id". Lists are no level of their own.
func answerFields(answer *jsonschema.Schema) map[string]string {
	types := map[string]map[string]bool{}
	var walk func(at string, s *jsonschema.Schema, level int)
	walk = func(at string, s *jsonschema.Schema, level int) {
		branches := slices.Concat(s.AnyOf, s.OneOf, s.AllOf)
		for _, b := range branches {
			walk(at, b, level)
		}
		if s.Type != "" || len(branches) == 0 {
			if types[at] == nil {
				types[at] = map[string]bool{}
			}
			types[at][typeOf(s)] = true
		}
		if s.Items != nil {
			walk(at+"[]", s.Items, level)
		}
		if level < 2 && s.Properties != nil {
			for name, p := range s.Properties.FromOldest() {
				walk(strings.TrimPrefix(at+"."+name, "."), p, level+1)
			}
		}
	}
	out := map[string]string{}
	if answer != nil {
		walk("", answer, 0)
	}
	for at, set := range types {
		out[at] = strings.Join(slices.Sorted(maps.Keys(set)), " or ")
	}
	return out
}

func typeOf(s *jsonschema.Schema) string {
	if s.Type == "" {
		return "any"
	}
	return s.Type
}

// TestOperationsAreThoseOfTheNewestRelease compares with the list of 4.0.0, and
// takes a reviewed difference for what is newer.
func TestOperationsAreThoseOfTheNewestRelease(t *testing.T) {
	newest, got, reviewed := map[string]bool{}, map[string]bool{}, reviewedDifferences(t)
	for line := range strings.Lines(string(referencedata.Read(t, "operations-4.0.0.tsv"))) {
		operation, _, _ := strings.Cut(line, "\t")
		method, path, _ := strings.Cut(operation, " ")
		newest[key(method, path)] = true
	}
	require.Len(t, newest, 152)
	for _, op := range ourRelease(t).Operations {
		name := key(op.Method, op.Path)
		require.False(t, got[name], "%s twice", name)
		got[name] = true
		require.True(t, newest[name] || reviewed[op.Method+" "+op.Path+": operation added"], "%s is not in release 4.0.0, nor in %s", name, differencesFile)
	}
	for name := range newest {
		require.True(t, got[name], "%s is missing", name)
	}
}

// TestOperationsSayWhatTheyAre checks the id and the words of every operation.
func TestOperationsSayWhatTheyAre(t *testing.T) {
	for _, op := range ourRelease(t).Operations {
		at := op.Method + " " + op.Path
		require.Equal(t, toolgen.Name(op.Method, op.Path), op.ID, at)
		require.NotEmpty(t, op.Summary, at)
		require.NotEmpty(t, op.Description, at)
	}
}
