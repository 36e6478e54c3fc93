package plan

import (
	"fmt"
	"slices"
	"strings"
)

// Made is a step of an apply.
type Made struct {
	Step
	// Failed is why it was refused, "" if it was made or not begun.
	Failed string
	// Again tells that the same write may be accepted later: the instance was too busy, or
	// could not be reached.
	Again bool
}

// first is how many of the steps that were not begun a report shows: the plan has them.
const first = 3

// Report says what an apply made and what it did not. Told is why the script failed, which
// the reader is told anyway.
func Report(made, notMade []Made, told string, v View) (s string, complete bool) {
	var done, refused, dropped []Step
	var why []string
	for _, m := range made {
		done = append(done, m.Step)
	}
	for _, m := range notMade {
		if m.Failed == "" {
			dropped = append(dropped, m.Step)
			continue
		}
		because := ""
		if m.Failed != told {
			line, _, _ := strings.Cut(m.Failed, "\n") // the rest is advice
			because = reason(line, m.Line)
		}
		refused, why = append(refused, m.Step), append(why, because)
	}
	all := count(done)
	switch {
	case len(notMade) == 0 && len(made) == 0:
		return "No writes.", true
	case len(notMade) == 0:
		return fmt.Sprintf("Made: %s: %s.", writes(len(made)), all.first(maxOperations)), true
	}
	head := fmt.Sprintf("Made: %d of %s", len(made), writes(len(made)+len(notMade)))
	if len(made) > 0 {
		head += ": " + all.first(maxOperations)
	}
	head += "."
	reserved := v.left(head, "", count(slices.Concat(done, refused, dropped)))
	var lines []string
	for _, cut := range []bool{false, true} {
		left, hidden, clipped := reserved, counts{}, false
		lines = []string{head}
		for _, part := range []struct {
			says  string
			steps []Step
			notes []string
		}{{"Refused", refused, why}, {"Not made", dropped, nil}, {"Made", done, nil}} {
			if len(part.steps) == 0 {
				continue
			}
			title, counted := fmt.Sprintf("%s, %d:", part.says, len(part.steps)), false
			if all := count(part.steps); part.says == "Not made" && len(part.steps) > first {
				title += " " + all.first(maxOperations) + ". The first:"
				part.steps, counted = part.steps[:first], true
			}
			left -= v.Tokens(title) + 1
			all, short := v.groups(part.steps, "", part.notes, cut)
			out, tokens, missing := v.show(all, left)
			left -= tokens
			if len(out) > 0 || counted && (left >= 0 || v.Most == 0) {
				lines = append(append(lines, title), out...)
			}
			hidden.join(missing)
			clipped = clipped || short
		}
		if complete = hidden.all == 0 && !clipped; complete {
			break
		}
		if cut {
			lines = append(lines, v.notShown(hidden))
		}
	}
	return strings.Join(lines, "\n"), complete
}
