package catalogdiff

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/order"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Kinds of a Change.
const (
	Added   = "added"
	Removed = "removed"
	Changed = "changed"
)

// Change is one difference between two catalogs.
type Change struct {
	// Kind is Added, Removed or Changed.
	Kind string
	// Operation is the method and path, "GET /users".
	Operation string
	// What differs: "operation", "body type", "argument limit", or a part of an
	// argument such as "argument options.anyOf[postgresql].host type".
	What string
	// From and To are the two states, "" for none. For something added or
	// removed, they are its type and whether it is required: "string,
	// required".
	From, To string
}

const mustBeGiven = ", required"

// String describes a change: "GET /users: argument limit added".
func (c Change) String() string {
	text := c.Operation + ": " + c.What
	if c.Kind == Changed {
		return text + ": " + cmp.Or(c.From, "none") + " → " + cmp.Or(c.To, "none")
	}
	text += " " + c.Kind
	if c.Kind == Added && strings.HasSuffix(c.To, mustBeGiven) {
		text += " (required)"
	}
	return text
}

// Compare compares what requests may contain, operation by operation and
// argument by argument. Words and order do not count. A path parameter is
// identified by its position, so a renamed one is one change.
func Compare(a, b *tools.Catalog) []Change {
	before, after := keyed(a), keyed(b)
	var d differ
	for _, key := range keysOf(before, after) {
		one, two := before[key], after[key]
		either := cmp.Or(one, two)
		d.operation = either.Method + " " + either.Path
		switch {
		case two == nil:
			d.add(Removed, "operation", "", "")
		case one == nil:
			d.add(Added, "operation", "", "")
		default:
			d.tools(one, two)
		}
	}
	order.By(d.changes, func(x, y Change) int {
		methodX, pathX, _ := strings.Cut(x.Operation, " ")
		methodY, pathY, _ := strings.Cut(y.Operation, " ")
		return cmp.Or(cmp.Compare(pathX, pathY), cmp.Compare(methodX, methodY),
			cmp.Compare(x.What, y.What), cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.From, y.From), cmp.Compare(x.To, y.To))
	})
	return d.changes
}

// keyed returns the tools by operation. Paths that differ only in the names of
// their parameters are distinguished by their order.
func keyed(c *tools.Catalog) map[string]*tools.Tool {
	list := slices.Clone(c.Tools)
	order.By(list, func(a, b tools.Tool) int { return cmp.Compare(a.Path, b.Path) })
	out, count := map[string]*tools.Tool{}, map[string]int{}
	for i, t := range list {
		key := tools.OperationKey(t.Method, t.Path)
		if count[key]++; count[key] > 1 {
			key += " again " + strconv.Itoa(count[key])
		}
		out[key] = &list[i]
	}
	return out
}

type differ struct {
	operation string
	changes   []Change
}

func (d *differ) add(kind, what, from, to string) {
	d.changes = append(d.changes, Change{Kind: kind, Operation: d.operation, What: what, From: from, To: to})
}

// same adds a change where two states differ.
func (d *differ) same(what, from, to string) {
	if from != to {
		d.add(Changed, what, from, to)
	}
}

func (d *differ) tools(a, b *tools.Tool) {
	d.same("body type", a.BodyType, b.BodyType)
	d.same("headers", headersOf(a), headersOf(b))
	before, after := argumentSchemas(a), argumentSchemas(b)
	partners := partnersOf(a, b)
	for i := range a.Args {
		one, at := &a.Args[i], "argument "+a.Args[i].Name
		two := partners[one]
		if one.In == tools.NotSent { // a control, not part of a request
			continue
		}
		if two == nil {
			d.add(Removed, at, stateOf(before[one.Name], one.Required), "")
			continue
		}
		delete(partners, one)
		partners[two] = one
		d.same(at+" name", one.Name, two.Name)
		if one.In != tools.InPath || two.In != tools.InPath || one.Style == "matrix" { // other names in a path are not sent
			d.same(at+" wire name", one.WireName, two.WireName)
		}
		d.same(at+" place", string(one.In), string(two.In))
		d.same(at+" form", formOf(one), formOf(two))
		d.same(at+" required", yesNo(one.Required), yesNo(two.Required))
		d.compare(at, before[one.Name], after[two.Name])
	}
	for j := range b.Args {
		if two := &b.Args[j]; two.In != tools.NotSent && partners[two] == nil {
			d.add(Added, "argument "+two.Name, "", stateOf(after[two.Name], two.Required))
		}
	}
}

func headersOf(t *tools.Tool) string {
	list := make([]string, len(t.Headers))
	for i, h := range t.Headers {
		list[i] = h.Name + ": " + h.Value
	}
	return strings.Join(list, ", ")
}

// partnersOf pairs the arguments of a with those of b: path parameters by
// position, others by wire name, or else by name.
func partnersOf(a, b *tools.Tool) map[*tools.Arg]*tools.Arg {
	partners, taken := map[*tools.Arg]*tools.Arg{}, map[*tools.Arg]bool{}
	pair := func(keyA, keyB func(*tools.Arg) string) { // "" is alone
		free := map[string][]*tools.Arg{}
		for j := range b.Args {
			if y := &b.Args[j]; y.In != tools.NotSent && !taken[y] && keyB(y) != "" {
				free[keyB(y)] = append(free[keyB(y)], y)
			}
		}
		for i := range a.Args {
			x := &a.Args[i]
			key := keyA(x)
			if list := free[key]; x.In != tools.NotSent && partners[x] == nil && len(list) > 0 {
				partners[x], taken[list[0]], free[key] = list[0], true, list[1:]
			}
		}
	}
	wire := func(path string) func(*tools.Arg) string {
		places := map[string]int{}
		for i, name := range pathParameters(path) {
			places[name] = i + 1
		}
		return func(x *tools.Arg) string {
			if x.In == tools.InPath {
				return string(x.In) + " " + strconv.Itoa(places[x.Name])
			}
			return string(x.In) + " " + x.WireName
		}
	}
	pair(wire(a.Path), wire(b.Path))
	name := func(x *tools.Arg) string {
		if x.In == tools.InPath {
			return ""
		}
		return x.Name
	}
	pair(name, name)
	return partners
}

// pathParameters lists the names of a path's parameters in their order.
func pathParameters(path string) (names []string) {
	for part := range strings.SplitSeq(path, "{") {
		if name, _, ok := strings.Cut(part, "}"); ok {
			names = append(names, name)
		}
	}
	return names
}

// formOf says how a value is written in the request.
func formOf(a *tools.Arg) string {
	form := []string{cmp.Or(a.Style, "plain")}
	for _, f := range []struct {
		on   bool
		word string
	}{{a.Explode, "exploded"}, {a.Reserved, "reserved"}, {a.JSON, "as JSON"}, {a.Base64, "in base64"}} {
		if f.on {
			form = append(form, f.word)
		}
	}
	if a.ContentType != "" {
		form = append(form, a.ContentType)
	}
	return strings.Join(form, ", ")
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
