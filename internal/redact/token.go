package redact

import (
	"bytes"
	"errors"
	"net/url"
	"slices"
	"strings"
)

// accessTokenMarker replaces the access token.
const accessTokenMarker = "[access token]"

// minBodyToken is the length from which a token is also replaced in the body of
// a success. A shorter one is not a real token, and could be any word of the data.
const minBodyToken = 8

// AccessToken removes the access token of an instance from what a server sends
// and from what errors say.
//
// It finds the token as it is, percent-encoded, and with quotes and backslashes
// escaped as in JSON and Go's %q; for a real token these are all the same. A
// token that a server encodes in another way, such as base64, is not found: a
// server that has the token can disguise it in endless ways.
type AccessToken struct {
	forms  []string
	bodies bool
}

// NewAccessToken returns the remover of a token; "" removes nothing.
func NewAccessToken(token string) AccessToken {
	if token == "" {
		return AccessToken{}
	}
	forms := []string{
		token,
		url.PathEscape(token),
		url.QueryEscape(token),
		strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(token),
	}
	slices.Sort(forms)
	return AccessToken{forms: slices.Compact(forms), bodies: len(token) >= minBodyToken}
}

// Text removes the token from a message or a header.
func (t AccessToken) Text(text string) string {
	for _, form := range t.forms {
		text = strings.ReplaceAll(text, form, accessTokenMarker)
	}
	return text
}

// Body removes the token from the body of a success, and copies it only if it
// holds the token.
func (t AccessToken) Body(body []byte) []byte {
	if !t.bodies {
		return body
	}
	return t.FailedBody(body)
}

// FailedBody is Body for a failure: it removes a token of any length.
func (t AccessToken) FailedBody(body []byte) []byte {
	for _, form := range t.forms {
		if bytes.Contains(body, []byte(form)) {
			body = bytes.ReplaceAll(body, []byte(form), []byte(accessTokenMarker))
		}
	}
	return body
}

// Err removes the token from what err says. Where it does, the chain ends here:
// unwrapping must not bring the token back.
func (t AccessToken) Err(err error) error {
	if text := err.Error(); t.Text(text) != text {
		return errors.New(t.Text(text))
	}
	return err
}
