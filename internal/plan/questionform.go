package plan

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// form is how a question shows steps: the higher, the shorter.
type form struct {
	level int
	// ids are those of each name, by label and name: a name that has one stands for it.
	ids map[string][]string
}

const (
	inFull        = iota
	withoutIDs    // where a name has one id, and with what is true of all once
	withoutDomain // of e-mail addresses that have the same
)

// forms are those for a plan, the longest first.
func forms(steps []Step) []form {
	ids := map[string][]string{}
	for i := range steps {
		for _, object := range steps[i].Words.Objects {
			label, value := labeled(Print(object))
			if m := namedObject().FindStringSubmatch(value); len(m) > 2 && !slices.Contains(ids[label+m[1]], m[2]) {
				ids[label+m[1]] = append(ids[label+m[1]], m[2])
			}
		}
	}
	return []form{{inFull, ids}, {withoutIDs, ids}, {withoutDomain, ids}}
}

var (
	// namedObject is an object by name: `group "Support" (9), 3 members`.
	namedObject = text.Pattern(`^([a-z ]*"[^"\\]+") \(([\w.:/-]+)\)(?:, (.+))?$`)
	address     = text.Pattern(`^"([^"\\@]+)(@[A-Za-z0-9.-]+)"$`)
)

// cell is a part of what a step is about.
type cell struct{ label, value string }

func (c cell) String() string {
	if c.label == "" {
		return c.value
	}
	return c.label + ": " + c.value
}

// cells are the facts of a step.
func (f form) cells(s *Step) (cells []cell) {
	for i, fact := range s.facts() {
		label, value := labeled(fact)
		m := namedObject().FindStringSubmatch(value)
		if f.level == inFull || m == nil || i >= len(s.Words.Objects) || len(f.ids[label+m[1]]) != 1 {
			c := cell{label, value}
			if c.String() != fact { // it has a label without a colon
				c = cell{"", fact}
			}
			cells = append(cells, c)
			continue
		}
		cells = append(cells, cell{label, m[1]})
		if m[3] != "" {
			cells = append(cells, cell{"", m[3]})
		}
	}
	return cells
}

// section are steps under one heading.
type section struct {
	heading, operation string
	title              string
	rows               [][]cell
}

// sections puts steps of one operation that have facts of the same kinds under one
// heading, each where its first step is.
func (f form) sections(steps []Step) (all []*section) {
	known := map[string]*section{}
	for i := range steps {
		s := &steps[i]
		title := text.ClipEscaped(Print(strings.Join(strings.Fields(s.Words.Title), " ")), maxTitle)
		row := f.cells(s)
		key := []string{s.Operation, title, s.marks()}
		for _, c := range row {
			key = append(key, c.label)
		}
		joined := fmt.Sprintf("%q", key)
		if known[joined] == nil {
			known[joined] = &section{heading: title + s.marks(), operation: s.Operation, title: title}
			all = append(all, known[joined])
		}
		known[joined].rows = append(known[joined].rows, row)
	}
	return all
}

// shared moves what is equal in all rows into the heading, and returns the rows without.
func (s *section) shared(level int) (same, rows []string) {
	first := s.rows[0]
	var columns []int
	domain := map[int]string{}
	for c := range first {
		if !slices.ContainsFunc(s.rows, func(r []cell) bool { return r[c] != first[c] }) {
			same = append(same, first[c].String())
			continue
		}
		columns = append(columns, c)
		if level == withoutDomain {
			domain[c] = s.domain(c)
		}
		if domain[c] != "" {
			same = append(same, cell{first[c].label, "…" + domain[c]}.String())
		}
	}
	for _, r := range s.rows {
		var shown []string
		for _, c := range columns {
			cell := r[c]
			if end := domain[c]; end != "" {
				cell.value = strings.TrimSuffix(cell.value, end+`"`) + `@…"`
			}
			if level > inFull && len(columns) == 1 && strings.Contains(strings.ToLower(s.title), strings.ToLower(cell.label)) {
				cell.label = ""
			}
			shown = append(shown, cell.String())
		}
		rows = append(rows, strings.Join(shown, "; "))
	}
	return same, rows
}

// domain is that which all addresses in a column have, "" if there is none.
func (s *section) domain(column int) (domain string) {
	for i, r := range s.rows {
		m := address().FindStringSubmatch(r[column].value)
		if len(m) < 3 || i > 0 && m[2] != domain {
			return ""
		}
		domain = m[2]
	}
	return domain
}

// question is one that is written.
type question struct {
	form
	lines []string
	left  int // characters
}

// add appends a line a step under headings, as many as fit, and returns those that do
// not. Unless lines are to be whole, values in them are cut, and no fact falls away: else
// a long value would hide what changes behind it.
func (q *question) add(steps []Step, whole bool) (hidden counts) {
	cut := func(facts []string) []string {
		if whole {
			return facts
		}
		short := make([]string, len(facts))
		for i, fact := range facts {
			short[i] = cutValues(fact)
		}
		return short
	}
	q.lines = slices.Clip(q.lines)
	last := ""
	for _, s := range q.sections(steps) {
		heading := s.heading
		same, lines := s.shared(q.level)
		switch n := len(lines); {
		case n == 1 || lines[0] == "": // one step, or steps that are equal
			all := make([]string, len(s.rows[0]))
			for i, c := range s.rows[0] {
				all[i] = c.String()
			}
			line := "- " + strings.Join(cut(all), "; ")
			if n > 1 {
				heading += fmt.Sprintf(", %d times", n)
			}
			heading += ":"
			if !q.fits(heading == last, heading, line) {
				hidden.add(s.operation, n)
				continue
			}
			last = heading
			continue
		case len(same) > 0:
			heading += fmt.Sprintf(", %d", n) + joined(", each ", cut(same))
		}
		heading += ":"
		for i, line := range cut(lines) {
			if !q.fits(heading == last, heading, "- "+line) {
				hidden.add(s.operation, len(lines)-i)
				break
			}
			last = heading
		}
	}
	return hidden
}

// maxValue is how many characters a question shows of a value where not all fit.
const maxValue = 60

var quotedValues = text.Pattern(`"((?:[^"\\]|\\.)*)"(?:( → )"((?:[^"\\]|\\.)*)")?`)

// cutValues cuts the texts of a fact, of a change where they differ.
func cutValues(fact string) string {
	return quotedValues().ReplaceAllStringFunc(fact, func(quoted string) string {
		m := quotedValues().FindStringSubmatch(quoted)
		if m[2] == "" {
			return `"` + text.ClipEscaped(m[1], maxValue) + `"`
		}
		was, will := text.ClipBoth(m[1], m[3], maxValue)
		return `"` + was + `"` + m[2] + `"` + will + `"`
	})
}

// fits appends a line, and the heading before it unless that is there already, if there
// is room for them.
func (q *question) fits(headed bool, heading, line string) bool {
	lines := []string{heading, line}
	if headed {
		lines = lines[1:]
	}
	size := 0
	for _, line := range lines {
		size += utf8.RuneCountInString(line) + 1
	}
	if size > q.left {
		return false
	}
	q.left, q.lines = q.left-size, append(q.lines, lines...)
	return true
}
