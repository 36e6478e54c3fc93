package where

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// function is what an expression may call.
type function struct {
	takes    []kind // as its first argument; nil for no argument
	gives    kind
	overList bool // its second argument is a condition or value for each item
	example  string
}

var functions = map[string]function{
	"any":      {[]kind{list}, boolean, true, "any(groups, .name == 'admin')"},
	"all":      {[]kind{list}, boolean, true, "all(groups, .name != 'admin')"},
	"none":     {[]kind{list}, boolean, true, "none(groups, .name == 'admin')"},
	"one":      {[]kind{list}, boolean, true, "one(groups, .name == 'admin')"},
	"filter":   {[]kind{list}, list, true, "filter(groups, .id > 5)"},
	"map":      {[]kind{list}, list, true, "map(groups, lower(.name))"},
	"count":    {[]kind{list}, number, true, "count(groups, .id > 5)"},
	"len":      {[]kind{letters, list, object}, number, false, "len(groups) or len(name)"},
	"lower":    {[]kind{letters}, letters, false, "lower(name)"},
	"upper":    {[]kind{letters}, letters, false, "upper(name)"},
	"now":      {nil, moment, false, "now()"},
	"daysAgo":  {[]kind{number}, moment, false, "daysAgo(90)"},
	"date":     {[]kind{letters}, moment, false, "date('2026-08-01') or date('2026-08-01T12:00:00Z')"},
	"duration": {[]kind{letters}, duration, false, "duration('90d'); units are w, d, h, m, s"},
}

func functionNames() string { return strings.Join(slices.Sorted(maps.Keys(functions)), ", ") }

// function translates a call of a function.
func (t *translator) function(name string, arguments []ast.Node) (ast.Node, typ, error) {
	f, ok := functions[name]
	if !ok {
		return nil, typ{}, fmt.Errorf("there is no function %s%s. Functions: %s", name, text.DidYouMean(name, slices.Sorted(maps.Keys(functions))), functionNames())
	}
	wanted := len(f.takes[:min(1, len(f.takes))])
	if f.overList && (name != "count" || len(arguments) != 1) {
		wanted++
	}
	if len(arguments) != wanted {
		return nil, typ{}, fmt.Errorf("%s takes other arguments: %s", name, f.example)
	}
	var made []ast.Node
	var first typ
	for i, argument := range arguments {
		if predicate, ok := argument.(*ast.PredicateNode); ok {
			of, err := t.predicate(name, predicate, first)
			if err != nil {
				return nil, typ{}, err
			}
			made = append(made, of)
			continue
		}
		of, is, err := t.part(argument)
		if err == nil && !slices.ContainsFunc(f.takes, func(k kind) bool { return meet(k, is.kind) }) {
			err = fmt.Errorf("%s is %s: %s", shown(argument), is.kind, f.example)
		}
		if err != nil {
			return nil, typ{}, err
		}
		if i == 0 {
			first = is
		}
		made = append(made, of)
	}
	is := typ{kind: f.gives}
	switch {
	case name == "count" && len(made) == 1:
		return call("len", made[0]), is, nil
	case f.overList:
		made[0] = call("list", made[0])
		if name == "filter" {
			is = first
			is.kind = list
		}
		return &ast.BuiltinNode{Name: name, Arguments: made}, is, nil
	case name == "now":
		t.filter.timed = true
		return call("now"), is, nil
	case name == "daysAgo":
		t.filter.timed = true
	}
	return call(name, made...), is, checkLiteral(name, arguments[0])
}

// checkLiteral refuses a text that a function cannot read.
func checkLiteral(name string, argument ast.Node) error {
	n, ok := argument.(*ast.StringNode)
	if !ok {
		return nil
	}
	_, isDate := parseDate(n.Value)
	_, isDuration := parseDuration(n.Value)
	if name == "date" && !isDate || name == "duration" && !isDuration {
		return fmt.Errorf("%s is no %s: %s", shown(n), name, functions[name].example)
	}
	return nil
}

// predicate translates what is asked of each item of a list.
func (t *translator) predicate(name string, n *ast.PredicateNode, of typ) (ast.Node, error) {
	t.each = append(t.each, each{typ: of.element()})
	defer func() { t.each = t.each[:len(t.each)-1] }()
	if name == "map" {
		made, _, err := t.part(n.Node)
		return &ast.PredicateNode{Node: made}, err
	}
	made, err := t.condition(n.Node)
	if e := t.each[len(t.each)-1]; err == nil && !e.used && e.hidden != "" {
		err = fmt.Errorf("the condition of %s is about the whole item only: for the items of the list write .%s, not %s", name, e.hidden, e.hidden)
	}
	return &ast.PredicateNode{Node: made}, err
}
