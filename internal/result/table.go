package result

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
)

// A table is CSV. Its columns are the dotted paths of the values in the items:
//
//	name              plain values
//	tags[]            lists of plain values, joined by ;
//	groups[](id name) lists of objects: "5 Support; 7 Sales"
//	options{}         anything else, as JSON
//
// A cell in quotes is text. Without quotes, what reads as a number, true, false or
// null is one, and everything else is text; so the texts "null" and "5" are quoted,
// and so is an empty one. An empty cell is a missing field. In a list, a text is in
// quotes, as in JSON, if it would read as anything else or holds what separates the
// values, and - is a missing field. Nothing is lost: the items can be read back from the
// table.
type table struct {
	columns []column
	// flat says that it is easy to read: no JSON in cells, not too many columns, and
	// most cells filled.
	flat bool
	// absent, empty and null say that there are such cells.
	absent, empty, null bool
}

type column struct {
	path []string // of members
	keys []string // of the objects in the list there
	form byte     // what the cells hold
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
	// maxKeys is how many fields of an object in a cell a reader can keep apart.
	maxKeys = 6
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
		json = json || c.form == jsonCell || len(c.keys) > maxKeys
		for i := range items {
			switch at := items[i].At(c.path); {
			case at == nil, c.form == plainCell && at.Kind == jsonvalue.Object && len(at.Parts) > 0:
				t.absent = true
				continue
			case at.Kind == jsonvalue.Null:
				t.null = true
			case c.form == plainCell && at.Kind == jsonvalue.Text && at.Text == "":
				t.empty = true
			}
			filled++
		}
	}
	t.flat = !json && len(t.columns) <= maxColumns && 2*filled >= len(items)*len(t.columns)
	return t, len(t.columns) > 1 || filled == len(items)
}

// shape is what the values at one path have in common.
type shape struct {
	values int      // how many there are
	names  []string // of members, where there are objects
	below  []*shape
	places map[string]int // of the names

	plain, null, object, list bool
	hollow                    bool            // objects without members
	scalars                   bool            // lists of plain values
	objects, members          int             // of lists, and what they hold
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

// learnList tells lists of plain values from those of objects that hold nothing but
// plain values.
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
			s.uneven = s.uneven || len(v.Parts) == 1 && part.Kind == jsonvalue.Null // would read as no list
		case part.Kind != jsonvalue.Object || first.Kind != jsonvalue.Object || len(part.Parts) == 0,
			slices.ContainsFunc(part.Parts, func(v jsonvalue.Value) bool { return !v.Scalar() }),
			len(part.Parts) == 1 && len(v.Parts) == 1 && part.Parts[0].Kind == jsonvalue.Null:
			s.uneven = true
		}
		s.objects, s.members = s.objects+1, s.members+len(part.Parts)
		s.learnKeys(part.Names)
	}
}

func (s *shape) learnKeys(names []string) {
	for _, name := range names {
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
	case s.uneven, s.objects*len(s.keys) > 2*s.members, s.scalars && len(s.keys) > 0, s.list && (s.plain || s.object || s.hollow):
		*out = append(*out, column{path: path, form: jsonCell})
		return s.values
	case len(s.keys) > 0:
		*out = append(*out, column{path: path, keys: s.keys, form: objectCell})
		return s.values
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
			keys := make([]string, len(c.keys))
			for j, key := range c.keys {
				keys[j] = headOf(key)
			}
			name += "[](" + strings.Join(keys, " ") + ")"
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
		text := c.objects(v)
		return appendQuoted(out, text, awkward(text))
	case v.Kind == jsonvalue.List:
		text := listOf(v.Parts)
		return appendQuoted(out, text, awkward(text))
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

// separator is between the values of a list in one cell.
const separator = ";"

// objects writes a list of objects: each with its fields in the order of the column.
func (c *column) objects(v *jsonvalue.Value) string {
	if len(v.Parts) == 0 {
		return "[]"
	}
	var out []byte
	for i := range v.Parts {
		if i > 0 {
			out = append(out, separator+" "...)
		}
		for j, key := range c.keys {
			if j > 0 {
				out = append(out, ' ')
			}
			out = appendInList(out, v.Parts[i].Member(key), separator+" ")
		}
	}
	return string(out)
}

// listOf writes a list of plain values.
func listOf(values []jsonvalue.Value) string {
	if len(values) == 0 {
		return "[]"
	}
	var out []byte
	for i := range values {
		if i > 0 {
			out = append(out, separator...)
		}
		out = appendInList(out, &values[i], separator)
	}
	return string(out)
}

// missing stands for a field that an object in a list does not have.
const missing = "-"

// appendInList writes a plain value in a list: in quotes, as in JSON, if a reader could
// not tell where it ends, or what it is.
func appendInList(out []byte, v *jsonvalue.Value, separators string) []byte {
	switch {
	case v == nil:
		return append(out, missing...)
	case v.Kind == jsonvalue.Text && (readsAsMore(v.Text) || v.Text == missing || strings.ContainsAny(v.Text, separators+"\"\n\r\t") || v.Text != strings.TrimSpace(v.Text)):
		return jsonvalue.AppendQuote(out, v.Text)
	default:
		return append(out, v.Text...)
	}
}

// headOf writes the name of a field in the head of a column.
func headOf(name string) string {
	if strings.ContainsAny(name, " ()") {
		return string(jsonvalue.AppendQuote(nil, name))
	}
	return segment(name)
}

// legend says how what is no value looks, "" if there is nothing to confuse.
func (t table) legend() string {
	var says []string
	for _, x := range []struct {
		is   bool
		says string
	}{{t.absent, "nothing = absent"}, {t.null, "null = null"}, {t.empty, `"" = empty text`}} {
		if x.is {
			says = append(says, x.says)
		}
	}
	if !t.absent && !t.empty {
		return ""
	}
	return "Cells: " + strings.Join(says, ", ") + "."
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
