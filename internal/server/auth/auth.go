package auth

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"github.com/retool-mcp/retool-mcp/internal/caller"
)

// Authenticator returns the caller of a request without the RequestID, or a
// *DeniedError. It is safe for concurrent use.
type Authenticator func(*http.Request) (caller.Caller, error)

// DeniedError is a refused request. It never holds a token.
type DeniedError struct {
	// Status is the HTTP status: 400, 401, 403, or 503 if the token cannot be
	// checked now.
	Status int
	// Challenge is the WWW-Authenticate header, "" for none.
	Challenge string
	// Message tells the client what to do.
	Message string
}

func (e *DeniedError) Error() string { return e.Message }

// None accepts every request as coming from one local caller.
func None() Authenticator {
	return func(*http.Request) (caller.Caller, error) { return caller.Caller{ID: "local"}, nil }
}

// callerID derives the id of a caller from text that must not be seen.
func callerID(mode, text string) string {
	sum := sha256.Sum256([]byte(text))
	return mode + ":" + hex.EncodeToString(sum[:8])
}
