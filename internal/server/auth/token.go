package auth

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"

	"github.com/retool-mcp/retool-mcp/internal/caller"
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
		return caller.Caller{}, sharedScheme.unauthorized(invalidToken, "Wrong token for this server.")
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
	if len(token) > maxRetoolToken || !visible(token) {
		return caller.Caller{}, passthroughScheme.unauthorized(invalidToken, "Not a Retool access token: it is too long or has a character that no token has.")
	}
	return caller.Caller{ID: callerID("retool", token), Token: token}, nil
}
