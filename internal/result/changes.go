package result

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/redact"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// NameOf returns what people call the object of a kind with an id, "" if that is not
// known. The kind may be "": some ids say themselves what they identify.
type NameOf func(kind, id string) string

// comparer says what would change between two values.
type comparer struct {
	names NameOf
	most  limits
	field string // that is compared, which may say what its items are
	lines []string
	loses bool // something that is there
}

// limits are how much of a difference is shown: characters of a value, items that
// come or go, and whether those are shown whole or by name.
type limits struct {
	value, items int
	whole        bool
	flags        bool // beside the name of an item, what is true of it
	line         int  // characters of what changes in one field
}

var (
	inQuestion = limits{value: maxNameShown, items: maxShown, line: maxLine - 30}
	inDryRun   = limits{value: 200, items: 20, whole: true, line: 4000}
	inPlan     = limits{value: 200, items: 20, flags: true, line: 1000}
)

// maxShown is how many of many names a question lists.
const maxShown = 4

// listed are the first names of a list, in so many characters, and how many more
// there are.
func listed(names []string, most, line int) string {
	n, length := 0, 0
	for n < min(most, len(names)) && (n == 0 || length+len([]rune(names[n])) <= line) {
		length += len([]rune(names[n])) + len(", ")
		n++
	}
	if n < len(names) {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:n], ", "), len(names)-n)
	}
	return strings.Join(names, ", ")
}

// compare compares a field. What is nil is absent. Objects and lists are compared
// by what they hold, so that a long value does not hide what is different in it.
func compare(names NameOf, most limits, field string, was, will *jsonvalue.Value) *comparer {
	c := &comparer{names: names, most: most, field: field}
	c.value("", was, will)
	return c
}

func (c *comparer) say(path, format string, args ...any) {
	c.lines = append(c.lines, strings.TrimSpace(path+" "+fmt.Sprintf(format, args...)))
}

func (c *comparer) value(path string, was, will *jsonvalue.Value) {
	switch {
	case was != nil && will != nil && was.Kind == jsonvalue.Object && will.Kind == jsonvalue.Object && len(was.Parts)+len(will.Parts) > 0:
		c.members(path, was, will)
	case was != nil && will != nil && was.Kind == jsonvalue.List && will.Kind == jsonvalue.List:
		c.items(path, was, will)
	default:
		c.sides(path, was, will)
	}
}

// sides says what a value was and will be, unless that is the same.
func (c *comparer) sides(path string, was, will *jsonvalue.Value) {
	before, after := written(was), written(will)
	if was != nil && was.Kind != jsonvalue.Null && (before != after || redact.HasMarker(before)) {
		c.loses = true
	}
	switch {
	case before != after:
		if isText(was) && isText(will) {
			before, after = text.ClipBoth(inner(before), inner(after), c.most.value)
			before, after = `"`+before+`"`, `"`+after+`"`
		} else {
			before, after = shortened(was, c.most.value), shortened(will, c.most.value)
		}
		c.say(path, "%s → %s", before, after)
	case redact.HasMarker(before):
		c.say(path, setAgain)
	}
}

func isText(v *jsonvalue.Value) bool { return v != nil && v.Kind == jsonvalue.Text }

// inner is what is between the quotes.
func inner(quoted string) string { return quoted[1 : len(quoted)-1] }

// shortened is a value as JSON of so many characters. A text keeps its quotes.
func shortened(v *jsonvalue.Value, most int) string {
	s := written(v)
	if isText(v) {
		return `"` + text.ClipEscaped(inner(s), most) + `"`
	}
	return text.ClipEscaped(s, most)
}

// setAgain is said of what looks the same without its secrets.
const setAgain = "is replaced, by another value or the same: both are secret"

func written(v *jsonvalue.Value) string {
	if v == nil {
		return "absent"
	}
	return v.JSON()
}

func (c *comparer) members(path string, was, will *jsonvalue.Value) {
	for i, name := range will.Names {
		within := *c
		within.field = name
		within.value(join(path, name), was.Member(name), &will.Parts[i])
		c.lines, c.loses = within.lines, within.loses
	}
	for i, name := range was.Names {
		if will.Member(name) == nil {
			c.sides(join(path, name), &was.Parts[i], nil)
		}
	}
}

func join(path, name string) string {
	if path == "" {
		return onOneLine(name)
	}
	return path + "." + onOneLine(name)
}

// items compares lists by what identifies their items, or else as sets.
func (c *comparer) items(path string, was, will *jsonvalue.Value) {
	key := keyOf(was.Parts, will.Parts)
	before, after := indexed(was.Parts, key), indexed(will.Parts, key)
	var removed, added, changed []string
	omitted := map[string]bool{}
	for i := range was.Parts {
		id := identity(&was.Parts[i], key)
		if there := after[id]; len(there) == 0 {
			removed = append(removed, c.item(&was.Parts[i], key, len(removed)))
		} else if key == "" {
			after[id] = there[1:]
		}
	}
	for i := range will.Parts {
		item := &will.Parts[i]
		id := identity(item, key)
		there := before[id]
		switch {
		case len(there) == 0:
			added = append(added, c.item(item, key, len(added)))
		case key == "":
			before[id] = there[1:]
		default:
			changed = append(changed, c.itself(there[0], item, key, omitted)...)
		}
	}
	if len(was.Parts) != len(will.Parts) {
		c.say(path, "%d → %d items", len(was.Parts), len(will.Parts))
	}
	if len(removed) > 0 {
		c.say(path, "removed %s", listed(removed, c.most.items, c.most.line-maxNameShown))
	}
	if len(added) > 0 {
		c.say(path, "added %s", listed(added, c.most.items, c.most.line-maxNameShown))
	}
	for _, line := range changed {
		c.lines = append(c.lines, path+line)
	}
	if len(omitted) > 0 {
		c.say(path, "items leave out %s", listed(slices.Sorted(maps.Keys(omitted)), c.most.items, c.most.line-maxNameShown))
	}
	c.loses = c.loses || len(removed)+len(omitted) > 0
	switch {
	case len(removed)+len(added)+len(changed)+len(omitted) > 0:
	case key == "" && redact.HasMarker(will.JSON()):
		c.loses = true
		c.say(path, setAgain)
	case !slices.EqualFunc(was.Parts, will.Parts, func(a, b jsonvalue.Value) bool { return identity(&a, key) == identity(&b, key) }):
		c.say(path, "same items in another order")
	}
}

// itself compares an item of both lists. What it leaves out goes into omitted, to
// be told once for all items.
func (c *comparer) itself(was, will *jsonvalue.Value, key string, omitted map[string]bool) (lines []string) {
	within := &comparer{names: c.names, most: c.most}
	for i, name := range will.Names {
		within.field = name
		within.value(onOneLine(name), was.Member(name), &will.Parts[i])
	}
	c.loses = c.loses || within.loses
	for i, name := range was.Names {
		if will.Member(name) == nil && !slices.Contains(setByRetool, name) && was.Parts[i].Kind != jsonvalue.Null {
			omitted[onOneLine(name)] = true
		}
	}
	if len(within.lines) == 0 {
		return nil
	}
	label := c.label(will, key)
	if name := namedOf(was).Names; len(name) > 0 {
		label = c.label(was, key)
	}
	for _, line := range within.lines {
		lines = append(lines, "["+label+"]."+line)
	}
	return lines
}

// keyOf is the field that identifies each item of both lists, "" if none does.
func keyOf(lists ...[]jsonvalue.Value) string {
	var names []string
	for _, items := range lists {
		if len(items) > 0 && len(names) == 0 {
			names = slices.DeleteFunc(slices.Clone(items[0].Names), func(name string) bool { return !identifies(name) })
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return rank(a) - rank(b) })
	for _, name := range names {
		if !slices.ContainsFunc(lists, func(items []jsonvalue.Value) bool {
			seen := map[string]bool{}
			return slices.ContainsFunc(items, func(v jsonvalue.Value) bool {
				id := v.Member(name).Str()
				again := id == "" || seen[id]
				seen[id] = true
				return again
			})
		}) {
			return name
		}
	}
	return ""
}

func identifies(name string) bool {
	return rank(name) < len(keyFields) || strings.HasSuffix(name, "_id") || strings.HasSuffix(name, "Id")
}

// rank is the place of a field among those that identify an item best.
func rank(name string) int {
	if i := slices.Index(keyFields, name); i >= 0 {
		return i
	}
	return len(keyFields)
}

var keyFields = []string{"id", "uuid", "email", "name", "key"}

// identity is what makes an item the same in both lists.
func identity(v *jsonvalue.Value, key string) string {
	if key == "" {
		return v.JSON()
	}
	return v.Member(key).Str()
}

func indexed(items []jsonvalue.Value, key string) map[string][]*jsonvalue.Value {
	index := map[string][]*jsonvalue.Value{}
	for i := range items {
		id := identity(&items[i], key)
		index[id] = append(index[id], &items[i])
	}
	return index
}

// item is an item that comes or goes: what people call it, or all of it. So many
// came before it; what is not shown needs no name.
func (c *comparer) item(v *jsonvalue.Value, key string, before int) string {
	switch {
	case before >= c.most.items:
		return ""
	case key != "" && !c.most.whole && (len(namedOf(v).Names) > 0 || c.nameOf(v, key) != ""):
		return c.label(v, key) + c.flags(v)
	}
	whole := shortened(v, c.most.value)
	if name := c.nameOf(v, key); name != "" && len(namedOf(v).Names) == 0 {
		return text.Quote(name, maxNameShown) + " " + whole
	}
	return whole
}

// flags are what is true of an item, for those who see its name alone.
func (c *comparer) flags(v *jsonvalue.Value) string {
	var set []string
	for i, name := range v.Names {
		if c.most.flags && v.Parts[i].Kind == jsonvalue.True {
			set = append(set, onOneLine(name))
		}
	}
	if len(set) == 0 {
		return ""
	}
	return " (" + strings.Join(set, ", ") + ")"
}

// label is what people call an item, or what identifies it.
func (c *comparer) label(v *jsonvalue.Value, key string) string {
	id := v.Member(key).Str()
	if named := namedOf(v).Names; len(named) > 0 && named[0] != id {
		return text.Quote(named[0], maxNameShown)
	}
	if name := c.nameOf(v, key); name != "" {
		return text.Quote(name, maxNameShown)
	}
	return text.Name(id)
}

// nameOf looks an item's key up, if the key says what it identifies, or the list does:
// apps have the ids of apps.
func (c *comparer) nameOf(v *jsonvalue.Value, key string) string {
	kind := kindOfID(key)
	if c.names == nil || v.Kind != jsonvalue.Object || kind == "" && key != "id" && key != "uuid" {
		return ""
	}
	id := v.Member(key).Str()
	if kind == "" {
		if name := c.names(tools.KindOfType(strings.TrimSuffix(c.field, "s")), id); name != "" {
			return name
		}
	}
	return c.names(kind, id)
}

// kindOfID is what a field identifies by its name, "" if that does not say it:
// environment_id is the id of an environment.
func kindOfID(name string) string {
	words := text.Words(name)
	if n := len(words) - 1; n > 0 && (words[n] == "id" || words[n] == "uuid") {
		return strings.Join(words[:n], " ")
	}
	return ""
}

const maxNameShown = 60
