package auth

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

// minSecret is the minimum length of a shared secret. A shorter one could be guessed.
const minSecret = 16

// Token accepts requests with the shared secret. They are one caller, whose calls use
// the program's own Retool token.
func Token(secret string) (Authenticator, error) {
	if len(secret) < minSecret {
		return nil, fmt.Errorf("the shared secret must have at least %d characters, not %d", minSecret, len(secret))
	}
	if !visible(secret) {
		return nil, errors.New("the shared secret has a character that headers cannot carry")
	}
	return shared(sha256.Sum256([]byte(secret))).authenticate, nil
}

// shared is the hash of the secret.
type shared [sha256.Size]byte

var sharedScheme = scheme{
	parameter: `realm="retool-mcp"`,
	wanted:    "Missing token. Send the secret of this server as \"Authorization: Bearer SECRET\".",
}

func (s shared) authenticate(r *http.Request) (caller.Caller, error) {
	token, err := sharedScheme.token(r)
	if err != nil {
		return caller.Caller{}, err
	}
	// Hashes have one length, so the time does not reveal the length of the secret.
	hash := sha256.Sum256([]byte(token))
	if subtle.ConstantTimeCompare(hash[:], s[:]) != 1 {
		return caller.Caller{}, sharedScheme.unauthorized(wrongSecret, "Wrong token for this server.")
	}
	return caller.Caller{ID: "token"}, nil
}

// maxRetoolToken is the maximum length of a Retool token. Retool issues tokens of
// less than a hundred characters.
const maxRetoolToken = 512

// Passthrough uses the bearer token as the caller's own Retool token for their
// calls. Retool checks it on the first call; until then a caller is anyone who sent
// some text.
func Passthrough() Authenticator { return passthrough }

var passthroughScheme = scheme{
	parameter: `realm="Retool access token"`,
	wanted:    "Missing token. Send your Retool access token as \"Authorization: Bearer TOKEN\".",
}

func passthrough(r *http.Request) (caller.Caller, error) {
	token, err := passthroughScheme.token(r)
	if err != nil {
		return caller.Caller{}, err
	}
	if other := text.NotToken(token); other != "" {
		return caller.Caller{}, passthroughScheme.notToken(other)
	}
	if len(token) > maxRetoolToken || !visible(token) {
		return caller.Caller{}, passthroughScheme.unauthorized(malformed, "Not a Retool access token: it is too long or has a character that no token has.")
	}
	return caller.Caller{ID: callerID("retool", token), Token: token}, nil
}

// scheme is how one mode of authentication asks for its token.
type scheme struct {
	parameter string // of the challenge: realm or resource_metadata
	scopes    string // to request, separated by spaces
	wanted    string // a sentence that says what to send
}

// token returns the bearer token of r. It is read from the header only, because
// URLs end up in logs.
func (s scheme) token(r *http.Request) (string, error) {
	given := r.Header.Values("Authorization")
	if len(given) > 1 {
		return "", s.unauthorized(severalTokens, "More than one Authorization header. Send one.")
	}
	if len(given) == 0 {
		return "", s.unauthorized(noToken, s.wanted)
	}
	name, token, _ := strings.Cut(given[0], " ")
	token = text.Unquote(token)
	if !strings.EqualFold(name, "Bearer") || token == "" {
		return "", s.unauthorized(noToken, s.wanted)
	}
	if form, is := text.Placeholder(token); is {
		return "", s.notToken("the placeholder " + form)
	}
	return token, nil
}

// notToken refuses what a client sends in place of a token, such as a placeholder
// that it did not replace.
func (s scheme) notToken(other string) *DeniedError {
	return s.unauthorized(placeholder, "The Authorization header holds "+other+" in place of a token. Correct it in the client's settings, or set the variable that they name.")
}

func (s scheme) unauthorized(reason, message string) *DeniedError {
	return s.refuse(&DeniedError{Status: http.StatusUnauthorized, Reason: reason, Message: message})
}

// refuse adds the challenge to a refusal, with the error code of RFC 6750, section
// 3.1. A request without a token gets none.
func (s scheme) refuse(why *DeniedError) *DeniedError {
	code := "invalid_token"
	switch {
	case why.Status == http.StatusServiceUnavailable:
		return why
	case why.Status == http.StatusForbidden:
		code = "insufficient_scope"
	case why.Reason == severalTokens:
		code = "invalid_request"
	case why.Reason == noToken:
		code = ""
	}
	why.Challenge = "Bearer " + s.parameter
	if code != "" {
		why.Challenge += `, error="` + code + `"`
	}
	if s.scopes != "" {
		why.Challenge += `, scope="` + s.scopes + `"`
	}
	return why
}

// visible reports whether s consists of visible ASCII characters, the only ones
// that a token has.
func visible(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
