package where

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// numberIn is the number that a text is as a number is written, nil for none: 07 and
// 1e6 are texts.
func numberIn(s string) any {
	const longest = 30
	isDigit := func(c byte) bool { return '0' <= c && c <= '9' }
	if s == "" || len(s) > longest || !isDigit(s[0]) && s[0] != '-' || !isDigit(s[len(s)-1]) {
		return nil
	}
	if n, err := strconv.Atoi(s); err == nil && strconv.Itoa(n) == s {
		return n
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil && strconv.FormatFloat(f, 'f', -1, 64) == s {
		return f
	}
	return nil
}

var version = text.Pattern(`^[vV]?(\d{1,18}(?:\.\d{1,18})*)([-+][0-9A-Za-z.+-]*)?$`)

// compareVersions orders texts: those that are versions by their numbers, and what
// follows these before nothing, as 4.0.0-beta before 4.0.0.
func compareVersions(a, b string) int {
	const longest = 60
	if len(a) > longest || len(b) > longest {
		return cmp.Compare(a, b)
	}
	v, w := version().FindStringSubmatch(a), version().FindStringSubmatch(b)
	if v == nil || w == nil {
		return cmp.Compare(a, b)
	}
	x, y := strings.Split(v[1], "."), strings.Split(w[1], ".")
	for len(x) < len(y) {
		x = append(x, "0")
	}
	for i := range x {
		n, _ := strconv.Atoi(x[i])
		m := 0
		if i < len(y) {
			m, _ = strconv.Atoi(y[i])
		}
		if n != m {
			return cmp.Compare(n, m)
		}
	}
	if v[2] == "" || w[2] == "" {
		return cmp.Compare(w[2], v[2])
	}
	return cmp.Compare(v[2], w[2])
}
