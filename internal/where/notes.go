package where

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr/ast"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

// operand is a part of an expression, most often a field, and what its values were.
type operand struct {
	name     string
	handled  bool     // the expression asks whether it is null
	field    bool     // it was looked for in an item
	found    bool     // in any item
	beside   []string // other fields where it was looked for
	nulls    occurrences
	redacted occurrences
	odd      occurrences // of another kind than what they are compared with
	example  string      // of an odd one
}

// occurrences counts items.
type occurrences struct{ items, last int }

func (o *occurrences) add(item int) {
	if o.last != item {
		o.items, o.last = o.items+1, item
	}
}

// operand returns that of a part, which a field has in common with the same field
// elsewhere.
func (t *translator) operand(n ast.Node, is typ) *operand {
	name := text.OneLine(is.path)
	if name == "" && n != nil {
		name = shown(n)
	}
	for _, o := range t.filter.operands {
		if o.name == name {
			return o
		}
	}
	o := &operand{name: name}
	t.filter.operands = append(t.filter.operands, o)
	return o
}

// looked records that a field was looked for in an object.
func (f *Filter) looked(o *operand, in, found *jsonvalue.Value) {
	const most = 20
	o.field, o.found = true, o.found || found != nil
	if found != nil && found.Kind == jsonvalue.Text && strings.HasPrefix(found.Text, "[redacted") {
		o.redacted.add(f.read)
	}
	if found == nil && o.beside == nil {
		o.beside = slices.Clone(in.Names[:min(len(in.Names), most)])
	}
}

// absent says that no item has a field, and which there are: names that others chose.
func (o *operand) absent() string {
	name := o.name[strings.LastIndexByte(o.name, '.')+1:]
	beside := make([]string, len(o.beside))
	for i, other := range o.beside {
		beside[i] = text.Name(other)
	}
	there := ""
	if len(beside) > 0 {
		there = fmt.Sprintf(" There are %s.", strings.Join(beside, ", "))
	}
	return fmt.Sprintf("No item has %s%s: it counted as null.%s", o.name, text.DidYouMean(name, beside), there)
}

// unfit records that two values cannot be compared; they are followed by their
// operands.
func (f *Filter) unfit(a []any) {
	left, _ := a[2].(*operand)
	right, _ := a[3].(*operand)
	switch {
	case a[0] == nil:
		left.nulls.add(f.read)
	case a[1] == nil:
		right.nulls.add(f.read)
	default:
		left.odd.add(f.read)
		if left.example == "" {
			left.example = fmt.Sprintf("%s, compared with %s", kindOf(a[0]), kindOf(a[1]))
		}
	}
}

func kindOf(v any) string {
	switch v := v.(type) {
	case bool:
		return boolean.String()
	case int, float64:
		return number.String()
	case string:
		if _, ok := parseDate(v); ok {
			return day.String()
		}
		return letters.String()
	case time.Time:
		return day.String()
	case time.Duration:
		return duration.String()
	default:
		if itemsOf(v) != nil {
			return list.String()
		}
		return object.String()
	}
}

// Notes say where values did not allow a condition to be decided.
func (f *Filter) Notes() (notes []string) {
	const most = 3
	if f.timed {
		defer func() {
			notes = slices.Insert(notes, 0, fmt.Sprintf("now() is %s%s.", f.now.UTC().Format("2006-01-02T15:04Z"), f.clock))
		}()
	}
	notes = slices.Clone(f.notes)
	for _, o := range f.operands {
		switch {
		case o.field && !o.found:
			notes = append(notes, o.absent())
		case o.redacted.items > 0 && !o.handled:
			notes = append(notes, fmt.Sprintf("The values of %s are redacted in %s: conditions see the marker only, such as [redacted: password].", o.name, of(o.redacted.items)))
		case o.nulls.items > 0 && !o.handled:
			notes = append(notes, fmt.Sprintf("%s is null or missing in %s: conditions on it count as false there; test it with %s == nil.", o.name, of(o.nulls.items), o.name))
		}
		if o.odd.items > 0 {
			notes = append(notes, fmt.Sprintf("In %s %s is %s: that counts as different.", of(o.odd.items), o.name, o.example))
		}
	}
	return notes[:min(len(notes), most)]
}

func of(items int) string {
	if items == 1 {
		return "1 item"
	}
	return fmt.Sprintf("%d items", items)
}
