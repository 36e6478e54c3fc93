package where

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr/ast"
)

// binary translates an operator between two parts.
func (t *translator) binary(n *ast.BinaryNode) (ast.Node, typ, error) {
	switch n.Operator {
	case "and", "&&", "or", "||":
		left, err := t.condition(n.Left)
		if err != nil {
			return nil, typ{}, err
		}
		right, err := t.condition(n.Right)
		return &ast.BinaryNode{Operator: n.Operator, Left: left, Right: right}, typ{kind: boolean}, err
	}
	left, a, err := t.part(n.Left)
	if err != nil {
		return nil, typ{}, err
	}
	right, b, err := t.part(n.Right)
	if err != nil {
		return nil, typ{}, err
	}
	is := typ{kind: boolean}
	switch n.Operator {
	case "??":
		t.operand(n.Left, a).handled = true
		return &ast.BinaryNode{Operator: "??", Left: left, Right: right}, either(a, b), nil
	case "==", "!=":
		if a.kind == null || b.kind == null {
			t.operand(n.Left, a).handled, t.operand(n.Right, b).handled = true, true
		}
		err = t.comparable(n.Operator, n.Left, n.Right, a, b)
	case "<", "<=", ">", ">=":
		if a.kind == null || b.kind == null {
			return nil, typ{}, fmt.Errorf("%s: null has no order: write x == nil or x != nil", shown(n))
		}
		err = t.comparable(n.Operator, n.Left, n.Right, a, b)
		if !meet(a.kind, number) && !a.kind.isText() && a.kind != duration && err == nil {
			err = fmt.Errorf("%s is %s, which has no order", shown(n.Left), a.kind)
		}
	case "in":
		err = t.checkIn(n, a, b)
	case "contains", "startsWith", "endsWith":
		if n.Operator == "contains" && a.kind == list {
			err = t.checkItem(n.Right, n.Left, b, a)
			break
		}
		err = texts(n, a, b)
	case "matches":
		if err = texts(n, a, b); err == nil {
			right, err = pattern(n.Right)
		}
	case "+", "-", "*", "/", "%":
		if name, ok := n.Right.(*ast.IdentifierNode); ok && n.Operator == "-" && a.kind == anything && b.kind == anything {
			return nil, typ{}, fmt.Errorf("%s subtracts: a field whose name has a hyphen is object['a-%s']", shown(n), name.Value)
		}
		is.kind, err = arithmetic(n, a.kind, b.kind)
	default:
		err = fmt.Errorf("%s: there is no operator %s", shown(n), n.Operator)
	}
	return call(n.Operator, left, right, constant(t.operand(n.Left, a)), constant(t.operand(n.Right, b))), is, err
}

// comparable says why two parts cannot be compared.
func (t *translator) comparable(operator string, left, right ast.Node, a, b typ) error {
	if !meet(a.kind, b.kind) && !sameNumber(left, a, b) && !sameNumber(right, b, a) {
		return fmt.Errorf("%s is %s and %s is %s%s", shown(left), a.kind, shown(right), b.kind, remedy(left, right, a, b))
	}
	for range 2 {
		n, isLiteral := right.(*ast.StringNode)
		if !isLiteral {
			left, right, a, b = right, left, b, a
			continue
		}
		if err := t.checkEnum(n, a); err != nil {
			return err
		}
		if a.kind.isDate() {
			_, isDate := parseDate(n.Value)
			switch {
			case !isDate && n.Value != "":
				return fmt.Errorf("%s is %s and %s is none: write '2026-08-01', '2026-08-01T12:00:00Z', daysAgo(90) or now() - duration('12h')", shown(left), a.kind, shown(right))
			case a.kind == moment && len(n.Value) == len(time.DateOnly) && (operator == "==" || operator == "!="):
				return fmt.Errorf("%s has a time of day, so it rarely equals %s, which is its first moment: write %s >= … and %s < …, or %s startsWith %s", shown(left), shown(right), shown(left), shown(left), shown(left), shown(right))
			}
		}
		left, right, a, b = right, left, b, a
	}
	return nil
}

// checkEnum refuses the spelling of a documented value in other case. A value that is
// not documented may exist.
func (t *translator) checkEnum(n *ast.StringNode, of typ) error {
	enum := of.schema.Member("enum")
	if enum == nil {
		return nil
	}
	values := make([]string, len(enum.Parts))
	for i := range enum.Parts {
		values[i] = enum.Parts[i].Text
	}
	if slices.Contains(values, n.Value) || n.Value == "" {
		return nil
	}
	for _, value := range values {
		if strings.EqualFold(value, n.Value) {
			return fmt.Errorf("%s is one of %s: write '%s', not %s", of.path, strings.Join(values, ", "), value, shown(n))
		}
	}
	t.filter.notes = append(t.filter.notes, fmt.Sprintf("%s is documented as one of %s.", of.path, strings.Join(values, ", ")))
	return nil
}

// remedy says how two parts of different kinds are compared.
func remedy(left, right ast.Node, a, b typ) string {
	for range 2 {
		n, _ := right.(*ast.StringNode)
		switch {
		case a.kind == duration && b.kind == number:
			return fmt.Sprintf(": write duration('%sd')", shown(right))
		case a.kind == number && n != nil:
			return ": write a number without quotes"
		case b.kind == number && a.kind.isText():
			return ": write it in quotes"
		case a.kind == boolean && b.kind != list:
			return fmt.Sprintf(": write %s or not %s", shown(left), shown(left))
		case a.element().kind == object:
			return fmt.Sprintf(": write any(%s, .%s == …)", shown(left), a.element().someName())
		case a.kind == list:
			return fmt.Sprintf(": write … in %s, or len(%s)", shown(left), shown(left))
		case a.kind == object:
			return fmt.Sprintf(": compare one of its fields, such as %s.%s", shown(left), a.someName())
		case a.kind.isDate() && b.kind == duration:
			return fmt.Sprintf(": write now() - %s", shown(right))
		}
		left, right, a, b = right, left, b, a
	}
	return ""
}

// sameNumber tells whether a text may be the number with which it is compared: ids are
// numbers in some answers and texts in others.
func sameNumber(left ast.Node, a, b typ) bool {
	if a.kind != letters || b.kind != number {
		return false
	}
	if written, ok := left.(*ast.StringNode); ok {
		return numberIn(written.Value) != nil
	}
	name := a.path[strings.LastIndexByte(a.path, '.')+1:]
	return name == "id" || name == "sid" || strings.HasSuffix(name, "_id") || strings.HasSuffix(name, "Id")
}

// checkItem says why a list cannot contain a value.
func (t *translator) checkItem(item, items ast.Node, a, b typ) error {
	of := b.element()
	switch {
	case b.kind != list || of.kind == anything:
		return nil
	case of.kind == object && !meet(a.kind, object):
		return fmt.Errorf("%s is a list of objects: write any(%s, .%s == %s)", shown(items), shown(items), of.someName(), shown(item))
	case !meet(of.kind, a.kind) && !sameNumber(item, a, of) && !sameNumber(items, of, a):
		return fmt.Errorf("each of %s is %s and %s is %s", shown(items), of.kind, shown(item), a.kind)
	}
	return nil
}

func (t *translator) checkIn(n *ast.BinaryNode, a, b typ) error {
	switch {
	case b.kind.isText():
		return fmt.Errorf("%s is text, not a list: write %s contains %s, or a list in [ ]", shown(n.Right), shown(n.Right), shown(n.Left))
	case !meet(b.kind, list) && b.kind != object:
		return fmt.Errorf("%s is %s, not a list in [ ]", shown(n.Right), b.kind)
	}
	if err := t.checkItem(n.Left, n.Right, a, b); err != nil {
		return err
	}
	values, _ := n.Right.(*ast.ArrayNode)
	for i := 0; values != nil && i < len(values.Nodes); i++ {
		_, is, err := t.part(values.Nodes[i])
		if err == nil {
			err = t.comparable("==", n.Left, values.Nodes[i], a, is)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// texts says why an operator on texts cannot have the parts it has.
func texts(n *ast.BinaryNode, a, b typ) error {
	for i, k := range []kind{a.kind, b.kind} {
		if !meet(k, letters) {
			return fmt.Errorf("%s is %s, and %s is for texts", shown([]ast.Node{n.Left, n.Right}[i]), k, n.Operator)
		}
	}
	return nil
}

// regularExpression is one with the number of its instructions, which is what matching
// a byte takes.
type regularExpression struct {
	*regexp.Regexp
	size int
}

// pattern compiles a regular expression.
func pattern(n ast.Node) (ast.Node, error) {
	const most = 200 // bytes
	written, ok := n.(*ast.StringNode)
	switch {
	case !ok:
		return nil, fmt.Errorf("%s: matches takes a regular expression in quotes", shown(n))
	case len(written.Value) > most:
		return nil, fmt.Errorf("a regular expression has at most %d bytes, not %d", most, len(written.Value))
	}
	compiled, err := regexp.Compile(written.Value)
	if err != nil {
		return nil, fmt.Errorf("%s is no regular expression of RE2: %w", shown(n), err)
	}
	parsed, err := syntax.Parse(written.Value, syntax.Perl)
	if err != nil {
		return nil, err //nolint:wrapcheck // it was compiled
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil, err //nolint:wrapcheck // it was compiled
	}
	return constant(&regularExpression{compiled, len(program.Inst)}), nil
}

// arithmetic is the kind of a calculated value.
func arithmetic(n *ast.BinaryNode, a, b kind) (kind, error) {
	add := n.Operator == "+" || n.Operator == "-"
	unknown := []kind{anything, null}
	switch {
	case meet(a, number) && meet(b, number) && (a == number || b == number):
		return number, nil
	case add && a.isDate() && b == duration:
		return moment, nil
	case add && a == duration && b == duration, n.Operator == "-" && a.isDate() && b.isDate():
		return duration, nil
	case slices.Contains(unknown, a) && meet(b, b) || slices.Contains(unknown, b):
		return anything, nil
	case a.isDate() && add:
		return 0, fmt.Errorf("%s: a date takes a duration, such as now() - duration('90d')", shown(n))
	default:
		return 0, fmt.Errorf("%s: %s calculates with numbers, dates and durations, not with %s and %s", shown(n), n.Operator, a, b)
	}
}
