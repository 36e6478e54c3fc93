package doctor

import (
	"fmt"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// Status is the result of a check.
type Status string

// The statuses of a check.
const (
	OK   Status = "ok"
	Warn Status = "warn" // it works or is unknown, and should be fixed
	Fail Status = "fail" // it does not work or is not safe
	Skip Status = "skip" // not checked; Found is the reason
)

// Check is the result of one check. Its texts have no line breaks.
type Check struct {
	// Instance is the operator's name for the instance, "" if there is only one.
	Instance string `json:"instance,omitempty"`
	Name     string `json:"name"`
	Status   Status `json:"status"`
	Found    string `json:"found"`
	// Remedy is what to do; every failure and warning has one.
	Remedy string `json:"remedy,omitempty"`
	// Notes are further lines for people.
	Notes []string `json:"notes,omitempty"`
	// Scopes is set by the scopes check.
	Scopes *Scopes `json:"scopes,omitempty"`
}

// found is a check with this status.
func (s Status) found(format string, args ...any) Check {
	return Check{Status: s, Found: fmt.Sprintf(format, args...)}
}

// withRemedy adds the remedy. Names of settings are in braces; see SettingNames.
func (c Check) withRemedy(format string, args ...any) Check {
	c.Remedy = fmt.Sprintf(format, args...)
	return c
}

// warning turns a result into a warning with a remedy.
func (c Check) warning(format string, args ...any) Check {
	c.Status = Warn
	return c.withRemedy(format, args...)
}

// minSecret is the minimum length of a token that files are searched for: a shorter
// one could be any word.
const minSecret = 8

// redacted removes the tokens from all texts: a server may repeat what it was sent.
func (c Check) redacted(shown func(string) string) Check {
	clean := func(s string) string { return shown(text.OneLine(s)) }
	c.Found, c.Remedy = clean(c.Found), clean(c.Remedy)
	for i := range c.Notes {
		c.Notes[i] = clean(c.Notes[i])
	}
	return c
}

// brief returns foreign text as one short line.
func brief(s string) string {
	const maxRunes = 160
	return text.ClipRunes(text.OneLine(s), maxRunes)
}

// list joins the first items.
func list(items []string) string {
	const maxListed = 5
	if len(items) > maxListed {
		return strings.Join(items[:maxListed], ", ") + ", …"
	}
	return strings.Join(items, ", ")
}

// count formats a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
