package result

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// A table is CSV. Its columns are the dotted paths of the values in the items:
//
//	name          plain values
//	tags[]        lists of plain values, joined by ;
//	groups[].name lists of objects, one column for each of their fields
//	options{}     anything else, as JSON
//
// A cell in quotes is text. Without quotes, what reads as a number, true, false
// or null is one, and all else is text; so the texts "null" and "5" stand in
// quotes, and so does an empty one. An empty cell is a field that is not there.
// Nothing of this is lost on the way back: the items can be read from the table.
type table struct {
	columns []column
	// flat says that a reader finds his way in it: no JSON in cells, not too many
	// columns, and most cells hold something.
	flat bool
}

type column struct {
	path []string // of members
	key  string   // of the objects in the list there
	form byte     // what the cells hold
	lead bool     // the first of the columns of a list of objects
}

// Forms of a column's cells.
const (
	plainCell  = 'p'
	listCell   = 'l'
	objectCell = 'o'
	jsonCell   = 'j'
)

// mostColumns is how many a reader can keep apart.
const mostColumns = 40

// tableOf lays out the items' columns, in the order in which they first come. It
// is false for what cannot be a table: items that are no objects, and rows that
// would be blank lines, which readers of CSV skip.
func tableOf(items []value) (t table, ok bool) {
	root := &shape{}
	for i := range items {
		if items[i].kind != objectKind {
			return t, false
		}
		root.learn(&items[i])
	}
	root.columns(nil, &t.columns)
	filled, json := 0, false
	for _, c := range t.columns {
		json = json || c.form == jsonCell
		for i := range items {
			if at := items[i].at(c.path); at != nil && (c.form != plainCell || at.kind != objectKind || len(at.parts) == 0) {
				filled++
			}
		}
	}
	t.flat = !json && len(t.columns) <= mostColumns && 2*filled >= len(items)*len(t.columns)
	return t, len(t.columns) > 1 || filled == len(items)
}

// at follows a path of members, nil where it leads nowhere.
func (v *value) at(path []string) *value {
	for _, name := range path {
		if v = v.member(name); v == nil {
			return nil
		}
	}
	return v
}

// shape is what the values at one path have in common.
type shape struct {
	names []string // of members, where there are objects
	below []*shape

	plain, null, object, list bool
	hollow                    bool     // objects without members
	scalars                   bool     // lists of plain values
	keys                      []string // of the objects in lists
	uneven                    bool     // lists that are neither
}

func (s *shape) learn(v *value) {
	switch {
	case v.kind == nullKind:
		s.null = true
	case v.kind == listKind:
		s.list = true
		s.learnList(v)
	case v.kind != objectKind:
		s.plain = true
	case len(v.parts) == 0:
		s.hollow = true
	default:
		s.object = true
		for i, name := range v.names {
			at := slices.Index(s.names, name)
			if at < 0 {
				at = len(s.names)
				s.names, s.below = append(s.names, name), append(s.below, &shape{})
			}
			s.below[at].learn(&v.parts[i])
		}
	}
}

// learnList tells lists of plain values from those of objects that are all alike
// and hold nothing but plain values.
func (s *shape) learnList(v *value) {
	if len(v.parts) == 0 {
		return
	}
	first := &v.parts[0]
	for i := range v.parts {
		part := &v.parts[i]
		switch {
		case part.scalar() && first.scalar():
			s.scalars = true
		case part.kind != objectKind || first.kind != objectKind || len(part.parts) == 0,
			len(part.names) != len(first.names),
			slices.ContainsFunc(part.names, func(name string) bool { return first.member(name) == nil }),
			slices.ContainsFunc(part.parts, func(v value) bool { return !v.scalar() }):
			s.uneven = true
		}
	}
	for _, name := range first.names {
		if !slices.Contains(s.keys, name) {
			s.keys = append(s.keys, name)
		}
	}
}

func (s *shape) columns(path []string, out *[]column) {
	switch {
	case s.uneven, s.scalars && len(s.keys) > 0, s.list && (s.plain || s.object || s.hollow):
		*out = append(*out, column{path: path, form: jsonCell})
	case len(s.keys) > 0:
		for i, key := range s.keys {
			*out = append(*out, column{path: path, key: key, form: objectCell, lead: i == 0})
		}
	case s.list:
		*out = append(*out, column{path: path, form: listCell})
	default:
		if len(path) > 0 && (s.plain || s.null || s.hollow) {
			*out = append(*out, column{path: path, form: plainCell})
		}
		for i, name := range s.names {
			s.below[i].columns(append(slices.Clone(path), name), out)
		}
	}
}

// header is the line that names the columns.
func (t table) header() string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		steps := make([]string, len(c.path))
		for j, name := range c.path {
			steps[j] = segment(name)
		}
		name := strings.Join(steps, ".")
		switch c.form {
		case listCell:
			name += "[]"
		case objectCell:
			name += "[]." + segment(c.key)
		case jsonCell:
			name += "{}"
		}
		names[i] = string(appendQuoted(nil, name, awkward(name)))
	}
	return strings.Join(names, ",")
}

// appendRow writes the line of an item.
func (t table) appendRow(out []byte, item *value) []byte {
	for i := range t.columns {
		if i > 0 {
			out = append(out, ',')
		}
		c := &t.columns[i]
		if v := item.at(c.path); v != nil {
			out = c.appendCell(out, v)
		}
	}
	return out
}

func (c *column) appendCell(out []byte, v *value) []byte {
	switch {
	case c.form == jsonCell:
		text := v.json()
		return appendQuoted(out, text, strings.ContainsAny(text, ",\"\n\r"))
	case v.kind == listKind && c.form == objectCell:
		return c.appendObjects(out, v)
	case v.kind == listKind:
		return appendJoined(out, v.parts)
	case c.form == objectCell && !c.lead:
		return out // null stands in the first column
	case v.kind == objectKind && len(v.parts) > 0:
		return out // its members have columns of their own
	case v.kind == objectKind:
		return append(out, "{}"...)
	case v.kind == textKind:
		return appendQuoted(out, v.text, readsAsMore(v.text) || awkward(v.text))
	default:
		return append(out, v.text...)
	}
}

// appendObjects joins one field of the objects in a list.
func (c *column) appendObjects(out []byte, v *value) []byte {
	if len(v.parts) == 0 {
		if c.lead {
			return append(out, "[]"...)
		}
		return out
	}
	values := make([]value, 0, len(v.parts))
	for i := range v.parts {
		if part := v.parts[i].member(c.key); part != nil {
			values = append(values, *part)
		}
	}
	if len(values) == 0 {
		return out
	}
	return appendJoined(out, values)
}

// separator stands between the values of a list in one cell.
const separator = ";"

// appendJoined writes plain values into one cell: as JSON where a reader could
// not tell where one of them ends, or what it is.
func appendJoined(out []byte, values []value) []byte {
	unclear := len(values) == 0 || len(values) == 1 && values[0].kind == nullKind
	quotes := false
	for i := range values {
		v := &values[i]
		unclear = unclear || v.kind == textKind && (readsAsMore(v.text) || v.text[0] == '[' || strings.Contains(v.text, separator))
		quotes = quotes || v.kind == textKind && awkward(v.text)
	}
	if unclear {
		text := (&value{kind: listKind, parts: values}).json()
		return appendQuoted(out, text, awkward(text))
	}
	if quotes {
		texts := make([]string, len(values))
		for i := range values {
			texts[i] = values[i].text
		}
		return appendQuoted(out, strings.Join(texts, separator), true)
	}
	for i := range values {
		if i > 0 {
			out = append(out, separator...)
		}
		out = append(out, values[i].text...)
	}
	return out
}

// readsAsMore tells whether a text would be read as something else without its
// quotes.
func readsAsMore(s string) bool {
	switch s {
	case "", "null", "true", "false", "{}", "[]":
		return true
	}
	return (s[0] == '-' || s[0] >= '0' && s[0] <= '9') && strings.Trim(s, "0123456789+-.eE") == "" && jsontext.Value(s).IsValid()
}

// awkward tells whether a text needs quotes to stay in its cell.
func awkward(s string) bool {
	if s == "" {
		return false
	}
	for i := range len(s) {
		switch s[i] {
		case ',', '"', '\n', '\r':
			return true
		}
	}
	return s[0] == '#' || s[0] <= ' ' || s[0] >= 0x80 && s != strings.TrimSpace(s) || s[len(s)-1] <= ' ' || s[len(s)-1] >= 0x80 && s != strings.TrimSpace(s)
}

func appendQuoted(out []byte, s string, needed bool) []byte {
	if !needed {
		return append(out, s...)
	}
	out = append(out, '"')
	for i := range len(s) {
		if s[i] == '"' {
			out = append(out, '"')
		}
		out = append(out, s[i])
	}
	return append(out, '"')
}
