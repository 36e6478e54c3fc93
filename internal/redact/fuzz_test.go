package redact_test

import (
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/redact"
)

// readers are those of the standard library who see what a text means. They return
// "" for what they do not read.
var readers = map[string]func(string) string{
	"nothing": func(s string) string { return s },
	"JSON": func(s string) (out string) {
		_ = json.Unmarshal([]byte(`"`+s+`"`), &out)
		return out
	},
	"query": func(s string) string { out, _ := url.QueryUnescape(s); return out },
	"path":  func(s string) string { out, _ := url.PathUnescape(s); return out },
	"HTML":  html.UnescapeString,
	"eyes": func(s string) string {
		return strings.Map(func(c rune) rune {
			if unicode.In(c, unicode.Cf, unicode.Mn, unicode.Cc) {
				return -1
			}
			return c
		}, s)
	},
}

// FuzzSecrets looks for an access token, and for secrets that were sent, in anything.
// No reader finds one afterwards, and JSON stays JSON.
func FuzzSecrets(f *testing.F) {
	const number = "4815162342"
	for _, as := range looks {
		f.Add(as(token))
	}
	for _, write := range writings {
		written := write(token)
		f.Add(written)
		f.Add(`{"` + written + `":["` + written + `"],"next_token":"` + written + `","n":` + number + `}`)
		f.Add(written[:len(written)/2] + token + written[len(written)/2:])
	}
	for _, text := range []string{
		number, "4.815162342e9", "4815162342.0", "4,815,162,342", "4_815_162_342", "-4815162342", "14815162342.50", `{"password":4815162342,"pin":48151}`,
		"[access token]", "[access [access token]en]", "[redacted: argument]", "[redacted: " + token + "]", `W/"` + token + `"`, `C:\\` + token, `\ud83d` + token, `\` + token,
		token[:15] + "…", token[:15] + "%7…" + token, `"\u0072\u0065\u0074\u006f\u006f\u006c` + token[6:], "%25%37%32" + token[1:], "&amp;#114;" + token[1:], "\ufeff" + token,
	} {
		f.Add(text)
	}
	remover := redact.NewAccessToken(token)
	sent := redact.New(redact.Rules{Sent: []string{number, token}})
	f.Fuzz(func(t *testing.T, text string) {
		for name, left := range map[string]string{"Text": remover.Text(text), "CutText": remover.CutText(text), "Shown": remover.Shown(text), "Message": sent.Message(text)} {
			if name == "Shown" && strings.Contains(text, "[redacted: ") {
				continue // what such a marker holds is left as it is
			}
			fold := strings.ToLower
			if name == "Message" {
				fold = strings.TrimSpace // capitals make another secret
			}
			for reader, read := range readers {
				require.NotContains(t, fold(read(left)), fold(token), fmt.Sprint(name, ", ", reader))
			}
			if name == "Message" {
				require.NotContains(t, left, number)
				continue
			}
			require.Equal(t, left, remover.Text(left), name)
		}
		if body := remover.Body([]byte(text)); json.Valid([]byte(text)) {
			require.True(t, json.Valid(body), "%s", body)
		}
	})
}
