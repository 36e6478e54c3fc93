// Package where decides which items of a list match an expression over their fields:
//
//	filter, err := where.New("active and last_active < '2026-08-01'", tool.Answer, false)
//	ok, err := filter.Match(ctx, &item)
//
// expr-lang/expr parses and runs expressions. What its operators do with null, with a
// missing field and with dates is ours: New checks an expression against the
// documented fields and replaces every operator by a function of this package. Only
// what it knows passes, so that no expression can run for long or take much memory.
//
// The package reads items as they are given, which is after redaction. It must not
// know where they come from.
package where

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Limits of an expression and of what it costs.
const (
	maxLength = 4_000 // bytes
	maxNodes  = 300
	maxVisits = 1_000 // of nodes: some are in two places
	// maxMemory is how many values the lists that one item makes may have.
	maxMemory = 100_000
	// maxWork bounds all items together, to one or two seconds.
	maxWork = 10_000_000
)

// ErrTooMuchWork says that an expression takes too long, or too much memory.
var ErrTooMuchWork = errors.New("it takes too much time or memory: use fewer conditions on long lists and texts, or narrow the list with other arguments")

var errTooManyParts = fmt.Errorf("it has too many parts; at most %d are read: use a list, x in ['a', 'b']", maxNodes)

// Filter is an expression that decides on the items of one list. It is for one
// goroutine.
type Filter struct {
	program  *vm.Program
	now      time.Time
	clock    string   // whose time that is, if not the API's
	timed    bool     // it asks for the time
	used     []string // names of fields of the items that are not documented
	operands []*operand
	notes    []string

	ctx  context.Context //nolint:containedctx // that of Match
	item *jsonvalue.Value
	read int // items so far
	work int
}

// New compiles an expression over the fields that an answer documents. Fields that it
// does not document are left to Unknown. With resolve, items have names beside ids.
func New(expression string, answer tools.Answer, resolve bool) (*Filter, error) {
	if len(expression) > maxLength {
		return nil, fmt.Errorf("it has %d bytes; at most %d are read", len(expression), maxLength)
	}
	if strings.TrimSpace(expression) == "" {
		return nil, errors.New("it is empty: leave it out to get all items. An example: " + example)
	}
	source := inOurSpelling(expression)
	config := conf.CreateNew()
	config.MaxNodes = maxNodes
	tree, err := parser.ParseWithConfig(source, config)
	if err != nil {
		return nil, syntaxError(err)
	}
	f := &Filter{now: time.Now(), clock: " on this server's clock: the answer has no date"}
	t := &translator{filter: f, item: itemType(answer), resolve: resolve}
	if tree.Node, err = t.condition(tree.Node); err != nil {
		return nil, err
	}
	config.Functions = f.functions()
	f.program, err = compiler.Compile(tree, config)
	if err != nil {
		line, _, _ := strings.Cut(err.Error(), "\n")
		return nil, errors.New(line)
	}
	return f, nil
}

// SetNow sets the time of now() and daysAgo() to that of the API. Until then it is that
// of this machine, whose clock may be wrong.
func (f *Filter) SetNow(now time.Time) { f.now, f.clock = now, "" }

// Unknown lists the names in the expression that neither the documentation nor any of
// the items has.
func (f *Filter) Unknown(items []jsonvalue.Value) (names []string) {
	for _, name := range f.used {
		has := func(item jsonvalue.Value) bool { return item.Member(name) != nil }
		if !slices.ContainsFunc(items, has) {
			names = append(names, name)
		}
	}
	return names
}

// Match tells whether an item matches. An error says that the expression costs too
// much, or is that of ctx.
func (f *Filter) Match(ctx context.Context, item *jsonvalue.Value) (bool, error) {
	f.ctx, f.item = ctx, item
	f.read++
	machine := vm.VM{MemoryBudget: maxMemory}
	outcome, err := machine.Run(f.program, nil)
	switch {
	case ctx.Err() != nil:
		return false, ctx.Err() //nolint:wrapcheck // the error of ctx
	case err != nil:
		return false, ErrTooMuchWork // functions return no other error, and nothing else can fail but the memory budget
	}
	match, _ := outcome.(bool)
	return match, nil
}

// spend counts work, and ends it.
func (f *Filter) spend(n int) error {
	const checkEvery = 10_000
	before := f.work
	if f.work += n; f.work > maxWork {
		return ErrTooMuchWork
	}
	if before/checkEvery != f.work/checkEvery {
		return f.ctx.Err() //nolint:wrapcheck // see Match
	}
	return nil
}

// syntaxError says in one line what the parser did not understand.
func syntaxError(err error) error {
	wrong, ok := errors.AsType[*file.Error](err)
	if !ok {
		return err
	}
	if strings.Contains(wrong.Message, "exceeds maximum allowed nodes") {
		return errTooManyParts
	}
	hint := ""
	for word, instead := range spellings {
		if strings.Contains(wrong.Message, `"`+word+`"`) {
			hint = ": " + instead
		}
	}
	switch message := wrong.Message; {
	case strings.HasPrefix(message, "bad number"):
		hint = ": a duration is duration('90d')"
	case strings.Contains(message, "'~'"):
		hint = ": write x matches '^a.*z$'"
	case strings.HasPrefix(message, "unrecognized character"):
		hint = ": a text is in ' or \""
	case strings.HasPrefix(message, "expected name"):
		hint = ": write object['a name']"
	}
	return fmt.Errorf("%s at character %d%s. An example: %s", text.OneLine(wrong.Message), wrong.Column+1, hint, example)
}

const example = "active and last_active < '2026-08-01' and any(groups, .name == 'admin')"
