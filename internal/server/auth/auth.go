package auth

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"github.com/retool-mcp/retool-mcp/internal/caller"
)

// Authenticator tells who a request comes from. Implementations are safe for
// concurrent use.
type Authenticator interface {
	// Authenticate returns the caller, without the Request, or a *DeniedError if
	// they may not call.
	Authenticate(r *http.Request) (caller.Caller, error)
}

// DeniedError is why a request is refused. It never holds a token.
type DeniedError struct {
	// Status is that of the answer: 400, 401, 403, or 503 where it cannot be told
	// now who calls.
	Status int
	// Challenge is the WWW-Authenticate header, "" for none.
	Challenge string
	// Message tells the client what to do about it.
	Message string
}

func (e *DeniedError) Error() string { return e.Message }

// None takes every request as that of one local caller.
func None() Authenticator { return none{} }

type none struct{}

func (none) Authenticate(*http.Request) (caller.Caller, error) {
	return caller.Caller{ID: "local"}, nil
}

// idOf names a caller after text that they cannot choose freely or that must not
// be seen.
func idOf(way, text string) string {
	sum := sha256.Sum256([]byte(text))
	return way + ":" + hex.EncodeToString(sum[:8])
}
