package plan

import (
	"fmt"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// maxDifferences is how many lines tell how two plans differ.
const maxDifferences = 20

// Differences says how a plan differs from an earlier one of the same script, a line
// each.
func Differences(before, now []Step) []string {
	left, state := map[string]int{}, map[string]int{} // of the earlier plan, and by arguments alone
	for i := range before {
		left[string(before[i].digest())]++
	}
	var added []*Step
	for i := range now {
		if d := string(now[i].digest()); left[d] > 0 {
			left[d]--
		} else {
			added = append(added, &now[i])
		}
	}
	var lines []string
	var gone []*Step
	for i := range before {
		if d := string(before[i].digest()); left[d] > 0 {
			left[d]--
			gone = append(gone, &before[i])
			state[before[i].call()]++
		}
	}
	changed := map[string]int{}
	for _, s := range added {
		if state[s.call()] > 0 {
			state[s.call()]--
			changed[s.call()]++
			lines = append(lines, "what it replaces has changed: "+s.brief())
		} else {
			lines = append(lines, "new: "+s.brief())
		}
	}
	for _, s := range gone {
		if changed[s.call()] > 0 {
			changed[s.call()]--
		} else {
			lines = append(lines, "no longer: "+s.brief())
		}
	}
	if len(lines) == 0 && len(now) > 0 {
		lines = []string{"the same writes in another order, or after other ones"}
	}
	if more := len(lines) - maxDifferences; more > 0 {
		lines = append(lines[:maxDifferences], fmt.Sprintf("and %d more", more))
	}
	return lines
}

func (s *Step) call() string { return s.Operation + string(s.Arguments) }

// brief is a step on one line.
func (s *Step) brief() string {
	return text.ClipEscaped(s.Operation+s.marks()+joined(": ", s.facts()), maxReason)
}
