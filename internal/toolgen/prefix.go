package toolgen

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/order"
	"github.com/retool-mcp/retool-mcp/tools"
)

// CheckPrefix reports what is wrong with a prefix. "" is no prefix and valid.
func CheckPrefix(prefix string) error {
	if prefix == "" {
		return nil
	}
	if ok, _ := regexp.MatchString(`^[a-z][a-z0-9_]{0,15}$`, prefix); !ok {
		return fmt.Errorf("tool prefix %q: at most 16 of a-z, 0-9 and _, starting with a letter", prefix)
	}
	return nil
}

// toolName matches what may be the name of a tool.
var toolName = regexp.MustCompile(`\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b`)

// describeTools is the tool that published schemas name.
const describeTools = "describe_tools"

// WithPrefix returns the catalog with a prefix on every name, also where descriptions
// have it, for clients that combine servers. Names that become too long are shortened.
func WithPrefix(c *tools.Catalog, prefix string) *tools.Catalog {
	if prefix == "" {
		return c
	}
	out := *c
	with := func(name, hash string) string { return prefix + fit(name, hash, MaxNameLength-len(prefix)) }
	prefixed := distinct(len(c.Tools), func(i, level int) string {
		t := &c.Tools[i]
		hash := hashOf(t.Method, t.Path)
		if level > 0 { // names are unique
			hash = fullHash(t.Name)[:min(5*level, 10)]
		}
		return with(t.Name, hash)
	})
	names := make(map[string]string, len(c.Tools))
	for i, t := range c.Tools {
		names[t.Name] = prefixed[i]
	}
	out.Tools = slices.Clone(c.Tools)
	for i := range out.Tools {
		t := &out.Tools[i]
		t.Name = names[t.Name]
		if t.Former != "" {
			t.Former = with(t.Former, hashOf(t.Method, t.Path))
		}
		inWords := func(s string) string {
			return toolName.ReplaceAllStringFunc(s, func(word string) string { return cmp.Or(names[word], word) })
		}
		t.Description, t.Details, t.Undo = inWords(t.Description), inWords(t.Details), inWords(t.Undo)
		t.Schema = tools.Schema(strings.ReplaceAll(string(t.Schema), describeTools, cmp.Or(names[describeTools], describeTools)))
		t.Args = slices.Clone(t.Args)
		for j := range t.Args {
			t.Args[j].ListTool = names[t.Args[j].ListTool]
		}
	}
	out.Unavailable = slices.Clone(c.Unavailable)
	for i := range out.Unavailable {
		u := &out.Unavailable[i]
		if u.Name = prefix + u.Name; u.Former != "" {
			u.Former = prefix + u.Former
		}
	}
	order.By(out.Tools, func(a, b tools.Tool) int { return cmp.Compare(a.Name, b.Name) })
	forgetTaken(&out)
	return &out
}
