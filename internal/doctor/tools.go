package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// checkTools counts what is served, and what of it the token's scopes allow.
func (d *doctor) checkTools(context.Context) Check {
	if d.Served == nil {
		return skip("the document could not be had")
	}
	served := count(len(d.Served.Tools), "tool")
	if d.scopes == nil {
		return ok("%s served, in %s", served, count(len(d.Served.Toolsets()), "toolset"))
	}
	var surely, perhaps, never int
	left := map[string]bool{}
	for i := range d.Served.Tools {
		t := &d.Served.Tools[i]
		may, mayNot := d.scopes.grants(t.Scopes)
		left[t.Toolset] = left[t.Toolset] || !mayNot
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
		c.Found += fmt.Sprintf(", and may allow %d more, whose scopes are not known", perhaps)
	}
	empty := slices.DeleteFunc(d.Served.Toolsets(), func(set string) bool { return left[set] })
	if len(empty) > 0 {
		c.Notes = append(c.Notes, "nothing of these toolsets is allowed: "+strings.Join(empty, ", "))
	}
	if never > 0 {
		c.Status = Warn
		c.Found += fmt.Sprintf("; %d would be refused", never)
		return c.withRemedy("name the token's scopes with {scopes}, so that no tool is listed which it does not allow")
	}
	return c
}
