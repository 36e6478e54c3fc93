package plan

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/retool-mcp/retool-mcp/internal/order"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

// MaxQuestion is how many characters a question about a plan may have: a screen of 24
// lines of 80, and less than the 2,048 after which clients cut the texts of servers. One
// about a single call has fewer facts.
const MaxQuestion = 1900

// maxTitle is how many characters a question shows of the title of a tool.
const maxTitle = 80

// Question asks a person about the destructive writes of a plan, "" if it has none: a
// line each, by operation. If they do not all fit it says so, and how many of each
// operation there are. An error says why nobody can be asked: there is no room for what
// cannot be undone, and that is never left out.
func (p *Plan) Question(most int) (string, error) {
	var ask []Step
	for _, s := range p.Steps {
		if s.risk() > 0 {
			ask = append(ask, s)
		}
	}
	if len(ask) == 0 {
		return "", nil
	}
	order.By(ask, func(a, b Step) int { return b.risk() - a.risk() })
	all := count(ask)
	head := "Apply a plan of " + p.summary(len(p.Steps)) + "."
	if others := count(p.Steps); others.String() != all.String() {
		head += "\nDestructive: " + all.String() + "."
	}
	q := question{left: most - utf8.RuneCountInString(head), lines: []string{head}}
	whole := q
	if hidden := whole.add(ask, true); hidden.all == 0 {
		return strings.Join(whole.lines, "\n"), nil
	}
	q.left -= utf8.RuneCountInString(notAll(all)) + 1
	certain := slices.IndexFunc(ask, func(s Step) bool { return !s.Irreversible })
	if certain < 0 {
		certain = len(ask)
	}
	if hidden := q.add(ask[:certain], true); hidden.all > 0 || q.left < 0 {
		return "", fmt.Errorf("no question of %d characters can show the user all irreversible writes of this plan and how many others it has (%s): split it into several plans", most, p.summary(maxOperations))
	}
	hidden := q.add(ask[certain:], false)
	return strings.Join(append(q.lines, notAll(hidden)), "\n"), nil
}

func notAll(hidden counts) string {
	if hidden.all == 0 {
		return "Long lines are cut."
	}
	return "NOT ALL ARE SHOWN. Missing here: " + hidden.String() + "."
}

// question is one that is written.
type question struct {
	lines []string
	left  int // characters
}

// add appends a line a step under headings by operation, as many as fit, and returns
// those that do not. Lines that are whole are not cut.
func (q *question) add(steps []Step, whole bool) (hidden counts) {
	last := ""
	for i := range steps {
		s := &steps[i]
		heading := text.ClipEscaped(Print(strings.Join(strings.Fields(s.Words.Title), " ")), maxTitle) + s.marks() + ":"
		line := "- " + strings.Join(s.facts(), "; ")
		if short := text.ClipEscaped(line, maxFact); !whole && short != line {
			line = short
		}
		lines := []string{line}
		if heading != last {
			lines = []string{heading, line}
		}
		size := 0
		for _, line := range lines {
			size += utf8.RuneCountInString(line) + 1
		}
		if size > q.left {
			hidden.add(s.Operation, 1)
			continue
		}
		q.left, q.lines, last = q.left-size, append(q.lines, lines...), heading
	}
	return hidden
}
