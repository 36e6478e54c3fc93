package tools

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// The kinds of a Change.
const (
	Added   = "added"
	Removed = "removed"
	Changed = "changed"
)

// Change is one difference between two catalogues.
type Change struct {
	// Kind is Added, Removed or Changed.
	Kind string
	// Operation is the method and path, "GET /users".
	Operation string
	// What differs: "operation", "body type", "argument limit", or a part of an
	// argument such as "argument options.anyOf[postgresql].host type".
	What string
	// From and To are the two states, "" for none. Of what was added or removed
	// they tell the type and whether it is required: "string, required".
	From, To string
}

const mustBeGiven = ", required"

// String writes a change for people: "GET /users: argument limit added".
func (c Change) String() string {
	text := c.Operation + ": " + c.What
	if c.Kind == Changed {
		return text + ": " + cmp.Or(c.From, "none") + " → " + cmp.Or(c.To, "none")
	}
	text += " " + c.Kind
	if c.Kind == Added && strings.HasSuffix(c.To, mustBeGiven) {
		text += " (required)"
	}
	return text
}

// Diff compares two catalogues by what a request may hold, operation by
// operation and argument by argument. Sentences and titles do not count, nor
// does the order of anything. A parameter of the path is known by its place, so
// that one which is called otherwise is one change.
func Diff(a, b *Catalogue) []Change {
	before, after := keyed(a), keyed(b)
	var d differ
	for _, key := range keysOf(before, after) {
		one, two := before[key], after[key]
		switch {
		case two == nil:
			d.operation = one.Method + " " + one.Path
			d.add(Removed, "operation", "", "")
		case one == nil:
			d.operation = two.Method + " " + two.Path
			d.add(Added, "operation", "", "")
		default:
			d.operation = one.Method + " " + one.Path
			d.tools(one, two)
		}
	}
	slices.SortFunc(d.changes, func(x, y Change) int {
		methodX, pathX, _ := strings.Cut(x.Operation, " ")
		methodY, pathY, _ := strings.Cut(y.Operation, " ")
		return cmp.Or(cmp.Compare(pathX, pathY), cmp.Compare(methodX, methodY),
			cmp.Compare(x.What, y.What), cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.From, y.From), cmp.Compare(x.To, y.To))
	})
	return d.changes
}

// keyed finds the tools by what they do. Paths that differ in nothing but the
// names of their parameters are told apart by their order.
func keyed(c *Catalogue) map[string]*Tool {
	list := make([]*Tool, len(c.Tools))
	for i := range c.Tools {
		list[i] = &c.Tools[i]
	}
	slices.SortStableFunc(list, func(a, b *Tool) int { return cmp.Compare(a.Path, b.Path) })
	out := map[string]*Tool{}
	for _, t := range list {
		key := operationKey(t.Method, t.Path)
		for out[key] != nil {
			key += " again"
		}
		out[key] = t
	}
	return out
}

type differ struct {
	operation string
	changes   []Change
}

func (d *differ) add(kind, what, from, to string) {
	d.changes = append(d.changes, Change{Kind: kind, Operation: d.operation, What: what, From: from, To: to})
}

// same adds a change where two states are not the same.
func (d *differ) same(what, from, to string) {
	if from != to {
		d.add(Changed, what, from, to)
	}
}

func (d *differ) tools(a, b *Tool) {
	d.same("body type", a.BodyType, b.BodyType)
	before, after := argumentSchemas(a), argumentSchemas(b)
	partners := partnersOf(a, b)
	for i := range a.Args {
		one, at := &a.Args[i], "argument "+a.Args[i].Name
		two := partners[one]
		if two == nil {
			d.add(Removed, at, stateOf(before[one.Name], one.Required), "")
			continue
		}
		delete(partners, one)
		partners[two] = one
		d.same(at+" name", one.Name, two.Name)
		if one.In != InPath || two.In != InPath { // there the wire has no name
			d.same(at+" wire name", one.Wire, two.Wire)
		}
		d.same(at+" place", string(one.In), string(two.In))
		d.same(at+" form", formOf(one), formOf(two))
		d.same(at+" required", yesNo(one.Required), yesNo(two.Required))
		d.compare(at, before[one.Name], after[two.Name])
	}
	for j := range b.Args {
		if two := &b.Args[j]; partners[two] == nil {
			d.add(Added, "argument "+two.Name, "", stateOf(after[two.Name], two.Required))
		}
	}
}

// partnersOf finds, for the arguments of a, those of b that are the same:
// parameters of the path by their place, others by their name in the request,
// or else by the one in the schema.
func partnersOf(a, b *Tool) map[*Arg]*Arg {
	partners, taken := map[*Arg]*Arg{}, map[*Arg]bool{}
	pair := func(same func(x, y *Arg) bool) {
		for i := range a.Args {
			for j := range b.Args {
				if x, y := &a.Args[i], &b.Args[j]; partners[x] == nil && !taken[y] && same(x, y) {
					partners[x], taken[y] = y, true
				}
			}
		}
	}
	before, after := parameterName().FindAllString(a.Path, -1), parameterName().FindAllString(b.Path, -1)
	pair(func(x, y *Arg) bool {
		if x.In != InPath || y.In != InPath {
			return x.In == y.In && x.Wire == y.Wire
		}
		return slices.Index(before, "{"+x.Wire+"}") == slices.Index(after, "{"+y.Wire+"}")
	})
	pair(func(x, y *Arg) bool { return x.In != InPath && y.In != InPath && x.Name == y.Name })
	return partners
}

// formOf tells how a value is written into the request.
func formOf(a *Arg) string {
	form := []string{cmp.Or(a.Style, "plain")}
	for _, f := range []struct {
		on   bool
		word string
	}{{a.Explode, "exploded"}, {a.Reserved, "reserved"}, {a.JSON, "as JSON"}, {a.Many, "many"}} {
		if f.on {
			form = append(form, f.word)
		}
	}
	return strings.Join(form, ", ")
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// members is a decoded JSON object, mostly a schema without references.
type members = map[string]any

// argumentSchemas decodes the whole schemas of the arguments, their numbers in
// one form.
func argumentSchemas(t *Tool) map[string]members {
	var root members
	text := t.Full.Clone()
	if text.Canonicalize() != nil || json.Unmarshal(text, &root) != nil {
		return nil
	}
	return schemasIn(root["properties"])
}

// schemaIn reads what stands for a schema; nothing at all is any value.
func schemaIn(v any) members {
	s, ok := v.(members)
	if v == false {
		return members{"not": members{}}
	}
	if !ok {
		return members{}
	}
	return s
}

func schemasIn(v any) map[string]members {
	out := map[string]members{}
	named, _ := v.(members)
	for name, s := range named {
		out[name] = schemaIn(s)
	}
	return out
}

// anything is the type of a schema that allows every value.
const anything = "any"

// alternatives lists what a value may be beside null: the branches of a schema
// that is nothing but a union, those of unions within it included, or else the
// schema itself.
func alternatives(s members) (list []members, null bool) {
	for _, word := range []string{"anyOf", "oneOf"} {
		branches, ok := s[word].([]any)
		says := func(w string) bool { return w != word && w != "default" && !slices.Contains(unspoken, w) }
		if !ok || slices.ContainsFunc(keysOf(s), says) {
			continue
		}
		for _, b := range branches {
			more, nullToo := alternatives(schemaIn(b))
			list, null = append(list, more...), null || nullToo
		}
		if d, ok := s["default"]; ok && len(list) == 1 {
			list[0] = maps.Clone(list[0])
			list[0]["default"] = d
		}
		return list, null
	}
	if s["type"] == "null" {
		return nil, true
	}
	return []members{s}, false
}

// typeOf names the types of alternatives.
func typeOf(list []members) string {
	var types []string
	for _, s := range list {
		t, ok := s["type"].(string)
		if !ok && !slices.ContainsFunc([]string{"anyOf", "oneOf", "allOf", "not", "enum"}, func(w string) bool { return s[w] != nil }) {
			return anything
		}
		types = append(types, cmp.Or(t, "mixed"))
	}
	slices.Sort(types)
	return cmp.Or(strings.Join(slices.Compact(types), " or "), "null")
}

// stateOf tells what an argument or field is that the other side has not.
func stateOf(s members, required bool) string {
	list, _ := alternatives(s)
	if required {
		return typeOf(list) + mustBeGiven
	}
	return typeOf(list)
}

// compare compares two schemas. Null beside something else is a fact of its
// own, however it is written.
func (d *differ) compare(at string, a, b members) {
	before, nullBefore := alternatives(a)
	after, nullAfter := alternatives(b)
	from, to := typeOf(before), typeOf(after)
	if from != to && (from == anything || to == anything) {
		d.add(Changed, at+" type", from, to)
		return
	}
	if from != anything {
		d.same(at+" null", yesNo(nullBefore), yesNo(nullAfter))
	}
	if len(before) == 1 && len(after) == 1 {
		d.single(at, before[0], after[0])
		return
	}
	if len(before) > 1 || len(after) > 1 {
		d.same(at+" default", literal(a["default"]), literal(b["default"]))
	}
	d.union(at+".anyOf", before, after)
}

// unspoken are the words that only people read, structural those of parts that
// are compared as schemas, enum as a set.
var (
	unspoken   = []string{"title", "description", "examples", "deprecated", "$comment"}
	structural = []string{
		"type", "enum", "properties", "required", "patternProperties", "additionalProperties", "items",
		"prefixItems", "anyOf", "oneOf", "allOf", "not",
	}
)

// single compares two schemas that are no mere unions.
func (d *differ) single(at string, a, b members) {
	if from, to := typeOf([]members{a}), typeOf([]members{b}); from != to {
		d.add(Changed, at+" type", from, to)
		return
	}
	d.enums(at, values(a["enum"]), values(b["enum"]))
	d.fields(at+".", schemasIn(a["properties"]), schemasIn(b["properties"]), values(a["required"]), values(b["required"]))
	d.fields(at+"./", schemasIn(a["patternProperties"]), schemasIn(b["patternProperties"]), nil, nil)
	d.others(at, a["additionalProperties"], b["additionalProperties"])
	for _, word := range []string{"items", "not"} {
		if a[word] != nil || b[word] != nil {
			d.compare(at+map[string]string{"items": "[]", "not": ".not"}[word], schemaIn(a[word]), schemaIn(b[word]))
		}
	}
	for _, word := range []string{"anyOf", "oneOf", "allOf"} {
		d.union(at+"."+word, schemasOf(a[word]), schemasOf(b[word]))
	}
	d.fields(at, numbered(a["prefixItems"]), numbered(b["prefixItems"]), nil, nil)
	for _, word := range keysOf(a, b) {
		if !slices.Contains(unspoken, word) && !slices.Contains(structural, word) {
			d.same(at+" "+word, literal(a[word]), literal(b[word]))
		}
	}
}

// enums compares sets of values.
func (d *differ) enums(at string, a, b []string) {
	if len(a) == 0 || len(b) == 0 {
		d.same(at+" values", strings.Join(a, ", "), strings.Join(b, ", "))
		return
	}
	for _, v := range a {
		if !slices.Contains(b, v) {
			d.add(Removed, at+" value "+v, v, "")
		}
	}
	for _, v := range b {
		if !slices.Contains(a, v) {
			d.add(Added, at+" value "+v, "", v)
		}
	}
}

func (d *differ) fields(at string, a, b map[string]members, requiredA, requiredB []string) {
	for _, name := range keysOf(a, b) {
		must, mustToo := slices.Contains(requiredA, literal(name)), slices.Contains(requiredB, literal(name))
		one, two := a[name], b[name]
		switch {
		case two == nil:
			d.add(Removed, at+name, stateOf(one, must), "")
		case one == nil:
			d.add(Added, at+name, "", stateOf(two, mustToo))
		default:
			d.same(at+name+" required", yesNo(must), yesNo(mustToo))
			d.compare(at+name, one, two)
		}
	}
}

// others compares what is said of fields that are not listed. To leave it
// unsaid allows them.
func (d *differ) others(at string, a, b any) {
	if a == nil && b == nil {
		return
	}
	if a == false || b == false {
		d.same(at+" other fields", yesNo(a != false), yesNo(b != false))
		return
	}
	d.compare(at+".*", schemaIn(a), schemaIn(b))
}

// union compares branches in pairs of those that are most alike, so that one
// more branch is one change wherever it stands.
func (d *differ) union(at string, a, b []members) {
	type pair struct {
		i, j  int
		score float64
	}
	var pairs []pair
	featuresB := make([]map[string]bool, len(b))
	for j := range b {
		featuresB[j] = featuresOf(b[j])
	}
	for i := range a {
		features := featuresOf(a[i])
		for j := range b {
			if score := likeness(a[i], b[j], features, featuresB[j]); score >= leastLikeness {
				pairs = append(pairs, pair{i, j, score})
			}
		}
	}
	slices.SortStableFunc(pairs, func(x, y pair) int { return cmp.Compare(y.score, x.score) })
	namesA, namesB := branchNames(a), branchNames(b)
	doneA, doneB := map[int]bool{}, map[int]bool{}
	for _, p := range pairs {
		if !doneA[p.i] && !doneB[p.j] {
			doneA[p.i], doneB[p.j] = true, true
			d.single(at+"["+namesA[p.i]+"]", a[p.i], b[p.j])
		}
	}
	for i := range a {
		if !doneA[i] {
			d.add(Removed, at+"["+namesA[i]+"]", typeOf(a[i:i+1]), "")
		}
	}
	for j := range b {
		if !doneB[j] {
			d.add(Added, at+"["+namesB[j]+"]", "", typeOf(b[j:j+1]))
		}
	}
}

const leastLikeness = 0.2

// likeness tells how probable it is that two branches mean the same: not at all
// if their types differ or a field has another fixed value in each, most if
// such fields or their titles are equal, else by what they have in common.
func likeness(a, b members, featuresA, featuresB map[string]bool) float64 {
	if typeOf([]members{a}) != typeOf([]members{b}) {
		return 0
	}
	common, bonus := 0, 0.0
	for f := range featuresA {
		if featuresB[f] {
			common++
		}
	}
	tagsB := tagsOf(b)
	for name, tag := range tagsOf(a) {
		if other, ok := tagsB[name]; ok && other != tag {
			return 0
		} else if ok {
			bonus = 2
		}
	}
	if title, ok := a["title"]; ok && title == b["title"] {
		bonus++
	}
	if a["type"] != "object" {
		bonus++ // a type is much to have in common, if it is not that of nearly all
	}
	return bonus + float64(common)/float64(max(1, len(featuresA)+len(featuresB)-common))
}

// tagsOf returns the fields of a branch that have one fixed string each: they
// tell it from the others.
func tagsOf(s members) map[string]string {
	tags := map[string]string{}
	for name, p := range schemasIn(s["properties"]) {
		if list := values(p["enum"]); len(list) == 1 && p["type"] == "string" {
			tags[name] = list[0]
		}
	}
	return tags
}

// featuresOf lists what a schema says of its fields, at any depth.
func featuresOf(s members) map[string]bool {
	out := map[string]bool{}
	var collect func(at string, v any)
	collect = func(at string, v any) {
		switch v := v.(type) {
		case members:
			for key, value := range v {
				if !slices.Contains(unspoken, key) {
					collect(at+"/"+key, value)
				}
			}
		case []any:
			for _, value := range v {
				collect(at, value)
			}
		default:
			out[at+"="+literal(v)] = true
		}
	}
	collect("", s)
	return out
}

// branchNames names each branch by what no other has: a fixed value, a type, a
// field, its title, or else its place.
func branchNames(list []members) []string {
	candidates, count := make([][]string, len(list)), map[string]int{}
	for i, s := range list {
		tags, fields := tagsOf(s), schemasIn(s["properties"])
		for _, name := range keysOf(tags) {
			candidates[i] = append(candidates[i], tags[name])
		}
		if fixed := values(s["enum"]); len(fixed) == 1 {
			candidates[i] = append(candidates[i], fixed[0])
		}
		if len(fields) == 0 {
			candidates[i] = append(candidates[i], typeOf(list[i:i+1]))
		}
		candidates[i] = slices.Concat(candidates[i], values(s["required"]), keysOf(fields), []string{literal(s["title"])})
		for name := range setOf(candidates[i]) {
			count[name]++
		}
	}
	names := make([]string, len(list))
	for i := range list {
		names[i] = "#" + strconv.Itoa(i+1)
		if j := slices.IndexFunc(candidates[i], func(c string) bool { return c != "" && count[c] == 1 }); j >= 0 {
			names[i] = candidates[i][j]
		}
	}
	return names
}

func schemasOf(v any) (out []members) {
	items, _ := v.([]any)
	for _, item := range items {
		out = append(out, schemaIn(item))
	}
	return out
}

// numbered names the parts of a tuple by their places.
func numbered(v any) map[string]members {
	out := map[string]members{}
	for i, s := range schemasOf(v) {
		out["["+strconv.Itoa(i)+"]"] = s
	}
	return out
}

// values returns a list's values as texts, sorted.
func values(v any) (out []string) {
	items, _ := v.([]any)
	for _, item := range items {
		out = append(out, literal(item))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// literal writes a value, nothing as "". Only a string that would look like
// nothing is quoted.
func literal(v any) string {
	if s, ok := v.(string); ok && s != "" || v == nil {
		return s
	}
	encoded, err := encode(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(encoded)
}

func setOf(list []string) map[string]bool {
	out := map[string]bool{}
	for _, item := range list {
		out[item] = true
	}
	return out
}

// keysOf returns the keys of all maps, sorted.
func keysOf[V any](all ...map[string]V) []string {
	keys := map[string]bool{}
	for _, m := range all {
		for key := range m {
			keys[key] = true
		}
	}
	return slices.Sorted(maps.Keys(keys))
}
