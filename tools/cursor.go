package tools

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// Controls are a call's settings for its result.
type Controls struct {
	// Fields are the fields to keep, as they were written; nil keeps all.
	Fields []string
	// MaxItems is the maximum number of items in the result, 0 if not given.
	MaxItems int
	// AllPages fetches all pages.
	AllPages bool
	// Where selects items by an expression over their fields, "" for all.
	Where string
	// Resolve adds names to ids.
	Resolve bool
	// Format is FormatTable, FormatJSON, or "".
	Format string
	// Limit is the number of items on a page.
	Limit int
	// DryRun shows what the call would do, without doing it.
	DryRun bool
	// Cursor is where the list begins.
	Cursor Cursor
}

// Paginated reports whether the call reads a list that can be continued.
func (c *Call) Paginated() bool {
	return c.Tool.Answer.List && c.Tool.Hints.ReadOnly && c.Tool.HasControl(ArgToken)
}

// readControls reads the controls among a call's arguments.
func (c *Call) readControls() Controls {
	v := Controls{Limit: c.Tool.PageSize()}
	given := func(name string) any {
		if v := c.value(name); v != nil && c.Tool.HasControl(name) {
			return v.data
		}
		return nil
	}
	fields, _ := given(ArgFields).([]any)
	known := map[string]bool{}
	for _, item := range fields {
		for path := range strings.SplitSeq(plain(item), ",") { // models join names with commas
			if path = strings.TrimSpace(path); path != "" && !known[path] {
				known[path], v.Fields = true, append(v.Fields, path)
			}
		}
	}
	if n := whole(given(ArgLimit)); n > 0 {
		v.Limit = n
	}
	v.MaxItems = whole(given(ArgMaxItems))
	v.AllPages, _ = given(ArgAllPages).(bool)
	v.Where = strings.TrimSpace(plain(given(ArgWhere)))
	v.Resolve, _ = given(ArgResolve).(bool)
	v.DryRun, _ = given(ArgDryRun).(bool)
	v.Format = plain(given(ArgFormat))
	v.Cursor = ParseCursor(plain(given(ArgToken)))
	return v
}

// Limits of ArgFields: each is looked for in every item.
const (
	maxFields    = 200
	maxFieldPath = 500 // bytes
)

// fieldFaults returns what is wrong with the fields to keep.
func (v Controls) fieldFaults() (faults []string) {
	if len(v.Fields) > maxFields {
		faults = append(faults, fmt.Sprintf("%s: must have at most %d names, not %d", ArgFields, maxFields, len(v.Fields)))
	}
	if slices.ContainsFunc(v.Fields, func(path string) bool { return len(path) > maxFieldPath }) {
		faults = append(faults, fmt.Sprintf("%s: a name must have at most %d bytes", ArgFields, maxFieldPath))
	}
	return faults
}

// Without returns the call without an argument, for an instance that does not know
// it.
func (c *Call) Without(name string) *Call {
	less := *c
	less.args = slices.DeleteFunc(slices.Clone(c.args), func(v value) bool { return v.name == name })
	return &less
}

// Texts are the values of an argument as text: those of a list one by one, and those
// that commas separate where the argument is named for several. None if it is not
// given.
func (c *Call) Texts(name string) (texts []string) {
	v := c.value(name)
	if v == nil || v.data == nil {
		return nil
	}
	items, isList := v.data.([]any)
	switch {
	case isList:
	case strings.HasSuffix(name, "s"):
		for part := range strings.SplitSeq(plain(v.data), ",") {
			items = append(items, part)
		}
	default:
		items = []any{v.data}
	}
	for _, item := range items {
		texts = append(texts, plain(item))
	}
	return texts
}

// Given returns the arguments that the call has.
func (c *Call) Given() (args []Arg) {
	for _, a := range c.Tool.Args {
		if c.value(a.Name) != nil {
			args = append(args, a)
		}
	}
	return args
}

// ForPage returns the call for one page of its list: the same with the API's
// token and a limit, 0 for none.
func (c *Call) ForPage(token string, limit int) (*Call, error) {
	page := &Call{Tool: c.Tool, Controls: c.Controls, args: c.args, ctx: c.ctx}
	page.Controls.Cursor, page.Controls.Limit = Cursor{Token: token}, limit
	if faults := page.build(); len(faults) > 0 {
		return nil, &ArgumentError{strings.Join(faults, "\n")} // the call itself was valid
	}
	return page, nil
}

// PathArguments yields the arguments in the call's path, with their values as text.
func (c *Call) PathArguments() iter.Seq2[Arg, string] {
	return func(yield func(Arg, string) bool) {
		for a, v := range c.valuesIn(InPath) {
			if !yield(a, plain(v.data)) {
				return
			}
		}
	}
}

// NextArguments returns the arguments of the call that continues at a cursor.
func (c *Call) NextArguments(at Cursor) jsontext.Value {
	args := slices.DeleteFunc(slices.Clone(c.args), func(v value) bool { return v.name == ArgToken })
	quoted, err := jsontext.AppendQuote(nil, at.String())
	if err != nil { // JSON answers do not contain invalid UTF-8
		return nil
	}
	// Whoever copies the arguments must copy what is invisible in them, too.
	next := encodeArguments(append(args, value{name: ArgToken, raw: quoted}))
	return jsontext.Value(text.EscapeInvisible(string(next)))
}

// Cursor is a position in a list: a number of items after the start of the page
// that the API's token opens. It is the only state between two calls.
type Cursor struct {
	// Token is the API's, "" for its first page.
	Token string
	// Skip is the number of items before it on that page.
	Skip int
}

// ours is the prefix of tokens that are not simply the API's.
const ours = "skip:"

// String returns the cursor as next_token: the API's own token where that is
// enough.
func (c Cursor) String() string {
	switch {
	case c.Skip == 0 && !strings.HasPrefix(c.Token, ours):
		return c.Token
	case c.Token == "":
		return ours + strconv.Itoa(c.Skip)
	default:
		return ours + strconv.Itoa(c.Skip) + ":" + c.Token
	}
}

// ParseCursor reads a next_token. A token without our prefix is the API's.
func ParseCursor(token string) Cursor {
	rest, ok := strings.CutPrefix(token, ours)
	if !ok {
		return Cursor{Token: token}
	}
	digits, behind, _ := strings.Cut(rest, ":")
	skip, err := strconv.Atoi(digits)
	if err != nil || skip < 0 || digits[0] == '+' {
		return Cursor{Token: token}
	}
	return Cursor{Token: behind, Skip: skip}
}
