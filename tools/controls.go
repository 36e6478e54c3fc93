package tools

import (
	"slices"
	"strconv"

	"github.com/invopop/jsonschema"
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

// control makes the argument of a control.
func control(name string, schema *jsonschema.Schema) argument {
	return argument{Arg: Arg{Name: name, WireName: name, In: NotSent}, schema: schema}
}

// controls adds those that an operation's answer calls for. An argument of the
// operation that has such a name wins. What a write answers can be narrowed as
// well; that is not listed, since it seldom pays.
func controls(a Answer, args []argument, paging *Paging, h Hints, answers bool) []argument {
	add := func(c argument, hidden bool) {
		if !slices.ContainsFunc(args, func(a argument) bool { return a.Name == c.Name }) {
			c.hidden = hidden
			args = append(args, c)
		}
	}
	positive := func() *jsonschema.Schema { return &jsonschema.Schema{Type: "integer", Minimum: "1"} }
	if !h.ReadOnly {
		add(control(ArgDryRun, &jsonschema.Schema{Type: "boolean"}), false)
	}
	if !answers {
		return args
	}
	if a.List && h.ReadOnly && paged(args, paging) {
		limit := positive()
		limit.Maximum = "100" // MaxPageSize
		add(control(ArgLimit, limit), false)
		add(control(ArgToken, &jsonschema.Schema{Type: "string"}), false)
		add(control(ArgAllPages, &jsonschema.Schema{Type: "boolean"}), false)
	}
	add(control(ArgFields, &jsonschema.Schema{Type: "array", Items: &jsonschema.Schema{Type: "string"}}), !a.List && !h.ReadOnly)
	if a.List {
		add(control(ArgMaxItems, positive()), false)
		add(control(ArgFormat, &jsonschema.Schema{Type: "string", Enum: []any{FormatTable, FormatJSON}}), false)
	}
	return args
}

// paged tells whether a list can be gone through page by page: by the API's
// tokens, or by ours where it answers with everything. A limit of the API's that
// comes without tokens stands in the way of both.
func paged(args []argument, paging *Paging) bool {
	return paging != nil || !slices.ContainsFunc(args, func(a argument) bool { return a.Name == ArgLimit })
}

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
