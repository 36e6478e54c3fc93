package result

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
)

// A table is CSV. Its columns are the dotted paths of the values in the items:
//
//	name          plain values
//	tags[]        lists of plain values, joined by ;
//	groups[].name lists of objects, one column for each of their fields
//	options{}     anything else, as JSON
//
// A cell in quotes is text. Without quotes, what reads as a number, true, false or
// null is one, and everything else is text; so the texts "null" and "5" are quoted,
// and so is an empty one. An empty cell is a missing field. Nothing is lost: the
// items can be read back from the table.
type table struct {
	columns []column
	// flat says that it is easy to read: no JSON in cells, not too many columns, and
	// most cells filled.
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

const (
	// maxColumns is how many a reader can keep apart.
	maxColumns = 40
	// minFilled is the part of the cells that are filled in a table of more columns
	// than that: its rows would consist of commas.
	minFilled = 0.01
	// maxLevels is how deep columns lead. What is deeper is JSON in a cell.
	maxLevels = 20
)

// tableOf lays out the columns of the items, in the order in which they first come.
// It is false for what cannot be a table: items that are not objects, rows that
// would be blank lines, which readers of CSV skip, and many columns of which the
// items have next to none.
func tableOf(items []jsonvalue.Value) (t table, ok bool) {
	root := &shape{}
	for i := range items {
		if items[i].Kind != jsonvalue.Object {
			return t, false
		}
		root.learn(&items[i], 0)
	}
	cells := root.columns(nil, &t.columns)
	if n := len(t.columns); n > maxColumns && float64(cells) < minFilled*float64(n)*float64(len(items)) {
		return table{}, false
	}
	filled, json := 0, false
	for _, c := range t.columns {
		json = json || c.form == jsonCell
		for i := range items {
			if at := items[i].At(c.path); at != nil && (c.form != plainCell || at.Kind != jsonvalue.Object || len(at.Parts) == 0) {
				filled++
			}
		}
	}
	t.flat = !json && len(t.columns) <= maxColumns && 2*filled >= len(items)*len(t.columns)
	return t, len(t.columns) > 1 || filled == len(items)
}

// shape is what the values at one path have in common.
type shape struct {
	values int      // how many there are
	filled int      // cells of the objects in lists
	names  []string // of members, where there are objects
	below  []*shape
	places map[string]int // of the names

	plain, null, object, list bool
	hollow                    bool            // objects without members
	scalars                   bool            // lists of plain values
	keys                      []string        // of the objects in lists
	known                     map[string]bool // the keys
	uneven                    bool            // lists that are neither
}

func (s *shape) learn(v *jsonvalue.Value, level int) {
	s.values++
	switch {
	case v.Kind == jsonvalue.Null:
		s.null = true
	case v.Kind == jsonvalue.List:
		s.list = true
		s.learnList(v)
	case v.Kind != jsonvalue.Object:
		s.plain = true
	case len(v.Parts) == 0:
		s.hollow = true
	case level == maxLevels:
		s.uneven = true
	default:
		s.object = true
		for i, name := range v.Names {
			s.at(name, i).learn(&v.Parts[i], level+1)
		}
	}
}

// at is the shape of a member, which mostly has the same place in every object.
func (s *shape) at(name string, place int) *shape {
	if place < len(s.names) && s.names[place] == name {
		return s.below[place]
	}
	known, ok := s.places[name]
	if !ok {
		if s.places == nil {
			s.places = map[string]int{}
		}
		known = len(s.names)
		s.places[name] = known
		s.names, s.below = append(s.names, name), append(s.below, &shape{})
	}
	return s.below[known]
}

// learnList tells lists of plain values from those of objects that are all alike
// and hold nothing but plain values.
func (s *shape) learnList(v *jsonvalue.Value) {
	if len(v.Parts) == 0 {
		return
	}
	first := &v.Parts[0]
	for i := range v.Parts {
		part := &v.Parts[i]
		switch {
		case part.Scalar() && first.Scalar():
			s.scalars = true
		case part.Kind != jsonvalue.Object || first.Kind != jsonvalue.Object || len(part.Parts) == 0,
			len(part.Names) != len(first.Names),
			slices.ContainsFunc(part.Names, func(name string) bool { return first.Member(name) == nil }),
			slices.ContainsFunc(part.Parts, func(v jsonvalue.Value) bool { return !v.Scalar() }):
			s.uneven = true
		}
	}
	s.filled += len(first.Names)
	for _, name := range first.Names {
		if !s.known[name] {
			if s.known == nil {
				s.known = map[string]bool{}
			}
			s.known[name] = true
			s.keys = append(s.keys, name)
		}
	}
}

// columns appends the columns of a shape, and counts the cells that are filled in
// them, or a few more.
func (s *shape) columns(path []string, out *[]column) (cells int) {
	switch {
	case s.uneven, s.scalars && len(s.keys) > 0, s.list && (s.plain || s.object || s.hollow):
		*out = append(*out, column{path: path, form: jsonCell})
		return s.values
	case len(s.keys) > 0:
		for i, key := range s.keys {
			*out = append(*out, column{path: path, key: key, form: objectCell, lead: i == 0})
		}
		return s.filled + s.values
	case s.list:
		*out = append(*out, column{path: path, form: listCell})
		return s.values
	default:
		if len(path) > 0 && (s.plain || s.null || s.hollow) {
			*out = append(*out, column{path: path, form: plainCell})
			cells = s.values
		}
		for i, name := range s.names {
			cells += s.below[i].columns(append(slices.Clone(path), name), out)
		}
		return cells
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
func (t table) appendRow(out []byte, item *jsonvalue.Value) []byte {
	for i := range t.columns {
		if i > 0 {
			out = append(out, ',')
		}
		c := &t.columns[i]
		if v := item.At(c.path); v != nil {
			out = c.appendCell(out, v)
		}
	}
	return out
}

func (c *column) appendCell(out []byte, v *jsonvalue.Value) []byte {
	switch {
	case c.form == jsonCell:
		text := v.JSON()
		return appendQuoted(out, text, awkward(text))
	case v.Kind == jsonvalue.List && c.form == objectCell:
		return c.appendObjects(out, v)
	case v.Kind == jsonvalue.List:
		return appendJoined(out, v.Parts)
	case c.form == objectCell && !c.lead:
		return out // null is in the first column
	case v.Kind == jsonvalue.Object && len(v.Parts) > 0:
		return out // its members have columns of their own
	case v.Kind == jsonvalue.Object:
		return append(out, "{}"...)
	case v.Kind == jsonvalue.Text:
		return appendQuoted(out, v.Text, readsAsMore(v.Text) || awkward(v.Text))
	default:
		return append(out, v.Text...)
	}
}

// appendObjects joins one field of the objects in a list.
func (c *column) appendObjects(out []byte, v *jsonvalue.Value) []byte {
	switch {
	case len(v.Parts) == 0 && c.lead:
		return append(out, "[]"...)
	case len(v.Parts) == 0, v.Parts[0].Member(c.key) == nil: // all have the same names
		return out
	}
	values := make([]jsonvalue.Value, 0, len(v.Parts))
	for i := range v.Parts {
		if part := v.Parts[i].Member(c.key); part != nil {
			values = append(values, *part)
		}
	}
	return appendJoined(out, values)
}

// separator is between the values of a list in one cell.
const separator = ";"

// appendJoined writes scalars into one cell: as JSON if a reader could not tell
// where one of them ends, or what it is.
func appendJoined(out []byte, values []jsonvalue.Value) []byte {
	unclear := len(values) == 0 || len(values) == 1 && values[0].Kind == jsonvalue.Null
	quotes := false
	for i := range values {
		v := &values[i]
		unclear = unclear || v.Kind == jsonvalue.Text && (readsAsMore(v.Text) || v.Text[0] == '[' || strings.Contains(v.Text, separator))
		quotes = quotes || v.Kind == jsonvalue.Text && awkward(v.Text)
	}
	if unclear {
		text := (&jsonvalue.Value{Kind: jsonvalue.List, Parts: values}).JSON()
		return appendQuoted(out, text, awkward(text))
	}
	texts := make([]string, len(values))
	for i := range values {
		texts[i] = values[i].Text
	}
	return appendQuoted(out, strings.Join(texts, separator), quotes)
}

// readsAsMore tells whether a text would read as something else without quotes.
func readsAsMore(s string) bool {
	switch s {
	case "", "null", "true", "false", "{}", "[]":
		return true
	}
	return (s[0] == '-' || s[0] >= '0' && s[0] <= '9') && strings.Trim(s, "0123456789+-.eE") == "" && jsontext.Value(s).IsValid()
}

// awkward tells whether a text needs quotes to stay in its cell.
func awkward(s string) bool {
	for i := range len(s) {
		switch s[i] {
		case ',', '"', '\n', '\r':
			return true
		}
	}
	return strings.HasPrefix(s, "#") || s != strings.TrimSpace(s)
}

func appendQuoted(out []byte, s string, needed bool) []byte {
	if !needed {
		return append(out, s...)
	}
	return append(append(append(out, '"'), strings.ReplaceAll(s, `"`, `""`)...), '"')
}
