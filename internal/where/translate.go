package where

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// translator checks the parts of an expression and replaces its operators by calls of
// functions of a Filter, whose names are no names in an expression.
type translator struct {
	filter  *Filter
	item    typ
	resolve bool   // names are beside ids
	visits  int    // of parts
	each    []each // what # is, for each list around
}

// each is the item of a list.
type each struct {
	typ
	used   bool   // the condition looks at it
	hidden string // a field of it that the condition has as one of the whole item
}

// call makes a call of one of the Filter's functions.
func call(name string, arguments ...ast.Node) ast.Node {
	return &ast.CallNode{Callee: &ast.IdentifierNode{Value: name}, Arguments: arguments}
}

func constant(v any) ast.Node { return &ast.ConstantNode{Value: v} }

// condition translates a part that has to be true or false; null counts as false.
func (t *translator) condition(n ast.Node) (ast.Node, error) {
	made, is, err := t.part(n)
	switch {
	case err != nil:
		return nil, err
	case is.kind == list:
		return nil, fmt.Errorf("%s is a list, not true or false: write len(%s) > 0, or any(%s, …) with a condition", shown(n), shown(n), shown(n))
	case !meet(is.kind, boolean):
		return nil, fmt.Errorf("%s is %s, not true or false: compare it, such as %s != nil", shown(n), is.kind, shown(n))
	}
	return call("true", made, constant(t.operand(n, is))), nil
}

// part translates a part of an expression. The parser puts a part of a < b < c and of
// a ?: b in two places, so that few parts can become many. Only what was translated may
// be written out, see shown.
func (t *translator) part(n ast.Node) (ast.Node, typ, error) {
	if t.visits++; t.visits > maxVisits {
		return nil, typ{}, errTooManyParts
	}
	switch n := n.(type) {
	case *ast.NilNode:
		return n, typ{kind: null}, nil
	case *ast.BoolNode:
		return n, typ{kind: boolean}, nil
	case *ast.IntegerNode, *ast.FloatNode:
		return n, typ{kind: number}, nil
	case *ast.StringNode:
		return n, typ{kind: letters}, nil
	case *ast.IdentifierNode:
		if (n.Value == "item" || n.Value == "$env") && documented(t.item.schema, n.Value) == nil {
			return call("item"), typ{kind: object, root: true}, nil // without names: any may be asked for
		}
		return t.field(n.Value)
	case *ast.PointerNode:
		if n.Name != "" {
			return nil, typ{}, fmt.Errorf("#%s does not exist; # is the item of the list", n.Name)
		}
		t.each[len(t.each)-1].used = true
		return n, t.each[len(t.each)-1].typ, nil
	case *ast.ChainNode:
		return t.part(n.Node) // every access is optional
	case *ast.MemberNode:
		return t.access(n)
	case *ast.UnaryNode:
		return t.unary(n)
	case *ast.BinaryNode:
		return t.binary(n)
	case *ast.ConditionalNode:
		return t.conditional(n)
	case *ast.ArrayNode:
		return t.array(n)
	case *ast.BuiltinNode:
		return t.function(n.Name, n.Arguments)
	case *ast.CallNode:
		if callee, ok := n.Callee.(*ast.IdentifierNode); ok {
			return t.function(callee.Value, n.Arguments)
		}
		return nil, typ{}, errors.New("values have no methods: write lower(x), len(x), x contains 'y', x startsWith 'y' or any(x, .name == 'y')")
	default:
		name := strings.TrimSuffix(fmt.Sprintf("%T", n), "Node")
		return nil, typ{}, fmt.Errorf("%s is more than a condition may have: fields, comparisons, lists in [] and functions (%s)", name[strings.LastIndexByte(name, '.')+1:], functionNames())
	}
}

// field translates a name: of the item, or of the item of a list around that alone is
// documented to have it.
func (t *translator) field(name string) (ast.Node, typ, error) {
	if n := len(t.each); n > 0 && documented(t.each[n-1].schema, name) != nil {
		if documented(t.item.schema, name) == nil {
			t.each[n-1].used = true
			return t.member(&ast.PointerNode{}, t.each[n-1].typ, name)
		}
		t.each[n-1].hidden = name
	}
	return t.member(call("item"), t.item, name)
}

// member translates the access to a field.
func (t *translator) member(of ast.Node, in typ, name string) (ast.Node, typ, error) {
	is, err := in.member(name)
	reference, added := in.resolved(name)
	if added {
		switch is, err = in.member(reference.Field); {
		case !t.resolve:
			err = fmt.Errorf("%s exists with resolve: true", name)
		case is.kind != list:
			is.kind = letters
		}
		is.path, is.schema = strings.TrimPrefix(in.path+"."+name, "."), nil
	}
	if err != nil {
		return nil, typ{}, err
	}
	if in.root && !added && documented(t.item.schema, name) == nil && !slices.Contains(t.filter.used, name) {
		t.filter.used = append(t.filter.used, name)
	}
	return call("member", of, constant(name), constant(t.operand(nil, is))), is, nil
}

func (t *translator) access(n *ast.MemberNode) (ast.Node, typ, error) {
	of, in, err := t.part(n.Node)
	if err != nil {
		return nil, typ{}, err
	}
	if name, ok := n.Property.(*ast.StringNode); ok {
		return t.member(of, in, name.Value)
	}
	at, is, err := t.part(n.Property)
	switch {
	case err != nil:
		return nil, typ{}, err
	case !meet(in.kind, list) || !meet(is.kind, number):
		return nil, typ{}, fmt.Errorf("%s: an item of a list is list[0], a field is object.name or object['name']", shown(n))
	}
	return call("at", of, at), in.element(), nil
}

func (t *translator) unary(n *ast.UnaryNode) (ast.Node, typ, error) {
	if n.Operator == "not" || n.Operator == "!" {
		of, err := t.condition(n.Node)
		if err != nil {
			err = fmt.Errorf("%w. If not is for a comparison, put that in ( )", err)
		}
		return &ast.UnaryNode{Operator: "not", Node: of}, typ{kind: boolean}, err
	}
	of, is, err := t.part(n.Node)
	if err == nil && !meet(is.kind, number) {
		err = fmt.Errorf("%s: %s is %s, not a number", shown(n), shown(n.Node), is.kind)
	}
	return call(n.Operator, constant(0), of), typ{kind: number}, err
}

func (t *translator) conditional(n *ast.ConditionalNode) (ast.Node, typ, error) {
	test, err := t.condition(n.Cond)
	if err != nil {
		return nil, typ{}, err
	}
	yes, a, err := t.part(n.Exp1)
	if err != nil {
		return nil, typ{}, err
	}
	no, b, err := t.part(n.Exp2)
	return &ast.ConditionalNode{Ternary: true, Cond: test, Exp1: yes, Exp2: no}, either(a, b), err
}

// array translates a list that the expression contains. Made of constants, it is one.
func (t *translator) array(n *ast.ArrayNode) (ast.Node, typ, error) {
	made := &ast.ArrayNode{}
	values := []any{}
	for _, part := range n.Nodes {
		of, _, err := t.part(part)
		if err != nil {
			return nil, typ{}, err
		}
		made.Nodes = append(made.Nodes, of)
		if v, ok := literal(part); ok {
			values = append(values, v)
		}
	}
	if len(values) == len(n.Nodes) {
		return constant(values), typ{kind: list}, nil
	}
	return made, typ{kind: list}, nil
}

func literal(n ast.Node) (value any, ok bool) {
	switch n := n.(type) {
	case *ast.NilNode:
		return nil, true
	case *ast.BoolNode:
		return n.Value, true
	case *ast.IntegerNode:
		return n.Value, true
	case *ast.FloatNode:
		return n.Value, true
	case *ast.StringNode:
		return n.Value, true
	default:
		return nil, false
	}
}

// shown is a part of an expression in a message. It has been translated.
func shown(n ast.Node) string {
	const most = 60
	return text.Clip(text.OneLine(n.String()), most)
}
