package redact

import (
	"regexp"
	"strings"
	"sync"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// Secrets within texts. An expression is tried only on a text that has the
// characters and the part without which it cannot match, since next to no text has
// a secret in it. Where what was found is no secret after all, with returns it as
// it is.
var within = []struct {
	signs   signs
	has     string
	pattern func() *regexp.Regexp
	with    func(found []string) string
}{
	{colon | at, "://", lazy(`([A-Za-z][A-Za-z0-9+.-]*://)([^\s"'<>]*)@`), userinfo},
	{at, "@tcp(", lazy(`(\w+:)([^\s"'@]+)(@tcp\()`), func(m []string) string { return m[1] + Marker("password") + m[3] }},
	{blank | dash, "PRIVATE KEY", lazy(`(?s)-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|\z)`), always("private key")},
	{underscore, "retool_", lazy(`\bretool_[0-9a-zA-Z]{20,}`), always("access token")},
	{capital, "eyJ", lazy(`\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*`), always("token")},
	{underscore, "gh", lazy(`\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,})`), always("token")},
	{underscore, "sk_live_", lazy(`\bsk_live_\w{10,}`), always("token")},
	{dash, "xox", lazy(`\bxox[abprs]-[A-Za-z0-9-]{10,}`), always("token")},
	{angle, "</", lazy(`<([A-Za-z][\w.-]*)>([^<>]+)</`), element},
	{capital, "AKIA", lazy(`\bAKIA[0-9A-Z]{16}\b`), always("access key id")},
}

// signs are kinds of characters, of which most texts have few.
type signs uint8

const (
	colon signs = 1 << iota
	equals
	at
	blank
	angle
	underscore
	dash
	capital // J and K, of which other capitals matter to no expression
)

var signsOf = [256]signs{':': colon, '=': equals, '@': at, ' ': blank, '<': angle, '_': underscore, '-': dash, 'J': capital, 'K': capital}

func signsIn(s string) (m signs) {
	for i := range len(s) {
		m |= signsOf[s[i]]
	}
	return m
}

// schemes are the ways of HTTP to log in, whose secret follows behind a blank.
var schemes = lazy(`(?i)\b(bearer|basic|token)(\s+)([A-Za-z0-9._~+/=-]{8,})`)

func lazy(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

func always(name string) func([]string) string {
	return func([]string) string { return Marker(name) }
}

// userinfo takes the secret out of an address: what is behind the colon, or all
// of it where a token stands there alone. A port, with an @ somewhere in the path,
// is none.
func userinfo(m []string) string {
	user, password, ok := strings.Cut(m[2], ":")
	switch port, _, path := strings.Cut(password, "/"); {
	case strings.Contains(user, "/"), strings.HasPrefix(m[2], "[redacted"):
		return m[0]
	case !ok && len(user) < shortestToken:
		return m[0]
	case !ok:
		return m[1] + Marker("token") + "@"
	case path && port != "" && strings.Trim(port, "0123456789") == "":
		return m[0]
	default:
		return m[1] + user + ":" + Marker("password") + "@"
	}
}

// element takes the text out of an element of XML that is named like a secret.
func element(m []string) string {
	if !SecretName(m[1]) {
		return m[0]
	}
	return "<" + m[1] + ">" + Marker(m[1]) + "</"
}

// shortestToken is the length from which a word that could be one is taken for a
// token.
const shortestToken = 16

// telling tells whether a word looks made by a machine: it has a digit, or is
// longer than words are.
func telling(s string) bool {
	return len(s) >= shortestToken || strings.ContainsAny(s, "0123456789")
}

// redactText replaces the secrets in a text that may hold anything. A text in which a
// secret comes to light only without its invisible characters is replaced whole.
func redactText(s string) string {
	shown := applyPatterns(s)
	if visible := text.RemoveInvisible(shown); visible != shown && applyPatterns(visible) != visible {
		return Marker("text with invisible characters")
	}
	return shown
}

func applyPatterns(s string) string {
	if len(s) < 8 {
		return s
	}
	has := signsIn(s)
	if has == 0 {
		return s
	}
	long := len(s) >= shortestKey
	for i := range within {
		w := &within[i]
		if has&w.signs != w.signs || !long && i > 1 || !strings.Contains(s, w.has) { // but for the first two, all are long
			continue
		}
		pattern := w.pattern()
		s = pattern.ReplaceAllStringFunc(s, func(found string) string { return w.with(pattern.FindStringSubmatch(found)) })
	}
	if has&(equals|colon) != 0 {
		s = scrubAssigned(s)
	}
	if has&blank != 0 {
		s = scrubSchemes(s)
	}
	return s
}

// shortestKey is the length of the shortest key of a known make.
const shortestKey = 15

func scrubSchemes(s string) string {
	lower := strings.ToLower(s)
	if !strings.Contains(lower, "bearer") && !strings.Contains(lower, "basic") {
		return s
	}
	return schemes().ReplaceAllStringFunc(s, func(found string) string {
		m := schemes().FindStringSubmatch(found)
		if strings.EqualFold(m[1], "token") || !telling(m[3]) {
			return found
		}
		return m[1] + m[2] + Marker("token")
	})
}
