package plan

import (
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// Print returns a text as it may be shown, on one line: placeholders as
// <create_group#1.id>, and without quotes where they are a whole text; invisible
// characters and line ends as escapes of JSON. What only looks like a placeholder has an
// escape too.
func Print(s string) string {
	var out strings.Builder
	for {
		before, rest, marked := strings.Cut(s, string(Open))
		inner, after, closed := strings.Cut(rest, string(Close))
		if !marked || !closed {
			out.WriteString(withoutPlaceholders(s))
			return out.String()
		}
		if strings.HasSuffix(before, `"`) && !strings.HasSuffix(before, `\"`) && strings.HasPrefix(after, `"`) {
			before, after = before[:len(before)-1], after[1:]
		}
		out.WriteString(withoutPlaceholders(before) + "<" + withoutPlaceholders(inner) + ">")
		s = after
	}
}

func withoutPlaceholders(s string) string {
	s = onOneLine(s)
	for at := len(s) - 1; at >= 0; at-- {
		if s[at] == '<' && looksPlanned(s[at+1:]) {
			s = s[:at] + `\u003c` + s[at+1:]
		}
	}
	return s
}

// looksPlanned tells whether a text begins with the name of a step.
func looksPlanned(s string) bool {
	name, number, ok := strings.Cut(s, "#")
	return ok && name != "" && number != "" && number[0] >= '0' && number[0] <= '9' && !strings.ContainsFunc(name, func(c rune) bool {
		return c != '_' && (c < 'a' || c > 'z') && (c < '0' || c > '9')
	})
}

func onOneLine(s string) string { return escapes.Replace(text.EscapeInvisible(s)) }

var escapes = strings.NewReplacer("\n", `\n`, "\t", `\t`, string(Open), `\ufffd`, string(Close), `\ufffd`)
