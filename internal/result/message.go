package result

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/retool-mcp/retool-mcp/internal/redact"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// message makes what an error says safe to show: without the secrets of the
// call's arguments, and without what looks like one. Those that were sent go
// first, since all else that is done to a text may hide them. It may have been cut.
func (o Options) message(s string, call *tools.Call) string {
	s = text.RemoveInvisible(strings.ToValidUTF8(s, "�"))
	if o.Reveal {
		return redact.NewValues(o.SentSecrets).RemoveCut(s)
	}
	o.SentSecrets = o.sent(call)
	s = redact.NewValues(o.SentSecrets).RemoveCut(s)
	if redacted, ok := o.json(s, call); ok {
		s = redacted
	}
	return redact.Text(s)
}

// sent are all secrets of a call: those that its arguments name, and those that
// they hold.
func (o Options) sent(call *tools.Call) []string {
	if o.Reveal {
		return o.SentSecrets
	}
	return slices.Concat(o.SentSecrets, call.Secrets())
}

// json takes secrets out of a text that is JSON, by their names, also where its
// end was cut off. It is false where the text is no JSON or holds none.
func (o Options) json(s string, call *tools.Call) (redacted string, ok bool) {
	s = strings.TrimSpace(s)
	if s == "" || s[0] != '{' && s[0] != '[' {
		return "", false
	}
	v, end, ok := parseCut(s)
	if !ok {
		return "", false
	}
	r := redactorFor(call.Tool, o)
	r.redact(&v)
	if r.hits == 0 {
		return "", false
	}
	if out := v.json(); end != "" {
		return strings.TrimSuffix(out, end) + "…", true
	}
	return v.json(), true
}

// parseCut is parse for a text that may have been cut. End is what had to be put
// there to make it whole.
func parseCut(s string) (v value, end string, ok bool) {
	var open []byte
	text := false // within a text
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case text && c == '\\':
			i++
		case c == '"':
			text = !text
		case text:
		case c == '{', c == '[':
			open = append(open, c+2)
		case len(open) > 0 && c == open[len(open)-1]:
			open = open[:len(open)-1]
		}
	}
	slices.Reverse(open)
	ends := []string{"", "null", ":null"}
	if text {
		ends = []string{`"`, `":null`}
		s = halfEscape().ReplaceAllString(s, "$1")
	} else if len(open) > 0 {
		s = strings.TrimRight(s, " \t\r\n,abcdefghijklmnopqrstuvwxyz")
	}
	for _, end := range ends {
		if v, err := parse([]byte(s + end + string(open))); err == nil {
			return v, end + string(open), true
		}
	}
	return value{}, "", false
}

// halfEscape is an escape at the end of a text that was cut.
var halfEscape = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`((?:^|[^\\])(?:\\\\)*)\\(?:u[0-9a-fA-F]{0,3})?$`) })
