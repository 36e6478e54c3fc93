package describe

import (
	"fmt"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// mostSchema is the number of tokens above which a schema is shown by branches.
const mostSchema = 1_500

// answerBranch is the branch of an answer's schema; those within it follow a
// colon, which no argument's name has.
const answerBranch = "answer"

// controls are the texts of the arguments that every tool explains alike.
var controls = []struct{ name, text string }{
	{tools.ArgInstance, "which of the instances"},
	{tools.ArgDryRun, "say what the call would do, and do nothing"},
	{tools.ArgWhere, "keep the items, of all pages, for which an expression is true: active and last_active < '2026-08-01'; x == nil; any(groups, .name == 'admin'); daysAgo(90)"},
	{tools.ArgFields, "dot paths of the answer to keep"},
	{tools.ArgResolve, "add names to ids of other objects"},
	{tools.ArgLimit, "items on a page"},
	{tools.ArgToken, "from the last result, to continue it"},
	{tools.ArgAllPages, "follow all pages"},
	{tools.ArgMaxItems, "items in the result, from any number of pages"},
	{tools.ArgFormat, "table or json"},
}

// whole describes a tool in at most that many tokens, 0 for any number.
func whole(t *tools.Tool, self string, most int, r repeated) string {
	schemas := mostSchema
	if most > 0 {
		schemas = min(schemas, most/4)
	}
	out := head(t) + argumentsOf(t, self, schemas, r)
	back := answerOf(t, self, schemas, r)
	if most > 0 && result.Tokens(out+back) > most-reserve {
		back = "\nAnswer: " + self + " " + arguments([]string{t.Name}, answerBranch)
	}
	return out + back
}

// head says what a tool does, and what is known of its operation.
func head(t *tools.Tool) string {
	out := t.Name + ": " + t.Description
	if t.Details != "" {
		out += "\n" + t.Details
	}
	if t.IsLocal() {
		return out
	}
	facts := []string{t.Method + " " + text.Path(t.Path)}
	add := func(is bool, fact string) {
		if is {
			facts = append(facts, fact)
		}
	}
	add(t.Hints.ReadOnly, "only reads")
	add(t.Hints.Destructive, "destructive")
	add(t.Irreversible, "affects the whole organization")
	add(t.Hints.Idempotent && !t.Hints.ReadOnly, "can be repeated")
	add(t.Hints.OpenWorld, "has effects outside Retool")
	add(t.Undo != "", text.OneLine(t.Undo))
	add(t.Plan != "", "plan "+text.Name(t.Plan))
	add(t.Since != "", "since "+text.Name(t.Since))
	add(t.Deprecated, "deprecated")
	return out + "\n" + strings.Join(facts, "; ")
}

// argumentsOf shows the schema of the arguments and an example.
func argumentsOf(t *tools.Tool, self string, most int, r repeated) (out string) {
	s, _, _ := schemaOf(t, "")
	if s != nil && len(partsOf(s, "")) > 0 {
		out += "\nArguments" + shown(s, "", t, self, most, r)
	}
	if paths := parse(string(t.Patch)); paths != nil {
		out += "\nPaths of the patch, with their values: " + paths.JSON()
	}
	var also, ids []string
	for _, control := range controls {
		if i := slices.IndexFunc(t.Args, func(a tools.Arg) bool { return a.Name == control.name && a.In == tools.NotSent }); i >= 0 {
			also = append(also, r.explain(control.name, control.text))
		}
	}
	for _, a := range t.Args {
		if a.ListTool != "" {
			ids = append(ids, a.Name+" from "+a.ListTool)
		}
		if a.Each {
			ids = append(ids, a.Name+" can be a list of values, one request for each")
		}
		if a.Since != "" {
			ids = append(ids, a.Name+" since release "+a.Since)
		}
	}
	for _, line := range []struct {
		name string
		list []string
	}{{"Also takes", also}, {"Of the arguments", ids}} {
		if len(line.list) > 0 {
			out += "\n" + line.name + ": " + strings.Join(line.list, ", ")
		}
	}
	if t.RunsScripts() { // an example would be code
		return out
	}
	return out + "\nExample: " + t.Name + " " + Example(t)
}

// answerOf shows the fields of the answer.
func answerOf(t *tools.Tool, self string, most int, r repeated) string {
	s, at, _ := schemaOf(t, answerBranch)
	if s == nil {
		if t.IsLocal() {
			return ""
		}
		return "\nAnswer: not documented"
	}
	out := "\nAnswer"
	if t.Answer.Path != "" {
		out += ", in " + t.Answer.Path
	}
	if t.Answer.List {
		out += ", a list, each item"
	}
	out += shown(s, at, t, self, most, r)
	var secret []string
	for _, path := range t.Secrets {
		secret = append(secret, path.Path)
	}
	if len(secret) > 0 {
		out += "\nRedacted in it: " + strings.Join(secret, ", ")
	}
	return out
}

// ofBranch describes one branch of a tool's schemas.
func ofBranch(t *tools.Tool, self, branch string, most int) result.Result {
	root, at, rest := schemaOf(t, branch)
	var s *jsonvalue.Value
	if root != nil {
		s = find(root, at, rest)
	}
	if s == nil {
		const least = 100 // tokens, of branches worth a suggestion
		var known []string
		for _, of := range []string{"", answerBranch} {
			if root, at, _ := schemaOf(t, of); root != nil {
				known = append(known, branches(root, at, least)...)
			}
		}
		why := fmt.Sprintf("%s has no branch %s%s.", t.Name, text.Cite(branch), text.DidYouMean(branch, known))
		if len(known) > 0 {
			why += " The larger ones are: " + strings.Join(known, ", ")
		}
		return refused(text.Clip(why, 4_000))
	}
	schemas := mostSchema
	if most > 0 {
		schemas = min(schemas, most/2)
	}
	return result.Result{Text: text.EscapeInvisible(t.Name + ", branch " + text.Name(branch) + shown(s, rest, t, self, schemas, repeated{}) + "\n" + documentNote)}
}

// schemaOf returns the schema that a branch is in, its own path and the whole path of
// the branch.
func schemaOf(t *tools.Tool, branch string) (root *jsonvalue.Value, at, rest string) {
	if area, inner, _ := strings.Cut(branch, ":"); strings.EqualFold(area, answerBranch) {
		root = parse(string(t.Answer.Schema))
		if root != nil {
			simplify(root)
		}
		return root, answerBranch + ":", answerBranch + ":" + inner
	}
	root = parse(string(t.Full))
	if root != nil {
		var names []string
		for _, a := range t.Args {
			if a.In == tools.NotSent && !t.IsLocal() {
				names = append(names, a.Name)
			}
		}
		without(root, names)
	}
	return root, "", branch
}

// simplify removes what matters only to whoever checks a value.
func simplify(s *jsonvalue.Value) {
	for _, word := range []string{"required", "minLength", "maxLength", "pattern"} {
		if v := s.Member(word); v != nil && v.Kind != jsonvalue.Object {
			s.Drop(word)
		}
	}
	if others := s.Member("additionalProperties"); others != nil && others.Kind != jsonvalue.Object {
		s.Drop("additionalProperties")
	}
	for _, p := range partsOf(s, "") {
		simplify(p.schema)
	}
}

// shown writes a schema, by branches if it is large.
func shown(s *jsonvalue.Value, at string, t *tools.Tool, self string, most int, r repeated) string {
	if !r.known(s, at, t) {
		r.refer(s, at, t)
	}
	size := result.Tokens(s.JSON())
	if !fold(s, at, most) {
		return ": " + s.JSON()
	}
	return fmt.Sprintf(" (%d tokens; {\"branch\": PATH} stands for a part that %s %s shows): %s", size, self, arguments([]string{t.Name}, firstStub(s)), s.JSON())
}

// firstStub is the path of a branch that a folded schema only names.
func firstStub(s *jsonvalue.Value) string {
	if path := textAt(s, argBranch); path != "" {
		return path
	}
	for _, p := range partsOf(s, "") {
		if path := firstStub(p.schema); path != "" {
			return path
		}
	}
	return ""
}
