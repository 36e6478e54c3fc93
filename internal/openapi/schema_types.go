package openapi

import (
	"encoding/json"
	"slices"
	"strings"
)

// maxTypes exceeds the number of types.
const maxTypes = 8

// typesOf returns the declared types without null, or the type that other
// keywords imply, and whether null is allowed.
func typesOf(n *node) (types []string, nullable bool) {
	nullable = n.get("nullable").isTrue()
	switch t := n.get("type"); {
	case t.is(text):
		types = []string{t.text}
	case t.is(array):
		for _, item := range t.items {
			name := item.str()
			if item.kind == null { // in YAML, null is often not quoted
				name = "null"
			}
			if len(types) < maxTypes && !slices.Contains(types, name) {
				types = append(types, name)
			}
		}
	default:
		types = impliedType(n)
	}
	if i := slices.Index(types, "null"); i >= 0 && len(types) > 1 {
		types, nullable = slices.Delete(types, i, i+1), true
	}
	values := choices(n)
	nullable = nullable || slices.ContainsFunc(values, func(v node) bool { return v.kind == null })
	if len(types) > 1 && len(values) > 0 { // a type that no value has is not allowed
		unused := func(t string) bool {
			return !slices.ContainsFunc(values, func(v node) bool { return v.as(t, types).fits(t) })
		}
		if used := slices.DeleteFunc(slices.Clone(types), unused); len(used) > 0 {
			types = used
		}
	}
	if len(types) == 0 && !hasAny(n, "anyOf", "oneOf", "allOf", "enum", "const") && refOf(n) == nil {
		nullable = false // any value at all: null is among them
	}
	return types, nullable
}

func impliedType(n *node) []string {
	switch {
	case hasAny(n, "properties", "additionalProperties", "patternProperties", "minProperties", "maxProperties"), n.get("required").is(array):
		return []string{"object"}
	case hasAny(n, "items", "prefixItems", "minItems", "maxItems", "uniqueItems"):
		return []string{"array"}
	case hasAny(n, "pattern", "minLength", "maxLength", "contentEncoding", "contentMediaType"), n.get("format").str() == "binary":
		return []string{"string"}
	case hasAny(n, "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"):
		return []string{"number"}
	}
	var types []string
	for _, v := range choices(n) {
		if t := v.kind.name(); !slices.Contains(types, t) {
			types = append(types, t)
		}
	}
	return types
}

// choices returns the values that a schema is restricted to, if any.
func choices(n *node) []node {
	if v := n.get("const"); v != nil {
		return []node{*v}
	}
	return n.get("enum").list()
}

func hasAny(n *node, names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return n.get(name) != nil })
}

// fits reports whether a value has the type.
func (n *node) fits(t string) bool {
	if t == "integer" {
		return n.kind == number
	}
	return n.kind.name() == t
}

// as returns a plain value that fits none of the declared types as type t writes
// it: in YAML, the texts of an enum are often not quoted. Others are returned as
// they are.
func (n *node) as(t string, declared []string) *node {
	if slices.ContainsFunc(declared, n.fits) {
		return n
	}
	switch {
	case t == "string" && (n.kind == number || n.kind == boolean):
		return &node{kind: text, text: n.text}
	case (t == "number" || t == "integer") && n.kind == text && strings.IndexAny(n.text, "-0123456789") == 0 && json.Valid([]byte(n.text)):
		v := numeric(n.text)
		return &v
	case t == "boolean" && n.kind == text && (n.text == "true" || n.text == "false"):
		return &node{kind: boolean, text: n.text}
	}
	return n
}

func (k kind) name() string {
	return [...]string{"null", "boolean", "number", "string", "array", "object"}[k]
}
