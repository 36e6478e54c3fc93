package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// View says how a text shows steps.
type View struct {
	// Tokens counts those of a text, and Most is how many it may have; 0 for any
	// number.
	Tokens func(string) int
	Most   int
	// Whole is a sentence on how to get what does not fit.
	Whole string
}

// maxFact is how many characters a text shows of one fact where not all fit.
const maxFact = 200

// group are steps of one operation with the same kinds of facts. It is a line if it is
// one step, else a table.
type group struct {
	operation string
	marks     string
	risk      int      // 2 irreversible, 1 destructive
	labels    []string // of the facts
	rows      []row
	numbered  bool // other steps need the answer of one
}

// row is a step of a group.
type row struct {
	number string   // of the step among those of its operation
	facts  []string // and what became of the step
	values []string // the same without labels
}

// groups puts steps that are alike together, each group where its first step is, with
// their numbers where others, or a text, need their answers. Notes are what became of the
// steps.
func (v View) groups(steps []Step, needs string, notes []string, cut bool) (all []*group, clipped bool) {
	known, needed := map[string]*group{}, mentioned(steps)
	for i := range steps {
		s, r := &steps[i], row{}
		_, r.number, _ = strings.Cut(s.Name, "#")
		g := &group{operation: s.Operation, marks: s.marks(), risk: s.risk()}
		add := func(fact string) {
			label, value := labeled(fact)
			g.labels, r.values, r.facts = append(g.labels, label), append(r.values, value), append(r.facts, fact)
		}
		for _, fact := range s.facts() {
			if short := text.ClipEscaped(fact, maxFact); cut && short != fact {
				fact, clipped = short, true
			}
			add(fact)
		}
		if len(notes) > 0 && notes[i] != "" {
			add("because: " + notes[i])
		}
		key := fmt.Sprintf("%q", append([]string{g.operation, g.marks}, g.labels...))
		if known[key] == nil {
			known[key], all = g, append(all, g)
		}
		g = known[key]
		g.rows = append(g.rows, r)
		g.numbered = g.numbered || has(needed, s.Name) || s.Name != "" && strings.Contains(needs, "<"+s.Name)
	}
	return all, clipped
}

// facts are the words of a step, printed.
func (s *Step) facts() (facts []string) {
	for _, fact := range slices.Concat(s.Words.Objects, s.Words.Changes) {
		facts = append(facts, Print(fact))
	}
	return facts
}

func (s *Step) risk() int {
	switch {
	case s.Irreversible:
		return 2
	case s.Destructive:
		return 1
	default:
		return 0
	}
}

// marks say how dangerous a step is and what undoes it.
func (s *Step) marks() string {
	undo := Print(s.Words.Undo)
	if undo != "" && !strings.HasPrefix(undo, "cannot") {
		undo = "undo: " + undo
	}
	switch kind := [...]string{"", "destructive", "IRREVERSIBLE, affects the whole organization"}[s.risk()]; {
	case kind == "":
		return ""
	case undo == "":
		return " (" + kind + ")"
	default:
		return " (" + kind + "; " + undo + ")"
	}
}

// labeled parts a fact: its label ends where its value begins.
func labeled(fact string) (label, value string) {
	at := strings.IndexAny(fact, `"<[{→`)
	if at < 0 {
		at = len(fact)
	}
	if colon := strings.Index(fact[:at], ": "); colon > 0 {
		return fact[:colon], fact[colon+2:]
	}
	if at > 1 && at < len(fact) && fact[at-1] == ' ' && fact[at] != 0xe2 {
		return fact[:at-1], fact[at:]
	}
	return "", fact
}

// mentioned are the names of the steps whose answers other steps need.
func mentioned(steps []Step) (names []string) {
	for i := range steps {
		more, _ := Placeholders(steps[i].Arguments) // a step was checked
		names = append(names, more...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func has(sorted []string, name string) bool {
	_, found := slices.BinarySearch(sorted, name)
	return found && name != ""
}

// show writes as many steps as fit in so many tokens, the most dangerous first and of
// the others the fewest of a kind, and returns how many of each operation do not fit.
func (v View) show(all []*group, left int) (lines []string, tokens int, hidden counts) {
	shown := map[*group][]string{}
	order := slices.Clone(all)
	slices.SortStableFunc(order, func(a, b *group) int {
		return cmp.Or(cmp.Compare(b.risk, a.risk), cmp.Compare(len(a.rows), len(b.rows)))
	})
	for _, g := range order {
		out, n := v.fit(g, left-tokens)
		shown[g] = out
		for _, line := range out {
			tokens += v.Tokens(line) + 1
		}
		hidden.add(g.operation, len(g.rows)-n)
	}
	for _, g := range all {
		lines = append(lines, shown[g]...)
	}
	return lines, tokens, hidden
}

// fit writes the rows of a group that fit, and how many those are.
func (v View) fit(g *group, left int) (lines []string, n int) {
	fits := func(line string) bool {
		left -= v.Tokens(line) + 1
		return v.Most == 0 || left >= 0
	}
	if len(g.rows) == 1 {
		line := g.operation
		if g.numbered {
			line += "#" + g.rows[0].number
		}
		line += g.marks + joined(": ", g.rows[0].facts)
		if !fits(line) {
			return nil, 0
		}
		return []string{line}, 1
	}
	same, labels, columns := g.columns()
	lines = []string{fmt.Sprintf("%s, %d%s%s", g.operation, len(g.rows), g.marks, joined(", each ", same))}
	if len(columns) == 0 && !g.numbered { // they do not differ
		if !fits(lines[0]) {
			return nil, 0
		}
		return lines, len(g.rows)
	}
	if g.numbered {
		labels = append([]string{"#"}, labels...)
	}
	lines[0] += ":"
	lines = append(lines, "  "+strings.Join(labels, " | "))
	if !fits(lines[0]) || !fits(lines[1]) {
		return nil, 0
	}
	for i := range g.rows {
		var cells []string
		if g.numbered {
			cells = append(cells, "#"+g.rows[i].number)
		}
		for _, c := range columns {
			cells = append(cells, g.rows[i].values[c])
		}
		line := "  " + strings.Join(cells, " | ")
		if !fits(line) {
			break
		}
		lines = append(lines, line)
	}
	if len(lines) == 2 {
		return nil, 0
	}
	return lines, len(lines) - 2
}

// columns tells the facts that all rows share from those in which they differ.
func (g *group) columns() (same, labels []string, columns []int) {
	for c, label := range g.labels {
		differs := func(r row) bool { return r.values[c] != g.rows[0].values[c] }
		if !slices.ContainsFunc(g.rows, differs) {
			same = append(same, g.rows[0].facts[c])
			continue
		}
		labels, columns = append(labels, cmp.Or(label, "what")), append(columns, c)
	}
	return same, labels, columns
}

func joined(before string, facts []string) string {
	if len(facts) == 0 {
		return ""
	}
	return before + strings.Join(facts, "; ")
}

// counts are numbers by operation, in the order in which those first come.
type counts struct {
	operations []string
	of         map[string]int
	all        int
}

func (c *counts) add(operation string, n int) {
	if n == 0 {
		return
	}
	if c.of == nil {
		c.of = map[string]int{}
	}
	if c.of[operation] == 0 {
		c.operations = append(c.operations, operation)
	}
	c.of[operation] += n
	c.all += n
}

func (c *counts) join(more counts) {
	for _, operation := range more.operations {
		c.add(operation, more.of[operation])
	}
}

// String is "1 create_group, 12 invite_user", in the order in which they come.
func (c *counts) String() string { return c.first(len(c.operations)) }

// first is String without the numbers of operations beyond so many.
func (c *counts) first(most int) string {
	order := c.operations
	says, left := make([]string, 0, most+1), c.all
	for _, operation := range order[:min(most, len(order))] {
		says, left = append(says, fmt.Sprintf("%d %s", c.of[operation], operation)), left-c.of[operation]
	}
	if left > 0 {
		says = append(says, fmt.Sprintf("%d of %d other operations", left, len(order)-most))
	}
	return strings.Join(says, ", ")
}

// maxOperations is how many operations a text counts one by one.
const maxOperations = 30

func count(steps []Step) (c counts) {
	for i := range steps {
		c.add(steps[i].Operation, 1)
	}
	return c
}

func writes(n int) string {
	if n == 1 {
		return "1 write"
	}
	return fmt.Sprintf("%d writes", n)
}
