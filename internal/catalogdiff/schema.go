package catalogdiff

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/tools"
)

// members is a decoded JSON object, mostly a schema without references.
type members = map[string]any

// argumentSchemas decodes the full schemas of the arguments, with canonical
// numbers.
func argumentSchemas(t *tools.Tool) map[string]members {
	var root members
	text := jsontext.Value(t.Full)
	if text.Canonicalize() != nil || json.Unmarshal(text, &root) != nil {
		return nil
	}
	return schemasIn(root["properties"])
}

// schemaIn reads a schema; a missing one allows any value.
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

// alternatives lists what a value may be besides null: the branches of a schema
// that is only a union, including nested unions, or else the schema itself.
func alternatives(s members) (list []members, null bool) {
	for _, word := range []string{"anyOf", "oneOf"} {
		branches, ok := s[word].([]any)
		restricts := func(w string) bool { return w != word && w != "default" && !slices.Contains(annotations, w) }
		if !ok || slices.ContainsFunc(keysOf(s), restricts) {
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

// stateOf describes an argument or field that the other side lacks.
func stateOf(s members, required bool) string {
	list, _ := alternatives(s)
	if required {
		return typeOf(list) + mustBeGiven
	}
	return typeOf(list)
}

// compare compares two schemas. Whether null is allowed is a separate fact,
// however it is written.
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

// unspoken keywords are for people only, structural ones contain schemas or
// sets that are compared separately.
var (
	annotations = []string{"title", "description", "examples", "deprecated", "$comment", "x-since"}
	structural  = []string{
		"type", "enum", "properties", "required", "patternProperties", "additionalProperties", "items",
		"prefixItems", "anyOf", "oneOf", "allOf", "not",
	}
)

// single compares two schemas that are not only unions.
func (d *differ) single(at string, a, b members) {
	if from, to := typeOf([]members{a}), typeOf([]members{b}); from != to {
		d.add(Changed, at+" type", from, to)
		return
	}
	d.enums(at, values(a["enum"]), values(b["enum"]))
	d.fields(at+".", schemasIn(a["properties"]), schemasIn(b["properties"]), values(a["required"]), values(b["required"]))
	d.fields(at+"./", schemasIn(a["patternProperties"]), schemasIn(b["patternProperties"]), nil, nil)
	d.others(at, a["additionalProperties"], b["additionalProperties"])
	for word, below := range map[string]string{"items": "[]", "not": ".not"} {
		if a[word] != nil || b[word] != nil {
			d.compare(at+below, schemaIn(a[word]), schemaIn(b[word]))
		}
	}
	for _, word := range []string{"anyOf", "oneOf", "allOf"} {
		d.union(at+"."+word, schemasOf(a[word]), schemasOf(b[word]))
	}
	d.fields(at, numbered(a["prefixItems"]), numbered(b["prefixItems"]), nil, nil)
	for _, word := range keysOf(a, b) {
		if !slices.Contains(annotations, word) && !slices.Contains(structural, word) {
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
	for _, v := range slices.Concat(a, b) {
		switch {
		case !slices.Contains(b, v):
			d.add(Removed, at+" value "+v, v, "")
		case !slices.Contains(a, v):
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

// others compares the rules for unlisted fields, which are allowed unless
// excluded.
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

// values returns a list's values as texts, sorted.
func values(v any) (out []string) {
	items, _ := v.([]any)
	for _, item := range items {
		out = append(out, literal(item))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// literal writes a value, a missing one as "". Only an empty string is quoted.
func literal(v any) string {
	if s, ok := v.(string); ok && s != "" || v == nil {
		return s
	}
	encoded, _ := json.Marshal(v, json.Deterministic(true)) // it was decoded from JSON
	return string(encoded)
}

// keysOf returns the keys of all maps, sorted.
func keysOf[V any](all ...map[string]V) []string {
	keys := map[string]V{}
	for _, m := range all {
		maps.Copy(keys, m)
	}
	return slices.Sorted(maps.Keys(keys))
}
