package doctor

import (
	"fmt"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// Status is how a check ended.
type Status string

// The statuses of a check.
const (
	OK   Status = "ok"
	Warn Status = "warn" // it works, or nobody can tell, and it should not stay so
	Fail Status = "fail" // it does not work, or nobody should rely on it
	Skip Status = "skip" // it would mean nothing; Found says why
)

// Check is what one check found. None of its texts has a line break.
type Check struct {
	// Instance is the operator's name for the instance, "" where there is one only.
	Instance string `json:"instance,omitempty"`
	Name     string `json:"name"`
	Status   Status `json:"status"`
	Found    string `json:"found"`
	// Remedy is what to do; there is always one for a failure.
	Remedy string `json:"remedy,omitempty"`
	// Notes are further lines for people.
	Notes []string `json:"notes,omitempty"`
	// Scopes is what is known of the token's scopes, in the check of that name.
	Scopes *Scopes `json:"scopes,omitempty"`
}

func ok(format string, args ...any) Check {
	return Check{Status: OK, Found: fmt.Sprintf(format, args...)}
}

func skip(format string, args ...any) Check {
	return Check{Status: Skip, Found: fmt.Sprintf(format, args...)}
}

func warn(format string, args ...any) Check {
	return Check{Status: Warn, Found: fmt.Sprintf(format, args...)}
}

func fail(format string, args ...any) Check {
	return Check{Status: Fail, Found: fmt.Sprintf(format, args...)}
}

// but adds the remedy.
func (c Check) withRemedy(format string, args ...any) Check {
	c.Remedy = fmt.Sprintf(format, args...)
	return c
}

// secretLength is the length from which a token is replaced in texts. A shorter
// one is no real token, and could be any word.
const secretLength = 8

// without takes a secret out of all texts. Nothing puts it there; but a server
// may repeat what it was sent.
func (c Check) redacted(secret string) Check {
	clean := text.OneLine
	if len(secret) >= secretLength {
		clean = func(s string) string { return text.OneLine(strings.ReplaceAll(s, secret, "[access token]")) }
	}
	c.Found, c.Remedy = clean(c.Found), clean(c.Remedy)
	for i := range c.Notes {
		c.Notes[i] = clean(c.Notes[i])
	}
	return c
}

// brief makes one short line of what somebody else wrote: it could hold the codes
// that move a terminal's cursor.
func brief(s string) string {
	const maxRunes = 160
	return text.ClipRunes(text.OneLine(s), maxRunes)
}

// count is a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
