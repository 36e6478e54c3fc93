package result

import (
	"fmt"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Limits of a question, in characters: people read short ones.
const (
	MaxQuestion = 600
	maxLine     = 300
	maxTitle    = 80
)

// Question tells the user what a call will do, a fact a line, in at most so many
// characters.
func (a *About) Question(most int) string {
	t := a.tool
	title := text.ClipEscaped(text.EscapeInvisible(strings.Join(strings.Fields(t.Title), " ")), maxTitle)
	var end []string
	if t.Irreversible {
		end = append(end, "It affects the whole organization.")
	}
	switch {
	case t.Undo == "":
		end = append(end, "It is not known whether this can be undone.")
	case strings.HasPrefix(t.Undo, "cannot"):
		end = append(end, "This "+t.Undo+".")
	default:
		end = append(end, "Undo: "+t.Undo+".")
	}
	lines := a.objects()
	if named := a.call.Named; len(named) > 0 { // one line, so that many names hide no fact
		lines = append([]string{"Given by name: " + strings.Join(named, " ")}, lines...)
	}
	if omitted := a.omitted(); len(omitted) > 0 {
		lines = append(lines, "Left out, and possibly lost: "+listed(omitted, maxShown, inQuestion.line-maxNameShown))
	}
	lines = append(lines, a.arguments()...)
	lines = append(lines, a.changes(inQuestion)...)
	return fitted(title, lines, end, most)
}

// fitted joins as many lines as the limit allows, and says how many more there are.
func fitted(title string, lines, end []string, most int) string {
	const note = "\nand 1000 more facts"
	left := most - len([]rune(title)) - len(note)
	for _, line := range end {
		left -= len([]rune(line)) + 1
	}
	shown := []string{title}
	for i, line := range lines {
		line = clippedLine(line)
		if left -= len([]rune(line)) + 1; left < 0 {
			shown = append(shown, fmt.Sprintf("and %d more facts", len(lines)-i))
			break
		}
		shown = append(shown, line)
	}
	return strings.Join(append(shown, end...), "\n")
}

// clippedLine cuts a long line after an entry, or else after a word.
func clippedLine(line string) string {
	cut := text.ClipEscaped(line, maxLine-1)
	if cut == line {
		return line
	}
	for _, end := range []string{"; ", ", ", " "} {
		if at := strings.LastIndex(cut, end); at > maxLine/2 {
			return cut[:at] + " …"
		}
	}
	return cut // one long word
}

// arguments are those in the query.
func (a *About) arguments() (lines []string) {
	arguments, err := jsonvalue.Parse(RedactedArguments(a.call))
	if err != nil {
		return nil
	}
	for _, arg := range a.call.Tool.Args {
		if v := arguments.Member(arg.Name); v != nil && arg.In == tools.InQuery {
			lines = append(lines, onOneLine(arg.Name)+": "+clipped(v))
		}
	}
	return lines
}
