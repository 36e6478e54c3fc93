package redact

import (
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// Texts hold credentials before an @ without a scheme as well, as drivers for MySQL and
// Oracle write them. What follows the @ must be an address of a server: a package, an
// image or a person has an @ too.
var (
	oracleThin  = text.Pattern(`(?i)\b(jdbc:oracle:[a-z0-9]+:)([^\s/@]+/(?:"[^"\n]*"|\S)*)@`)
	quotedUser  = text.Pattern(`([A-Za-z][A-Za-z0-9+.-]*://)([^\s:/@"'<>]*:[^\s/@"'<>,]*["'<>]\S*)@`)
	networkUser = text.Pattern(`([^\n]*?)(@(?:tcp6?|unix|udp)\()`)
	colonUser   = text.Pattern(`(^|[\s"'=(,>\[{])([A-Za-z_][\w.$-]*):((?:[^\s"'<>]|["'][A-Za-z0-9])+)@((?:[\w.-]*|\[[0-9A-Fa-f:.]+\]):\d{2,5}(?:[/:?\s"',;)]|$)|/[A-Za-z_])`)
	slashUser   = text.Pattern(`(^|[\s"'=(,>\[{])([A-Za-z_][\w.$#-]*)/((?:[^\s"'<>]|["'][A-Za-z0-9])+)@(//[\w.-]|[\w.-]+:\d{2,5}[/:]\w)`)
	wholeUser   = text.Pattern(`^\s*()([A-Za-z_][\w.$#-]*)[:/](\S[^\n]*)@((?:tcp6?|unix|udp)\(|[\w.-]*:\d{2,5}[/:]\w|//?\w)[^\s@]*$`)
	wholeURL    = text.Pattern(`^\s*[A-Za-z][A-Za-z0-9+.-]*://[^\s/:@]*:[0-9]*(?:[^\s@0-9/]\S*)?["'<>]\S*@\S*$`)
)

// notUsers come before a colon that is followed by no password.
var notUsers = []string{"jdbc", "http", "https", "mailto", "acct", "sip", "sips", "xmpp", "urn", "npm", "pkg", "git", "ssh", "docker", "image", "sha256"}

// addressUser replaces user and password before an address.
func addressUser(m []string) string {
	if strings.HasPrefix(m[3], "/") || slices.Contains(notUsers, strings.ToLower(m[2])) || strings.HasPrefix(m[4], "sha256:") {
		return m[0]
	}
	return m[1] + Marker("user and password") + "@" + m[4]
}

func oracleUser(m []string) string { return m[1] + Marker("user and password") + "@" }

// urlUser replaces user and password of a URL in which a password has a quote. One that
// ends a text in code or JSON is no part of it.
func urlUser(m []string) string {
	i := strings.IndexAny(m[2], `"'<>`)
	if i+1 < len(m[2]) && strings.IndexByte(`,:}])\/>;.+&|`, m[2][i+1]) >= 0 {
		return m[0]
	}
	return m[1] + Marker("user and password") + "@"
}

// networkAddress replaces user and password before Go's form of an address, which nothing
// else has: from the first word with a colon on, as a password may have spaces.
func networkAddress(m []string) string {
	before := m[1]
	if strings.HasSuffix(before, "]") && strings.LastIndex(before, markerStart) > strings.LastIndexByte(before[:len(before)-1], ']') {
		return m[0]
	}
	at := 0
	for word := range strings.SplitSeq(before, " ") {
		i := strings.IndexByte(word, ':')
		if time := i > 0 && i+1 < len(word) && isDigit(rune(word[i-1])) && isDigit(rune(word[i+1])); i >= 0 && !time && !strings.HasPrefix(word[i:], "://") && (i+1 < len(word) || at+len(word) == len(before)) {
			from := 0
			for _, sign := range []string{`="`, `:"`, `='`, `:'`, `,"`, `("`} {
				if j := strings.LastIndex(word, sign); j >= 0 && strings.Contains(word[j+2:], ":") {
					from = max(from, j+2)
				}
			}
			from += len(word[from:]) - len(strings.TrimLeft(word[from:], `"'(<[{`))
			return before[:at+from] + Marker("user and password") + m[2]
		}
		at += len(word) + 1
	}
	return m[0]
}

// queryOption finds the options of a query, and encodedOption what is one in an encoded URL.
var (
	queryOption   = text.Pattern(`([?&])((?:[A-Za-z0-9_.\[\]-]|%[0-9A-Fa-f]{2})+)=([^\s"'<>&#]+)`)
	encodedOption = text.Pattern(`(?i)((?:%(?:25)*[0-9a-f]{2})*)([a-z][a-z0-9_.-]*)(%(?:25)*3d)([^\s"'<>&]+)`)
)

// redactOption leaves what redactAssigned finds.
func redactOption(m []string) string {
	name := unescaped(m[2])
	if SecretName(m[2]) || strings.Contains(m[3], cutMarker) || !secretOption(name, m[3]) {
		return m[0]
	}
	return m[1] + m[2] + "=" + Marker(name)
}

func redactEncodedOption(m []string) string {
	if !SecretName(m[2]) || strings.Contains(m[4], cutMarker) {
		return m[0]
	}
	return m[1] + m[2] + m[3] + Marker(m[2])
}

// secretOption tells whether an option of a URL is a secret: by its name, by both where
// the name is also one of harmless things, or because it is encoded and holds a secret.
func secretOption(name, value string) bool {
	switch strings.ToLower(name) {
	case "signature", "x-amz-signature", "x-goog-signature":
		return true
	case "auth", "apikey":
		return looksGenerated(value)
	case "key", "code":
		return len(value) >= minToken && strings.ContainsFunc(value, isDigit)
	}
	if SecretName(name) {
		return true
	}
	if !strings.Contains(value, "%") {
		return false
	}
	const deepest = 3
	for range deepest {
		plain := unescaped(value)
		if plain == value {
			return false
		}
		if value = plain; redactAssigned(value) != value {
			return true
		}
	}
	return false
}

// inviteLink finds the addresses that an invite leads to: whoever has one can join.
var inviteLink = text.Pattern(`(?i)((?:/|%(?:25)*2f)auth(?:/|%(?:25)*2f)(?:signup|invite|invitation)(?:/|%(?:25)*2f))([^\s"'<>/?#&%]{8,})`)

func redactInvite(m []string) string {
	if !looksGenerated(m[2]) {
		return m[0]
	}
	return m[1] + Marker("token")
}
