package where

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/conf"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
)

// What a step costs, in steps.
const (
	textOrder    = 20 // of comparing texts, which may be versions
	bytesAStep   = 64 // of a text that is searched
	matchesAStep = 32 // bytes that a regular expression reads, times its instructions
	loopCost     = 50 // of beginning a loop, for which the machine keeps memory
)

// functions are those that a translated expression calls. None returns an error other
// than those of spend.
func (f *Filter) functions() conf.FunctionsTable {
	table := conf.FunctionsTable{}
	add := func(name string, run func(args []any) (any, error)) {
		table[name] = &builtin.Function{Name: name, Func: func(args ...any) (any, error) {
			if err := f.spend(1); err != nil {
				return nil, err
			}
			return run(args)
		}}
	}
	add("item", func([]any) (any, error) { return valueOf(f.item), nil })
	add("member", func(a []any) (any, error) {
		name, _ := a[1].(string)
		o, _ := a[2].(*operand)
		return f.member(a[0], name, o)
	})
	add("at", func(a []any) (any, error) { return at(a[0], a[1]), nil })
	add("true", func(a []any) (any, error) { return f.isTrue(a[0], a[1]), nil })
	add("list", func(a []any) (any, error) {
		items := itemsOf(a[0])
		return items, f.spend(loopCost + len(items))
	})
	add("len", func(a []any) (any, error) { return f.length(a[0]) })
	add("lower", func(a []any) (any, error) { return f.mapText(a[0], strings.ToLower) })
	add("upper", func(a []any) (any, error) { return f.mapText(a[0], strings.ToUpper) })
	add("date", func(a []any) (any, error) {
		t, ok := dateOf(a[0])
		return orNil(t, ok), nil
	})
	add("now", func([]any) (any, error) { return f.now, nil })
	add("daysAgo", func(a []any) (any, error) {
		n, ok := floatOf(a[0])
		return orNil(f.now.Add(-time.Duration(n*24*float64(time.Hour))), ok), nil
	})
	add("duration", func(a []any) (any, error) {
		s, _ := a[0].(string)
		d, ok := parseDuration(s)
		return orNil(d, ok), nil
	})
	for _, operator := range []string{"==", "!=", "in"} {
		add(operator, func(a []any) (any, error) { return f.equality(operator, a) })
	}
	for _, operator := range []string{"<", "<=", ">", ">="} {
		add(operator, func(a []any) (any, error) { return f.order(operator, a) })
	}
	for _, operator := range []string{"contains", "startsWith", "endsWith", "matches"} {
		add(operator, func(a []any) (any, error) { return f.search(operator, a) })
	}
	for _, operator := range []string{"+", "-", "*", "/", "%"} {
		add(operator, func(a []any) (any, error) { return calculate(operator, a[0], a[1]), nil })
	}
	return table
}

func orNil[T any](v T, ok bool) any {
	if !ok {
		return nil
	}
	return v
}

// member is a member of an object, or of each object in a list.
func (f *Filter) member(of any, name string, o *operand) (any, error) {
	v, ok := of.(*jsonvalue.Value)
	if items := itemsOf(of); items != nil {
		out := make([]any, 0, len(items))
		for _, item := range items {
			if v, ok := item.(*jsonvalue.Value); ok && v.Kind == jsonvalue.Object {
				member := v.Member(name)
				f.looked(o, v, member)
				out = append(out, valueOf(member))
			}
		}
		return out, f.spend(loopCost + len(items))
	}
	if !ok {
		return nil, nil
	}
	member := v.Member(name)
	f.looked(o, v, member)
	return valueOf(member), nil
}

func (f *Filter) length(v any) (any, error) {
	switch v := v.(type) {
	case string:
		return utf8.RuneCountInString(v), f.spend(len(v) / bytesAStep)
	case []any:
		return len(v), nil
	case *jsonvalue.Value:
		return len(v.Parts), nil
	default:
		return 0, nil
	}
}

func (f *Filter) mapText(v any, change func(string) string) (any, error) {
	s, ok := v.(string)
	if !ok {
		return nil, nil
	}
	return change(s), f.spend(len(s) / bytesAStep * 4)
}

func (f *Filter) isTrue(v, operand any) bool {
	is, ok := v.(bool)
	if !ok {
		f.unfit([]any{v, true, operand, nil})
	}
	return is
}

// equality compares for ==, != and in.
func (f *Filter) equality(operator string, a []any) (any, error) {
	left, right := a[0], a[1]
	if operator != "in" {
		same, ok := equal(left, right)
		if !ok {
			f.unfit(a)
		}
		return same == (operator == "=="), nil
	}
	if v, ok := right.(*jsonvalue.Value); ok && v.Kind == jsonvalue.Object {
		name, _ := left.(string)
		return v.Member(name) != nil, nil
	}
	items := itemsOf(right)
	if items == nil {
		f.unfit([]any{right, []any{}, a[3], nil})
	}
	found, odd := contains(items, left)
	if odd != nil && left != nil {
		f.unfit([]any{left, odd, a[2], nil})
	}
	return found, f.spend(len(items))
}

// order compares for <, <=, > and >=. With null, or values of two kinds, it is false.
func (f *Filter) order(operator string, a []any) (any, error) {
	if _, isText := a[0].(string); isText {
		if err := f.spend(textOrder); err != nil {
			return nil, err
		}
	}
	order, ok := compare(a[0], a[1])
	if !ok {
		f.unfit(a)
		return false, nil
	}
	switch operator {
	case "<":
		return order < 0, nil
	case "<=":
		return order <= 0, nil
	case ">":
		return order > 0, nil
	default:
		return order >= 0, nil
	}
}

// search looks for a text in a text, or for an item in a list.
func (f *Filter) search(operator string, a []any) (any, error) {
	if items := itemsOf(a[0]); items != nil && operator == "contains" {
		found, odd := contains(items, a[1])
		if odd != nil && a[1] != nil {
			f.unfit([]any{odd, a[1], a[2], nil})
		}
		return found, f.spend(len(items))
	}
	in, ok := a[0].(string)
	if !ok {
		if a[0] != nil {
			f.unfit([]any{a[0], "", a[2], nil})
		}
		return false, nil
	}
	if p, ok := a[1].(*regularExpression); ok {
		if err := f.spend(len(in) * p.size / matchesAStep); err != nil {
			return nil, err
		}
		return p.MatchString(in), nil
	}
	what, ok := a[1].(string)
	switch {
	case !ok:
		if a[1] != nil {
			f.unfit([]any{a[1], "", a[3], nil})
		}
		return false, nil
	case operator == "startsWith":
		return strings.HasPrefix(in, what), nil
	case operator == "endsWith":
		return strings.HasSuffix(in, what), nil
	default:
		return strings.Contains(in, what), f.spend(len(in) / bytesAStep)
	}
}
