package tools

import (
	"slices"
	"strings"
)

// ReaderOf returns the tool that reads what the answer of a tool that writes shows, nil
// for none: then that answer is the only place of most of its fields. A tool for one object
// is preferred to a list.
func (c *Catalog) ReaderOf(t *Tool) (reader *Tool) {
	wrote := t.Answer.names()
	best := len(wrote) / 2 // it has to show more than half
	for i := range c.Tools {
		r := &c.Tools[i]
		if !r.Hints.ReadOnly || area(r) != area(t) {
			continue
		}
		reads, same := r.Answer.names(), 0
		for _, name := range wrote {
			if slices.Contains(reads, name) {
				same++
			}
		}
		if same > best || reader != nil && same == best && reader.Answer.List && !r.Answer.List {
			best, reader = same, r
		}
	}
	return reader
}

// Names reports whether an object in the answer is documented to have a field.
func (a Answer) Names(field string) bool { return slices.Contains(a.names(), field) }

// names are the fields of the answer's object, without a single object around them.
func (a Answer) names() []string {
	var top, inner []string
	for _, path := range a.Fields {
		if _, name, nested := strings.Cut(path, "."); nested {
			inner = append(inner, name)
		} else {
			top = append(top, path)
		}
	}
	if len(top) == 1 && len(inner) > 0 {
		return inner
	}
	return top
}

// area is the first segment of a tool's path.
func area(t *Tool) string {
	segment, _, _ := strings.Cut(strings.TrimPrefix(t.Path, "/"), "/")
	return segment
}
