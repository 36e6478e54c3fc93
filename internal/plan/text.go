package plan

import (
	"fmt"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// Text says what a plan would write: counts first, then a line a write, those that are
// alike as one table. What does not fit is counted; complete is then false. Each line
// that begins at the margin is ours, whatever the names in the others say.
func (p *Plan) Text(v View) (s string, complete bool) {
	head, end, hidden := p.summary(maxOperations), p.ended(), counts{}
	var lines []string
	for _, cut := range []bool{false, true} {
		all, clipped := v.groups(p.Steps, p.Ended, nil, cut)
		shown, _, missing := v.show(all, v.left(head, end, count(p.Steps)))
		lines, hidden, complete = append([]string{head}, shown...), missing, missing.all == 0 && !clipped
		if complete {
			break
		}
	}
	if !complete {
		lines = append(lines, v.notShown(hidden))
	}
	if end != "" {
		lines = append(lines, end)
	}
	return strings.Join(lines, "\n"), complete
}

// left is how many tokens remain for the steps.
func (v View) left(head, end string, all counts) int {
	return v.Most - v.Tokens(head) - v.Tokens(end) - v.Tokens(v.notShown(all)) - 3
}

func (v View) notShown(hidden counts) string {
	says := "Long values are cut."
	if hidden.all > 0 {
		says = "Not shown: " + hidden.first(maxOperations) + "."
	}
	return strings.TrimSpace(says + " " + v.Whole)
}

// summary is "14 writes: 1 create_group, 12 invite_user, 1 delete_app; 1 destructive".
func (p *Plan) summary(operations int) string {
	if len(p.Steps) == 0 {
		return "No writes."
	}
	all := count(p.Steps)
	destructive, irreversible := 0, 0
	for i := range p.Steps {
		switch p.Steps[i].risk() {
		case 2:
			irreversible++
			fallthrough
		case 1:
			destructive++
		}
	}
	says := writes(len(p.Steps)) + ": " + all.first(operations)
	if destructive > 0 {
		says += fmt.Sprintf("; %d destructive", destructive)
	}
	if irreversible > 0 {
		says += fmt.Sprintf(", %d of them IRREVERSIBLE", irreversible)
	}
	return says
}

// maxReason is how many characters a text shows of why something ended or failed.
const maxReason = 400

// ended says why the plan ends early and what to do, "" if it does not.
func (p *Plan) ended() string {
	if p.Ended == "" {
		return ""
	}
	says := "The plan ends here: " + reason(p.Ended, p.Line)
	if len(p.Steps) > 0 {
		says += " Applying goes on from here. Run the code again only if the result of that says so."
	}
	return says
}

// reason is a text of others with the line of the script that it is about.
func reason(says string, line int) string {
	says = strings.TrimRight(text.ClipEscaped(onOneLine(says), maxReason), ".")
	if line > 0 {
		says += fmt.Sprintf(" (line %d)", line)
	}
	return says + "."
}
