package jsonvalue

import (
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// ParseCut is ParseVisible for a text whose end may have been cut off. End is
// what had to be appended to make it JSON.
func ParseCut(s string) (v Value, end string, ok bool) {
	var open []byte
	inText := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case inText && c == '\\':
			i++
		case c == '"':
			inText = !inText
		case inText:
		case c == '{', c == '[':
			open = append(open, c+2) // the bracket that closes it
		case len(open) > 0 && c == open[len(open)-1]:
			open = open[:len(open)-1]
		}
	}
	slices.Reverse(open)
	ends := []string{"", "null", ":null"}
	if inText {
		ends = []string{`"`, `":null`}
		s = halfEscape().ReplaceAllString(s, "$1")
	} else if len(open) > 0 {
		s = strings.TrimRight(s, " \t\r\n,abcdefghijklmnopqrstuvwxyz")
	}
	for _, end := range ends {
		if v, err := ParseVisible([]byte(s + end + string(open))); err == nil {
			return v, end + string(open), true
		}
	}
	return Value{}, "", false
}

// halfEscape is an escape at the end of a text that was cut.
var halfEscape = text.Pattern(`((?:^|[^\\])(?:\\\\)*)\\(?:u[0-9a-fA-F]{0,3})?$`)
