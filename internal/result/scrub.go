package result

import (
	"regexp"
	"strings"
	"sync"

	"github.com/retool-mcp/retool-mcp/tools"
)

// Secrets within texts. An expression is tried only on a text that has a part
// without which it cannot match, since next to no text has a secret in it.
var within = []struct {
	has     []string
	pattern func() *regexp.Regexp
	with    string
}{
	{[]string{"://", "@"}, lazy(`([A-Za-z][A-Za-z0-9+.-]*://[^\s/:@"']*:)[^\s/@"']+@`), "${1}" + tools.Redacted("password") + "@"},
	{[]string{"PRIVATE KEY-----"}, lazy(`-----BEGIN [A-Z ]*PRIVATE KEY-----(?s:.*?)(-----END [A-Z ]*PRIVATE KEY-----|\z)`), tools.Redacted("private key")},
	{[]string{"retool_"}, lazy(`\bretool_[0-9a-zA-Z]{20,}`), tools.Redacted("access token")},
	{[]string{"earer "}, lazy(`\b([Bb]earer )[A-Za-z0-9._~+/=-]{8,}`), "${1}" + tools.Redacted("token")},
	{[]string{"asic "}, lazy(`\b([Bb]asic )[A-Za-z0-9+/]{12,}=*`), "${1}" + tools.Redacted("password")},
}

func lazy(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

// scrub takes secrets out of a text that may hold anything.
func scrub(s string) string {
	if len(s) < 12 {
		return s
	}
search:
	for _, w := range within {
		for _, part := range w.has {
			if !strings.Contains(s, part) {
				continue search
			}
		}
		s = w.pattern().ReplaceAllString(s, w.with)
	}
	return s
}

// assigned is a name with its value, as messages and broken JSON have them:
// "api_key": "…", password=….
var assigned = lazy(`(["']?)([A-Za-z][A-Za-z0-9_.-]{1,60})(["']?\s*(?:=|:\s*["'])\s*["']?)([^\s"',;&})\]]+)`)

// scrubMessage takes secrets out of what an error says: those of the call's own
// arguments, values whose name says that they are one, and what looks like one.
func scrubMessage(s string, sent []string) string {
	for _, secret := range sent {
		if len(secret) >= shortestSecret {
			s = strings.ReplaceAll(s, secret, tools.Redacted("argument"))
		}
	}
	s = assigned().ReplaceAllStringFunc(s, func(found string) string {
		parts := assigned().FindStringSubmatch(found)
		if !tools.SecretName(parts[2]) || parts[4] == encryptedOnServer || strings.HasPrefix(parts[4], "[redacted") {
			return found
		}
		return parts[1] + parts[2] + parts[3] + tools.Redacted(parts[2])
	})
	return clean(scrub(s))
}

// shortestSecret is the length from which a secret that was sent is looked for in
// a message: a shorter one is any word.
const shortestSecret = 4
