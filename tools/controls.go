package tools

import (
	"strconv"
)

// Controls are arguments that shape a result, alike for every tool. They are
// not sent, except limit and next_token where the API has them.
const (
	// ArgFields are the fields to keep, as dot paths.
	ArgFields = "fields"
	// ArgMaxItems is the maximum number of items in the result, from any number
	// of pages.
	ArgMaxItems = "max_items"
	// ArgAllPages fetches all pages, up to a limit that the result names.
	ArgAllPages = "all_pages"
	// ArgFormat is FormatTable or FormatJSON; without it, the result chooses.
	ArgFormat = "format"
	// ArgDryRun shows what a write would do, without doing it.
	ArgDryRun = "dry_run"
)

// Formats of a list.
const (
	FormatTable = "table"
	FormatJSON  = "json"
)

// PageSize is the default number of items on a page of the tool's list.
func (t *Tool) PageSize() int {
	if t.Paging != nil && t.Paging.Limit && t.Paging.Max > 0 {
		return t.Paging.Max
	}
	return MaxPageSize
}

func (t *Tool) arg(name string) *Arg {
	for i := range t.Args {
		if t.Args[i].Name == name {
			return &t.Args[i]
		}
	}
	return nil
}

// HasControl reports whether the tool has a control of that name, and not only
// an argument of the API with the same name.
func (t *Tool) HasControl(name string) bool {
	a := t.arg(name)
	return a != nil && (a.In == NotSent || t.Paging != nil && (name == ArgToken || name == ArgLimit && t.Paging.Limit))
}

// whole reads an integer that the schema has validated.
func whole(v *value) int {
	if v == nil {
		return 0
	}
	f, err := strconv.ParseFloat(plain(v.data), 64)
	if err != nil {
		return 0
	}
	return int(min(f, 1<<31))
}
