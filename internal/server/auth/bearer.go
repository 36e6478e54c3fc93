package auth

import (
	"net/http"
	"strings"
)

// Error codes of RFC 6750, section 3.1. A request without a token gets none.
const (
	noError           = ""
	invalidRequest    = "invalid_request"
	invalidToken      = "invalid_token"
	insufficientScope = "insufficient_scope"
)

// scheme is how one mode of authentication asks for its token.
type scheme struct {
	parameter string // of the challenge: realm or resource_metadata
	wanted    string // a sentence that says what to send
}

// token returns the bearer token of r. It is read from the header only, because
// URLs end up in logs.
func (s scheme) token(r *http.Request) (string, error) {
	given := r.Header.Values("Authorization")
	if len(given) > 1 {
		return "", s.unauthorized(invalidRequest, "More than one Authorization header. Send one.")
	}
	if len(given) == 0 {
		return "", s.unauthorized(noError, s.wanted)
	}
	name, token, _ := strings.Cut(given[0], " ")
	token = strings.TrimLeft(token, " ")
	if !strings.EqualFold(name, "Bearer") || token == "" {
		return "", s.unauthorized(noError, s.wanted)
	}
	return token, nil
}

func (s scheme) unauthorized(code, message string) *DeniedError {
	return &DeniedError{Status: http.StatusUnauthorized, Challenge: s.challenge(code), Message: message}
}

func (s scheme) challenge(code string) string {
	if code == noError {
		return "Bearer " + s.parameter
	}
	return "Bearer " + s.parameter + `, error="` + code + `"`
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
