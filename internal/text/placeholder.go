package text

import (
	"regexp"
	"strings"
	"sync"
)

// Placeholder tells whether a text is a placeholder that a client, a shell or a
// template should have replaced, and returns its form, such as ${…}.
func Placeholder(s string) (form string, is bool) {
	for _, p := range placeholders {
		inner, opens := strings.CutPrefix(s, p.opens)
		inner, closes := strings.CutSuffix(inner, p.closes)
		if opens && closes && inner != "" && (p.anything || isVariable(inner)) {
			return p.form, true
		}
	}
	return "", false
}

var placeholders = []struct {
	form, opens, closes string
	anything            bool // between them; else what may be the name of a variable
}{
	{"${{…}}", "${{", "}}", true},
	{"${…}", "${", "}", true},
	{"$(…)", "$(", ")", true},
	{"$NAME", "$", "", false},
	{"%NAME%", "%", "%", false},
	{"{{…}}", "{{", "}}", true},
	{"{env:…}", "{env:", "}", true},
	{"{…}", "{", "}", false},
}

// isVariable tells whether a text may name a variable, as in $env:NAME or $$NAME.
func isVariable(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("_:.$", c)
	})
}

// Blank tells whether a text is <…>, a blank that a person should have filled in.
func Blank(s string) bool {
	return len(s) > 2 && strings.HasPrefix(s, "<") && strings.HasSuffix(s, ">")
}

// Unfilled returns what shows that a part of an address is a placeholder, as in
// https://login.example.com/<tenant>, "" if nothing does. No address has such
// characters; browsers escape them when they are copied.
func Unfilled(address string) string {
	lower := strings.ToLower(address)
	for _, mark := range []string{"<", ">", "{", "}", "%3c", "%3e", "%7b", "%7d", "/$", "…", "..."} {
		if strings.Contains(lower, mark) {
			return mark
		}
	}
	return ""
}

// line finds a line of a file of variables. A token may contain an equals sign, and
// ends with some if it is base64, so only a name that says what it is counts.
var line = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^\s*(?:(?:export|set|setx|ENV)\s+|\$env:)?` +
		`(?:RETOOL_[A-Z_]+\s*=|(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|(?i:[a-z0-9_-]*(?:token|key|secret)))\s*=\s*[^\s=])`)
})

// NotToken names what a text holds in place of a token, "" if it may be one. The
// name does not repeat the text.
func NotToken(s string) string {
	form, is := Placeholder(s)
	switch {
	case is:
		return "the placeholder " + form
	case Blank(s):
		return "a blank to fill in, <…>,"
	case strings.Contains(s, "${"), strings.Contains(s, "{{"):
		return "a placeholder within other text"
	case strings.Contains(s, "=") && line().MatchString(s):
		return "a line NAME=value"
	case strings.HasPrefix(s, "{") && strings.Contains(s, `"`):
		return "a JSON object"
	case hasPrefixFold(s, "bearer "), hasPrefixFold(s, "authorization:"):
		return "a header"
	}
	return ""
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}
