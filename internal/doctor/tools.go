package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// checkTools counts the served tools and those that the token's scopes allow.
func (d *doctor) checkTools(context.Context) Check {
	if d.Served == nil {
		return skip("the document is unavailable")
	}
	served := count(len(d.Served.Tools), "tool")
	if d.scopes == nil {
		return ok("%s served, in %s", served, count(len(d.Served.Toolsets()), "toolset"))
	}
	var surely, perhaps, never int
	usable := map[string]bool{}
	for i := range d.Served.Tools {
		t := &d.Served.Tools[i]
		may, mayNot := d.scopes.grants(t.Scopes)
		usable[t.Toolset] = usable[t.Toolset] || !mayNot
		switch {
		case may:
			surely++
		case mayNot:
			never++
		default:
			perhaps++
		}
	}
	c := ok("%s served: the token allows %d", served, surely)
	if perhaps > 0 {
		c.Found += fmt.Sprintf(", and may allow %d more with unknown scopes", perhaps)
	}
	empty := slices.DeleteFunc(d.Served.Toolsets(), func(set string) bool { return usable[set] })
	if len(empty) > 0 {
		c.Notes = append(c.Notes, "toolsets without an allowed tool: "+strings.Join(empty, ", "))
	}
	if never > 0 {
		c.Found += fmt.Sprintf("; %d would be refused", never)
		return c.warning("set {scopes} to the token's scopes, to list only tools that it allows")
	}
	return c
}
