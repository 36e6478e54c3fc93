package redact

import (
	"regexp"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// patterns find secrets by their form. A pattern is tried only on a text with the
// signs and the part that every match has: next to no text holds a secret. If the
// match is not a secret after all, replace returns it as it is.
var patterns = []struct {
	signs   signs
	part    string
	pattern func() *regexp.Regexp
	replace func(found []string) string
}{
	{colon, "://", databaseURL, inText},
	{colon | at, "://", text.Pattern(`([A-Za-z][A-Za-z0-9+.-]*://)([^\s"'<>]*)@`), userinfo},
	{colon | at, "://", quotedUser, urlUser},
	{colon | at, ":", oracleThin, oracleUser},
	{colon | at, "(", networkUser, networkAddress},
	{colon | at, "@", colonUser, addressUser},
	{at | slash, "/", slashUser, addressUser},
	{equals, "=", queryOption, redactOption},
	{percent, "%", encodedOption, redactEncodedOption},
	{slash, "/auth/", inviteLink, redactInvite},
	{percent, "auth", inviteLink, redactInvite},
	{blank | dash, "PRIVATE KEY", text.Pattern(`(?s)-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|\z)`), always("private key")},
	{underscore, "retool_", text.Pattern(`\bretool_[0-9a-zA-Z]{20,}`), always("access token")},
	{capital, "eyJ", text.Pattern(`\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*`), always("token")},
	{underscore, "gh", text.Pattern(`\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,})`), always("token")},
	{underscore, "sk_live_", text.Pattern(`\bsk_live_\w{10,}`), always("token")},
	{dash, "xox", text.Pattern(`\bxox[abprs]-[A-Za-z0-9-]{10,}`), always("token")},
	{angle, "</", text.Pattern(`<([A-Za-z][\w.-]*)>([^<>]+)</`), element},
	{capital, "AKIA", text.Pattern(`\bAKIA[0-9A-Z]{16}\b`), always("access key id")},
}

// signs are characters of patterns, of which most texts have few.
type signs uint16

const (
	colon signs = 1 << iota
	equals
	at
	blank
	angle
	underscore
	dash
	percent
	slash
	capital // J and K; other capitals matter to no pattern
)

var signsOf = [256]signs{':': colon, '=': equals, '@': at, ' ': blank, '<': angle, '_': underscore, '-': dash, '%': percent, '/': slash, 'J': capital, 'K': capital}

func signsIn(s string) (m signs) {
	for i := range len(s) {
		m |= signsOf[s[i]]
	}
	return m
}

// schemes finds the credentials of HTTP authentication.
var schemes = text.Pattern(`(?i)\b(bearer|basic)(\s+)([A-Za-z0-9._~+/=-]{8,})`)

func always(name string) func([]string) string {
	return func([]string) string { return Marker(name) }
}

// userinfo redacts user and password in a URL, or a token in their place. A
// port, with an @ somewhere in the path, is neither.
func userinfo(m []string) string {
	user, password, ok := strings.Cut(m[2], ":")
	switch port, _, path := strings.Cut(password, "/"); {
	case strings.Contains(user, "/"), strings.HasPrefix(m[2], "[redacted"):
		return m[0]
	case !ok && len(user) < minToken:
		return m[0]
	case !ok:
		return m[1] + Marker("token") + "@"
	case path && port != "" && strings.Trim(port, "0123456789") == "":
		return m[0]
	case user == "":
		return m[1] + Marker("password") + "@"
	default:
		return m[1] + Marker("user and password") + "@"
	}
}

// element redacts the text of an XML element that is named like a secret.
func element(m []string) string {
	if !SecretName(m[1]) {
		return m[0]
	}
	return "<" + m[1] + ">" + Marker(m[1]) + "</"
}

// minToken is the length from which a word counts as a token.
const minToken = 16

// looksGenerated tells whether a word has a digit or is longer than words are.
func looksGenerated(s string) bool {
	return len(s) >= minToken || strings.ContainsAny(s, "0123456789")
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
	if has&(equals|colon|at) != 0 {
		s = inWhole(s)
	}
	for i := range patterns {
		p := &patterns[i]
		if has&p.signs != p.signs || !strings.Contains(s, p.part) {
			continue
		}
		pattern := p.pattern()
		s = pattern.ReplaceAllStringFunc(s, func(found string) string { return p.replace(pattern.FindStringSubmatch(found)) })
	}
	if has&(equals|colon) != 0 {
		s = redactAssigned(s)
	}
	if has&blank != 0 {
		s = redactSchemes(s)
	}
	return s
}

func redactSchemes(s string) string {
	lower := strings.ToLower(s)
	if !strings.Contains(lower, "bearer") && !strings.Contains(lower, "basic") {
		return s
	}
	return schemes().ReplaceAllStringFunc(s, func(found string) string {
		m := schemes().FindStringSubmatch(found)
		if !looksGenerated(m[3]) {
			return found
		}
		return m[1] + m[2] + Marker("token")
	})
}
