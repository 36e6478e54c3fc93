package auth

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"

	"github.com/retool-mcp/retool-mcp/internal/caller"
)

// minSecret is the least length of a shared secret. A shorter one could be guessed.
const minSecret = 16

// Token lets those in who know the secret. They are one caller, whose calls are
// made with the program's own Retool token.
func Token(secret string) (Authenticator, error) {
	if len(secret) < minSecret {
		return nil, fmt.Errorf("the shared secret must have at least %d characters, not %d", minSecret, len(secret))
	}
	if !visible(secret) {
		return nil, errors.New("the shared secret holds a character that cannot be sent in a header")
	}
	return shared{sha256.Sum256([]byte(secret))}, nil
}

// shared keeps the hash only: what is not kept cannot be shown.
type shared struct{ hash [sha256.Size]byte }

var sharedScheme = scheme{
	parameter: `realm="retool-mcp"`,
	wanted:    "A token is missing: send the secret of this server as \"Authorization: Bearer SECRET\".",
}

func (s shared) Authenticate(r *http.Request) (caller.Caller, error) {
	token, err := sharedScheme.token(r)
	if err != nil {
		return caller.Caller{}, err
	}
	// Hashes have one length, so that the time tells nothing about the secret's.
	hash := sha256.Sum256([]byte(token))
	if subtle.ConstantTimeCompare(hash[:], s.hash[:]) != 1 {
		return caller.Caller{}, sharedScheme.unauthorized(invalidToken, "The token is not the secret of this server.")
	}
	return caller.Caller{ID: "token"}, nil
}

// maxRetoolToken is the most characters that a Retool token may have. Those that
// Retool issues have fewer than a hundred.
const maxRetoolToken = 512

// Passthrough takes the bearer token as the caller's own Retool token, with which
// their calls are made. Whether it is good, Retool says at the first call; until
// then a caller is anybody who sent some text.
func Passthrough() Authenticator { return passthrough{} }

type passthrough struct{}

var passthroughScheme = scheme{
	parameter: `realm="Retool access token"`,
	wanted:    "A token is missing: send your Retool access token as \"Authorization: Bearer TOKEN\".",
}

func (passthrough) Authenticate(r *http.Request) (caller.Caller, error) {
	token, err := passthroughScheme.token(r)
	if err != nil {
		return caller.Caller{}, err
	}
	if len(token) > maxRetoolToken || !visible(token) {
		return caller.Caller{}, passthroughScheme.unauthorized(invalidToken, "The token is not a Retool access token: it is too long or holds a character that none has.")
	}
	return caller.Caller{ID: idOf("retool", token), Token: token}, nil
}
