package result

import (
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// Words say what a write does: a fact a line, without secrets, invisible characters
// escaped.
type Words struct {
	Title, Undo      string
	Objects, Changes []string
}

// inPlan is how much of a difference a plan shows.
var inPlan = limits{value: 200, items: 20, line: 1000}

// Words are those of a call in a plan.
func (a *About) Words() Words {
	w := Words{Title: onOneLine(a.tool.Title), Undo: onOneLine(a.tool.Undo), Objects: a.objects(), Changes: append(a.arguments(), a.changes(inPlan)...)}
	if omitted := a.omitted(); len(omitted) > 0 {
		w.Changes = append(w.Changes, "Left out, and possibly lost: "+strings.Join(omitted, ", "))
	}
	for _, lines := range [][]string{w.Objects, w.Changes} {
		for i, line := range lines {
			lines[i] = strings.NewReplacer("\n", `\n`, "\t", `\t`).Replace(text.EscapeInvisible(line))
		}
	}
	return w
}

// Replaces tells whether the call is about the object that was read, and not only about
// something in it.
func (a *About) Replaces() bool { return a.compared() }
