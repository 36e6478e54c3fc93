package text

import "strings"

// quotes are the pairs of quotes that people, shells and word processors put
// around a value.
var quotes = [][2]string{{`"`, `"`}, {"'", "'"}, {"“", "”"}, {"‘", "’"}, {"„", "“"}, {"«", "»"}, {"`", "`"}}

// Unquote removes surrounding white space and one pair of quotes, unless what is
// between them has such a quote too: then they belong to two values.
func Unquote(s string) string {
	s = strings.TrimSpace(s)
	for _, q := range quotes {
		inner, opens := strings.CutPrefix(s, q[0])
		inner, closes := strings.CutSuffix(inner, q[1])
		if opens && closes && !strings.Contains(inner, q[0]) && !strings.Contains(inner, q[1]) {
			return strings.TrimSpace(inner)
		}
	}
	return s
}
