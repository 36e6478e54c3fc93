package where

import (
	"cmp"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/conf"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
)

// Values are nil, bool, int, float64, string, time.Time, time.Duration, []any, and
// *jsonvalue.Value for the objects and lists of an item. A missing field is nil.

// valueOf is a JSON value as an expression has it.
func valueOf(v *jsonvalue.Value) any {
	if v == nil {
		return nil
	}
	switch v.Kind {
	case jsonvalue.True, jsonvalue.False:
		return v.Kind == jsonvalue.True
	case jsonvalue.Text:
		return v.Text
	case jsonvalue.Number:
		if n, err := strconv.Atoi(v.Text); err == nil {
			return n
		}
		f, _ := strconv.ParseFloat(v.Text, 64) // beyond its range, an infinity
		return f
	case jsonvalue.Object, jsonvalue.List:
		return v
	default:
		return nil
	}
}

// What a step costs, in steps.
const (
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
				o.looked(v, member)
				out = append(out, valueOf(member))
			}
		}
		return out, f.spend(loopCost + len(items))
	}
	if !ok {
		return nil, nil
	}
	member := v.Member(name)
	o.looked(v, member)
	return valueOf(member), nil
}

// itemsOf are the items of a list, nil for anything else.
func itemsOf(v any) []any {
	switch v := v.(type) {
	case []any:
		return v
	case *jsonvalue.Value:
		if v.Kind != jsonvalue.List {
			return nil
		}
		items := make([]any, len(v.Parts))
		for i := range v.Parts {
			items[i] = valueOf(&v.Parts[i])
		}
		return items
	default:
		return nil
	}
}

func at(of, place any) any {
	items := itemsOf(of)
	number, ok := floatOf(place)
	i := int(number)
	if i < 0 {
		i += len(items)
	}
	if !ok || i < 0 || i >= len(items) {
		return nil
	}
	return items[i]
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
	return contains(items, left), f.spend(len(items))
}

func contains(items []any, v any) bool {
	for _, item := range items {
		if same, _ := equal(item, v); same {
			return true
		}
	}
	return false
}

// equal compares two values. They are not of one kind if ok is false.
func equal(a, b any) (same, ok bool) {
	if a == nil || b == nil {
		return a == nil && b == nil, true
	}
	if order, ok := compare(a, b); ok {
		return order == 0, true
	}
	if _, ok := a.(string); ok {
		_, ok = b.(string)
		return false, ok
	}
	if x, ok := a.(bool); ok {
		y, ok := b.(bool)
		return ok && x == y, ok
	}
	if x, ok := a.(*jsonvalue.Value); ok && x.Kind == jsonvalue.Object {
		y, ok := b.(*jsonvalue.Value)
		return ok && x == y, ok
	}
	x, y := itemsOf(a), itemsOf(b)
	if x == nil || y == nil {
		return false, false
	}
	if len(x) != len(y) {
		return false, true
	}
	for i := range x {
		if same, _ := equal(x[i], y[i]); !same {
			return false, true
		}
	}
	return true, true
}

// order compares for <, <=, > and >=. With null, or values of two kinds, it is false.
func (f *Filter) order(operator string, a []any) (any, error) {
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

// compare orders numbers, texts, dates and durations. Texts that are dates compare as
// dates, and with dates only.
func compare(a, b any) (order int, ok bool) {
	switch x := a.(type) {
	case int:
		if y, ok := b.(int); ok {
			return cmp.Compare(x, y), true
		}
	case string:
		if y, ok := b.(string); ok {
			s, isDate := parseDate(x)
			t, also := parseDate(y)
			if !isDate && !also {
				return cmp.Compare(x, y), true
			}
			return s.Compare(t), isDate && also
		}
	case time.Duration:
		y, ok := b.(time.Duration)
		return cmp.Compare(x, y), ok
	}
	if x, ok := floatOf(a); ok {
		y, ok := floatOf(b)
		return cmp.Compare(x, y), ok
	}
	x, ok := dateOf(a)
	y, also := dateOf(b)
	return x.Compare(y), ok && also
}

func floatOf(v any) (float64, bool) {
	switch v := v.(type) {
	case int:
		return float64(v), true
	case float64:
		return v, true
	default:
		return 0, false
	}
}

func dateOf(v any) (time.Time, bool) {
	switch v := v.(type) {
	case time.Time:
		return v, true
	case string:
		return parseDate(v)
	default:
		return time.Time{}, false
	}
}

// search looks for a text in a text, or for an item in a list.
func (f *Filter) search(operator string, a []any) (any, error) {
	if items := itemsOf(a[0]); items != nil && operator == "contains" {
		return contains(items, a[1]), f.spend(len(items))
	}
	in, ok := a[0].(string)
	if !ok {
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
		return false, nil
	case operator == "startsWith":
		return strings.HasPrefix(in, what), nil
	case operator == "endsWith":
		return strings.HasSuffix(in, what), nil
	default:
		return strings.Contains(in, what), f.spend(len(in) / bytesAStep)
	}
}

// calculate is null for what cannot be calculated.
func calculate(operator string, a, b any) any {
	if y, ok := b.(time.Duration); ok {
		x, isDuration := a.(time.Duration)
		t, isDate := dateOf(a)
		switch {
		case operator == "-":
			y = -y
		case operator != "+":
			return nil
		}
		if isDuration {
			return x + y
		}
		return orNil(t.Add(y), isDate)
	}
	if x, ok := floatOf(a); ok {
		y, ok := floatOf(b)
		if !ok {
			return nil
		}
		switch operator {
		case "+":
			return x + y
		case "-":
			return x - y
		case "*":
			return x * y
		}
		if y == 0 {
			return nil
		}
		if operator == "/" {
			return x / y
		}
		return math.Mod(x, y)
	}
	x, ok := dateOf(a)
	y, also := dateOf(b)
	return orNil(x.Sub(y), ok && also && operator == "-")
}
