package plan

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/retool-mcp/retool-mcp/internal/order"
)

// MaxQuestion is how many characters a question about a plan may have: a screen of 24
// lines of 80, and less than the 2,048 after which clients cut the texts of servers. One
// about a single call has fewer facts.
const MaxQuestion = 1900

// maxTitle is how many characters a question shows of the title of a tool.
const maxTitle = 80

// Question asks a person about a plan that has destructive writes, "" for any other: a
// line each, by operation, what is dangerous first. Nothing is absent in silence: if the
// lines do not all fit, it has the number of those of each operation that are not there.
// An error says why nobody can be asked: there is no room for what cannot be undone, and
// that is never left out.
func (p *Plan) Question(most int) (string, error) {
	all := slices.Clone(p.Steps)
	order.By(all, func(a, b Step) int { return b.danger() - a.danger() })
	certain, asked := 0, 0
	for i := range all {
		if all[i].danger() > 1 {
			certain++
		}
		if all[i].danger() > 0 {
			asked++
		}
	}
	if asked == 0 {
		return "", nil
	}
	head := "Apply a plan of " + p.summary(len(p.Steps)) + "."
	if counted := count(all[:asked]); asked < len(all) {
		head += "\nDestructive: " + counted.String() + "."
	}
	room, forms := most-utf8.RuneCountInString(head), forms(all)
	for _, f := range forms {
		q := question{form: f, left: room}
		if hidden := q.add(all, true); hidden.all == 0 {
			return strings.Join(append([]string{head}, q.lines...), "\n"), nil
		}
	}
	shortest := forms[len(forms)-1]
	q := question{form: shortest, left: room - utf8.RuneCountInString(notAll(count(all))) - 1}
	if hidden := q.add(all[:certain], true); hidden.all > 0 || q.left < 0 {
		return "", fmt.Errorf("no question of %d characters can show the user all writes of this plan that cannot be undone and how many others it has (%s): split it into several plans", most, p.summary(maxOperations))
	}
	hidden := q.addFirst(forms, all[certain:asked])
	q.form = shortest
	hidden.join(q.add(all[asked:], false))
	return strings.Join(append(append([]string{head}, q.lines...), notAll(hidden)), "\n"), nil
}

// addFirst appends steps in the first form in which they all fit, or else as many as fit.
func (q *question) addFirst(forms []form, steps []Step) counts {
	for _, f := range forms {
		whole := *q
		whole.form = f
		if hidden := whole.add(steps, true); hidden.all == 0 {
			*q = whole
			return hidden
		}
	}
	return q.add(steps, false)
}

// danger orders steps by what a person has to see.
func (s *Step) danger() int {
	if s.risk() == 1 && strings.HasPrefix(s.Words.Undo, "cannot") {
		return 2
	}
	return [...]int{0, 1, 3}[s.risk()]
}

func notAll(hidden counts) string {
	if hidden.all == 0 {
		return "Long values are cut."
	}
	return "NOT ALL ARE SHOWN. Missing here: " + hidden.String() + "; the result of the plan says where the whole is."
}
