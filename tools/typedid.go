package tools

import (
	"regexp/syntax"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// IsTypedID reports whether a pattern describes ids that begin with one of
// several types, such as ^(app|workflow)_\d+$ in any spelling. Instances have
// further types (file_6), so neither checks nor published schemas use it.
func IsTypedID(pattern string) bool {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return false
	}
	types := map[string]bool{}
	for _, b := range beginnings(parsed) {
		switch {
		case b.open && typeWord().MatchString(b.text):
			types[b.text] = true
		case b.open:
			return false
		}
	}
	return len(types) > 1
}

var typeWord = text.Pattern(`^[A-Za-z]+(?:[-_][A-Za-z]+)*[-_:.]$`)

// beginning is a fixed text that matches of a pattern begin with; open says that
// something variable follows.
type beginning struct {
	text string
	open bool
}

// maxBeginnings is more types than any API has.
const maxBeginnings = 100

func beginnings(re *syntax.Regexp) (all []beginning) {
	switch re.Op {
	case syntax.OpLiteral:
		return []beginning{{text: string(re.Rune)}}
	case syntax.OpBeginText, syntax.OpBeginLine, syntax.OpEndText, syntax.OpEndLine, syntax.OpEmptyMatch:
		return []beginning{{}}
	case syntax.OpCapture:
		return beginnings(re.Sub[0])
	case syntax.OpCharClass: // [pt] is p|t, and [0-9] is variable
		for i := 0; i < len(re.Rune); i += 2 {
			for c := re.Rune[i]; c <= re.Rune[i+1]; c++ {
				if all = append(all, beginning{text: string(c)}); len(all) > 4 || !strings.ContainsRune("-_:.", c) && (c < 'A' || c > 'z') {
					return []beginning{{open: true}}
				}
			}
		}
		return all
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			all = append(all, beginnings(sub)...)
		}
		return all
	case syntax.OpConcat:
		all = []beginning{{}}
		for _, part := range re.Sub {
			all = followed(all, beginnings(part))
		}
		return all
	default:
		return []beginning{{open: true}}
	}
}

// followed appends every continuation to each text that is not open yet.
func followed(all, by []beginning) (out []beginning) {
	if len(all)*len(by) > maxBeginnings {
		return []beginning{{open: true}}
	}
	for _, b := range all {
		if b.open {
			out = append(out, b)
			continue
		}
		for _, next := range by {
			out = append(out, beginning{b.text + next.text, next.open})
		}
	}
	return out
}
