package where

import (
	"fmt"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// kind is what is known of a value before there is one. Any value may be null.
type kind byte

const (
	anything kind = iota
	null
	boolean
	number
	letters // text
	day     // text that is a date without time
	moment  // text that is a date and time, or a time that was calculated
	duration
	list
	object
)

func (k kind) String() string {
	return [...]string{"unknown", "null", "true or false", "a number", "text", "a date", "a date and time", "a duration", "a list", "an object"}[k]
}

func (k kind) isDate() bool { return k == day || k == moment }

func (k kind) isText() bool { return k == letters || k.isDate() }

// typ is the type of a part of an expression.
type typ struct {
	kind kind
	// schema is that of an object or of the objects in a list, nil where it is not
	// documented.
	schema *jsonvalue.Value
	// path is the name of a field, with what it is in, "" for what is no field.
	path string
	root bool // it is the item
}

// itemType is the type of an answer's items.
func itemType(a tools.Answer) typ {
	schema, err := jsonvalue.Parse([]byte(a.Schema))
	if err != nil {
		return typ{kind: object, root: true} // none is documented
	}
	item := typeOf(&schema, "")
	item.root = true
	return item
}

// typeOf is the type that a schema describes.
func typeOf(schema *jsonvalue.Value, path string) typ {
	is := typ{path: path, schema: schema}
	name := schema.Member("type").Str()
	switch name {
	case "boolean":
		is.kind = boolean
	case "integer", "number":
		is.kind = number
	case "string":
		is.kind = letters
		switch format := schema.Member("format").Str(); {
		case format == "date":
			is.kind = day
		case format == "date-time", strings.HasSuffix(path, "_at"): // Retool's document gives some a format
			is.kind = moment
		}
	case "array":
		is.kind, is.schema = list, schema.Member("items")
	case "object":
		is.kind = object
	}
	if name != "" {
		return is
	}
	for i, branch := range branches(schema) { // of one kind, or of none that is known
		of := typeOf(branch, path)
		if i > 0 && of.kind != is.kind {
			return typ{path: path}
		}
		if is.kind = of.kind; of.kind != object {
			is.schema = of.schema // that of the last one
		}
	}
	return is
}

// branches are the schemas of a union, without null.
func branches(schema *jsonvalue.Value) (of []*jsonvalue.Value) {
	for _, name := range []string{"anyOf", "oneOf", "allOf"} {
		if union := schema.Member(name); union != nil {
			for i := range union.Parts {
				if b := &union.Parts[i]; b.Member("type").Str() != "null" {
					of = append(of, b)
				}
			}
		}
	}
	return of
}

// names are those of the documented members.
func (t typ) names() (names []string) {
	var add func(schema *jsonvalue.Value)
	add = func(schema *jsonvalue.Value) {
		if properties := schema.Member("properties"); properties != nil {
			for _, name := range properties.Names {
				if !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
		for _, b := range branches(schema) {
			add(b)
		}
	}
	if t.kind == object || t.kind == list {
		add(t.schema)
	}
	return names
}

// someName is that of a member for examples.
func (t typ) someName() string {
	names := t.names()
	if len(names) == 0 || slices.Contains(names, "name") {
		return "name"
	}
	return names[0]
}

// documented is the schema of a member, nil for none; of several, any.
func documented(schema *jsonvalue.Value, name string) *jsonvalue.Value {
	if m := schema.Member("properties").Member(name); m != nil {
		return m
	}
	for _, b := range branches(schema) {
		if m := documented(b, name); m != nil {
			return m
		}
	}
	return nil
}

// member is the type of a member, or of that of each object in a list.
func (t typ) member(name string) (typ, error) {
	path := strings.TrimPrefix(t.path+"."+name, ".")
	switch {
	case name == "length" && t.kind != object:
		return typ{}, fmt.Errorf("%s: write len(%s)", path, t.named())
	case t.kind != anything && t.kind != object && t.kind != list:
		return typ{}, fmt.Errorf("there is no %s: %s is %s", path, t.named(), t.kind)
	}
	of := typ{path: path}
	if schema := documented(t.schema, name); schema != nil {
		of = typeOf(schema, path)
	} else if names := t.names(); misspells(name, text.Nearest(name, names)) {
		return typ{}, fmt.Errorf("there is no field %s; did you mean %s? Fields: %s%s",
			text.EscapeInvisible(path), strings.TrimPrefix(t.path+"."+text.Nearest(name, names), "."), strings.Join(names, ", "), t.undocumented(name))
	}
	if t.kind == list {
		of = typ{kind: list, path: path}
	}
	return of, nil
}

// resolved is the reference whose name is in a member that no document has.
func (t typ) resolved(name string) (r tools.Reference, ok bool) {
	for _, r := range tools.References(t.names(), t.path[strings.LastIndexByte(t.path, '.')+1:]) {
		if r.NameField == name && documented(t.schema, name) == nil {
			return r, true
		}
	}
	return r, false
}

// misspells tells whether a name is surely not one that items have and the description
// lacks: it is near another, and begins alike.
func misspells(name, near string) bool {
	return name != "" && near != "" && strings.EqualFold(name[:1], near[:1])
}

// undocumented says how to use a field of an item that is spelled like another.
func (t typ) undocumented(name string) string {
	if !t.root {
		return ""
	}
	return fmt.Sprintf(". (If items have it all the same: item[%q])", name)
}

// element is the type of a list's items.
func (t typ) element() typ {
	if t.kind != list || t.schema == nil {
		return typ{path: t.path}
	}
	return typeOf(t.schema, t.path)
}

func (t typ) named() string {
	if t.path == "" {
		return "this"
	}
	return t.path
}

// either is the type of a value that is one or the other.
func either(a, b typ) typ {
	switch {
	case a.kind == b.kind, b.kind == null:
		return a
	case a.kind == null:
		return b
	case a.kind.isText() && b.kind.isText():
		return typ{kind: letters}
	default:
		return typ{}
	}
}

// meet tells whether values of two kinds can be compared.
func meet(a, b kind) bool {
	unknown := []kind{anything, null}
	return a == b || slices.Contains(unknown, a) || slices.Contains(unknown, b) || a.isText() && b.isText()
}
