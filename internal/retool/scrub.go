package retool

import (
	"bytes"
	"errors"
	"net/url"
	"slices"
	"strings"
)

const (
	placeholder = "[access token]"
	// minBodyToken is the length from which a token is replaced in the body of
	// a success too. A shorter one is no real token, and could be any word of
	// the data.
	minBodyToken = 8
)

// scrubber replaces the access token by a placeholder.
//
// It knows the token as it is, percent-encoded, and with quotes and
// backslashes escaped as in JSON and in Go's %q; for a real token, all of
// these are one. A token that a server disguises otherwise (as base64, or in
// \u escapes of a success) is not found: nothing of ours sends it like that,
// and a server that has it can disguise it in endless ways.
type scrubber struct {
	forms  []string
	bodies bool
}

func newScrubber(token string) scrubber {
	if token == "" {
		return scrubber{}
	}
	forms := []string{
		token,
		url.PathEscape(token),
		url.QueryEscape(token),
		strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(token),
	}
	slices.Sort(forms)
	return scrubber{forms: slices.Compact(forms), bodies: len(token) >= minBodyToken}
}

// text scrubs a message or a header.
func (s scrubber) text(text string) string {
	for _, form := range s.forms {
		text = strings.ReplaceAll(text, form, placeholder)
	}
	return text
}

// body scrubs the body of a success. It is copied only if it holds the token.
func (s scrubber) body(body []byte) []byte {
	if !s.bodies {
		return body
	}
	return s.all(body)
}

// all is body for a token of any length.
func (s scrubber) all(body []byte) []byte {
	for _, form := range s.forms {
		if bytes.Contains(body, []byte(form)) {
			body = bytes.ReplaceAll(body, []byte(form), []byte(placeholder))
		}
	}
	return body
}

// error scrubs what err says. Where that holds the token the chain ends here,
// so that unwrapping does not bring it back.
func (s scrubber) error(err error) error {
	if text := err.Error(); s.text(text) != text {
		return errors.New(s.text(text))
	}
	return err
}
