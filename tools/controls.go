package tools

import (
	"slices"
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
	// ArgWhere is an expression over an item's fields: only items for which it is
	// true are in the result.
	ArgWhere = "where"
	// ArgResolve adds names to the ids in the result.
	ArgResolve = "resolve"
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
	if i := slices.IndexFunc(t.Args, func(a Arg) bool { return a.Name == name }); i >= 0 {
		return &t.Args[i]
	}
	return nil
}

// HasControl reports whether the tool has a control of that name, and not only
// an argument of the API with the same name.
func (t *Tool) HasControl(name string) bool {
	a := t.arg(name)
	return a != nil && (a.In == NotSent || t.Paging != nil && (name == ArgToken || name == ArgLimit && t.Paging.Limit))
}

// whole reads an integer that the schema has validated, 0 for none.
func whole(data any) int {
	f, _ := strconv.ParseFloat(plain(data), 64) // beyond its range, an infinity
	return int(min(f, 1<<31))
}
