package where

import (
	"cmp"
	"math"
	"strconv"
	"time"

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

// contains looks for a value. Odd is an item of another kind, if all are.
func contains(items []any, v any) (found bool, odd any) {
	fits := false
	for _, item := range items {
		same, ok := equal(item, v)
		if same {
			return true, nil
		}
		if fits = fits || ok; !ok {
			odd = item
		}
	}
	if fits {
		odd = nil
	}
	return false, odd
}

// equal compares two values. They are not of one kind if ok is false.
func equal(a, b any) (same, ok bool) {
	if a == nil || b == nil {
		return a == nil && b == nil, true
	}
	x, isText := a.(string)
	y, also := b.(string)
	order, ok := compare(a, b)
	switch {
	case isText && also: // as versions, 1.0 and 1.00 have no order
		_, isDate := parseDate(x)
		return x == y || ok && isDate && order == 0, true
	case ok:
		return order == 0, true
	case isText:
		return false, false
	}
	if x, ok := a.(bool); ok {
		y, ok := b.(bool)
		return ok && x == y, ok
	}
	if x, ok := a.(*jsonvalue.Value); ok && x.Kind == jsonvalue.Object {
		y, ok := b.(*jsonvalue.Value)
		return ok && x == y, ok
	}
	left, right := itemsOf(a), itemsOf(b)
	if left == nil || right == nil {
		return false, false
	}
	if len(left) != len(right) {
		return false, true
	}
	for i := range left {
		if same, _ := equal(left[i], right[i]); !same {
			return false, true
		}
	}
	return true, true
}

// compare orders numbers, texts, dates and durations. Texts that are dates compare as
// dates, and with dates only; those that are versions, as versions; one that is a
// number, with a number: the API has some ids in both forms.
func compare(a, b any) (order int, ok bool) {
	if s, ok := a.(string); ok {
		if _, ok := floatOf(b); ok {
			a = numberIn(s)
		}
	} else if s, ok := b.(string); ok {
		if _, ok := floatOf(a); ok {
			b = numberIn(s)
		}
	}
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
				return compareVersions(x, y), true
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
