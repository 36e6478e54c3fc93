package redact

import (
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

// Message makes a text of unknown origin, whose end may have been cut off, safe to
// show: it removes what was sent, what looks like a secret and what is invisible.
// What was sent goes first: the other steps may break it up.
func (r *Redactor) Message(s string) string {
	s = r.sent.removeCut(text.RemoveInvisible(s))
	if r.reveal {
		return s
	}
	if redacted, ok := r.json(s); ok {
		s = redacted
	}
	return redactText(s)
}

// json redacts a text that is JSON; false if it is not JSON or no place in it
// holds a secret.
func (r *Redactor) json(s string) (redacted string, ok bool) {
	s = strings.TrimSpace(s)
	if s == "" || s[0] != '{' && s[0] != '[' {
		return "", false
	}
	v, end, ok := jsonvalue.ParseCut(s)
	if !ok || r.Redact(&v) == 0 {
		return "", false
	}
	if out := v.JSON(); end != "" {
		return strings.TrimSuffix(strings.TrimSuffix(out, end), "…") + "…", true // cutting may have marked it
	}
	return v.JSON(), true
}
