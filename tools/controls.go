package tools

import (
	"strconv"
)

// Controls are the arguments that shape a result. They mean the same for every
// tool and are ours: none is sent, but for limit and next_token where the API
// knows them.
const (
	// ArgFields are the fields to keep, as dot paths.
	ArgFields = "fields"
	// ArgMaxItems is how many items the result may have, of as many pages as
	// that takes.
	ArgMaxItems = "max_items"
	// ArgAllPages follows the tokens to the end, or to a limit that the result
	// names.
	ArgAllPages = "all_pages"
	// ArgFormat is FormatTable or FormatJSON; left out, the result chooses.
	ArgFormat = "format"
	// ArgDryRun tells what a write would do, and does not do it.
	ArgDryRun = "dry_run"
)

// Formats of a list.
const (
	FormatTable = "table"
	FormatJSON  = "json"
)

// PageSize is how many items a page of the tool's list has, if the agent does
// not say.
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

// HasControl tells whether the tool has a control, and it is not an argument of the
// API's that only has the same name.
func (t *Tool) HasControl(name string) bool {
	a := t.arg(name)
	return a != nil && (a.In == NotSent || t.Paging != nil && (name == ArgToken || name == ArgLimit && t.Paging.Limit))
}

// whole reads a number that the schema has found to be whole.
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
