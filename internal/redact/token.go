package redact

import (
	"bytes"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
)

// accessTokenMarker replaces an access token.
const accessTokenMarker = "[access token]"

const (
	// minBodyToken is the length from which a token is also replaced in the body of
	// a success. A shorter one is not a real token, and could be any word of the data.
	minBodyToken = 8
	// minCutToken is how much of a token is replaced at the end of a text that was
	// cut: more than what all tokens of Retool begin with.
	minCutToken = 12
)

// AccessToken removes access tokens from what a server sends and from what errors
// say: that of a call, and others that this process has.
//
// It finds a token in whatever escapes of JSON, URLs and HTML it is written, also
// one within the other, in letters of other case or width, and with white space,
// quotes, accents or invisible characters in it. A token in another form, such as
// base64, is not found: a server that has the token can disguise it in endless ways.
type AccessToken struct {
	long *finder // tokens that no honest text contains
	all  *finder
}

// NewAccessToken returns the remover of the token of a call, and of others; ""
// removes nothing.
func NewAccessToken(token string, others ...string) AccessToken {
	var long, short []needle
	for i, secret := range append([]string{token}, others...) {
		for _, form := range spellings(secret) {
			n := needle{folded: fold(form)}
			if len(secret) >= minBodyToken && len(n.folded) > 1 {
				long = append(long, n)
			} else if i == 0 && n.folded != "" {
				short = append(short, n)
			}
		}
	}
	return AccessToken{newTokenFinder(long), newTokenFinder(slices.Concat(long, short))}
}

func newTokenFinder(needles []needle) *finder {
	f := &finder{marker: accessTokenMarker, anyCase: true, minCut: minCutToken}
	f.seek(needles)
	return f
}

// spellings are a text as it is, and with spaces and plus signs as queries have them.
func spellings(s string) (all []string) {
	all = append(all, s)
	if strings.Contains(s, " ") {
		all = append(all, strings.ReplaceAll(s, " ", "+"))
	}
	if strings.Contains(s, "+") {
		all = append(all, strings.ReplaceAll(s, "+", " "))
	}
	return all
}

// Text removes a token of any length from a message.
func (t AccessToken) Text(s string) string { return t.all.replace(s, false, nil) }

// CutText is Text for a text whose end was cut off and may be the beginning of a
// token.
func (t AccessToken) CutText(s string) string { return t.all.replace(s, true, nil) }

// Shown removes the tokens from a text that goes to a reader, as the last step, and
// what is left of one before the sign of a cut. What stands in the place of secrets
// already is left as it is.
func (t AccessToken) Shown(s string) string {
	const cut = "…"
	var out strings.Builder
	for {
		part, rest, found := strings.Cut(s, cut)
		if found {
			part += cut
		}
		shown := t.long.replace(part, found, inMarker)
		if !found && out.Len() == 0 {
			return shown
		}
		out.WriteString(shown)
		if s = rest; !found {
			return out.String()
		}
	}
}

// Header removes the tokens from the values of a header, which it changes.
func (t AccessToken) Header(h http.Header) {
	for _, values := range h {
		for i, value := range values {
			values[i] = t.Text(value)
		}
	}
}

// Body removes the tokens from the body of a success, and copies it only if it holds
// one. JSON stays JSON.
func (t AccessToken) Body(body []byte) []byte {
	if t.long == nil || !t.long.has(jsonvalue.Shared(body)) {
		return body
	}
	if out, err := t.json(body); err == nil {
		return out
	}
	return []byte(t.long.replace(jsonvalue.Shared(body), false, nil))
}

// json removes the tokens from each name, text and number in JSON.
func (t AccessToken) json(body []byte) ([]byte, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	out, done := make([]byte, 0, len(body)), 0
	for {
		switch dec.PeekKind() {
		case jsonvalue.Text, jsonvalue.Number:
			written, err := dec.ReadValue()
			if err != nil {
				return nil, err
			}
			end := int(dec.InputOffset())
			inside := string(written)
			if written[0] == '"' {
				inside = inside[1 : len(inside)-1]
			}
			if shown := t.long.replace(inside, false, nil); shown != inside {
				quoted := jsontext.Value(`"` + shown + `"`)
				if !quoted.IsValid(jsontext.AllowInvalidUTF8(true)) {
					quoted = jsontext.Value(`"` + accessTokenMarker + `"`)
				}
				out = append(append(out, body[done:end-len(written)]...), quoted...)
				done = end
			}
		case 0:
			if _, err := dec.ReadToken(); dec.StackDepth() > 0 || int(dec.InputOffset()) < len(bytes.TrimSpace(body)) {
				return nil, err
			}
			return append(out, body[done:]...), nil
		default:
			if _, err := dec.ReadToken(); err != nil {
				return nil, err
			}
		}
	}
}

// Err removes a token from what err says. Where it does, the chain ends here:
// unwrapping must not bring the token back.
func (t AccessToken) Err(err error) error {
	text := err.Error()
	if clean := t.Text(text); clean != text {
		return errors.New(clean)
	}
	return err
}
