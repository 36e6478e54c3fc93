package result

import (
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Secret is the text at a path of an answer, such as "data.access_token", as it
// came.
func Secret(r *retool.Response, at string) (text string, ok bool) {
	whole, err := parse(r.Body)
	if err != nil {
		return "", false
	}
	found := whole.at(strings.Split(at, "."))
	if found == nil || found.kind != textKind || found.text == "" {
		return "", false
	}
	return found.text, true
}

// NameOf is the last step of a path.
func NameOf(at string) string { return at[strings.LastIndexByte(at, '.')+1:] }

// Without is a result without some secrets that went out with the call.
func Without(r Result, secrets []string) Result {
	for _, secret := range secrets {
		if len(secret) < shortestSecret {
			continue
		}
		quoted := string(appendQuote(nil, secret))
		for _, form := range []string{secret, quoted[1 : len(quoted)-1], strings.ReplaceAll(secret, `"`, `""`)} {
			r.Text = strings.ReplaceAll(r.Text, form, tools.Redacted("argument"))
		}
	}
	return r
}
