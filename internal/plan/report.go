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
}

// Report says what an apply made and what it did not.
func Report(made, notMade []Made, v View) (s string, complete bool) {
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
		first, _, _ := strings.Cut(m.Failed, "\n") // the rest is advice
		refused, why = append(refused, m.Step), append(why, reason(first, m.Line))
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
	left := v.left(head, "", count(slices.Concat(done, refused, dropped)))
	lines, hidden, clipped := []string{head}, counts{}, false
	for _, part := range []struct {
		says  string
		steps []Step
		notes []string
	}{{"Refused", refused, why}, {"Not made", dropped, nil}, {"Made", done, nil}} {
		if len(part.steps) == 0 {
			continue
		}
		all, cut := v.groups(part.steps, "", part.notes)
		title := fmt.Sprintf("%s, %d:", part.says, len(part.steps))
		out, tokens, missing := v.show(all, left-v.Tokens(title)-1)
		left -= tokens + v.Tokens(title) + 1
		if len(out) > 0 {
			lines = append(append(lines, title), out...)
		}
		for _, operation := range missing.operations {
			hidden.add(operation, missing.of[operation])
		}
		clipped = clipped || cut
	}
	if complete = hidden.all == 0 && !clipped; !complete {
		lines = append(lines, v.notShown(hidden))
	}
	return strings.Join(lines, "\n"), complete
}
