package where

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
)

var decimal = regexp.MustCompile(`^-?(0|[1-9]\d*)(\.\d+)?$`)

// numberIn is the number that a text is, nil for none. What begins with 0 is more than
// a number.
func numberIn(s string) any {
	const longest = 30
	if len(s) > longest || !decimal.MatchString(s) {
		return nil
	}
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	f, _ := strconv.ParseFloat(s, 64)
	return f
}

var version = regexp.MustCompile(`^[vV]?(\d{1,18}(?:\.\d{1,18})*)([-+][0-9A-Za-z.+-]*)?$`)

// compareVersions orders texts: those that are versions by their numbers, and what
// follows these before nothing, as 4.0.0-beta before 4.0.0.
func compareVersions(a, b string) int {
	const longest = 60
	if len(a) > longest || len(b) > longest {
		return cmp.Compare(a, b)
	}
	v, w := version.FindStringSubmatch(a), version.FindStringSubmatch(b)
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
