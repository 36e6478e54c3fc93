package auth

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

const (
	// keyLifetime is how long fetched keys are used, so that a key that the issuer
	// withdraws stops working.
	keyLifetime = time.Hour
	// renewPause is the pause before the next attempt if a renewal fails.
	renewPause = time.Minute
)

// keys are the keys of the issuer. go-oidc caches them, and fetches them again when
// a token is signed with an unknown key.
type keys struct {
	OAuthOptions

	source *source

	mu       sync.Mutex
	set      *oidc.RemoteKeySet
	renewal  time.Time
	reported time.Time
}

func newKeys(issuer *url.URL, o OAuthOptions) *keys {
	k := &keys{
		OAuthOptions: o,
		source:       &source{OAuthOptions: o, issuer: issuer, keysURL: o.JWKSURL},
		renewal:      o.Now().Add(keyLifetime),
	}
	k.set = k.newSet()
	return k
}

// newSet returns a key set that gets its keys from source.
func (k *keys) newSet() *oidc.RemoteKeySet {
	return oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), &http.Client{Transport: k.source}), k.Issuer)
}

// verify returns the payload of a token, and whether there were keys to check its
// signature.
func (k *keys) verify(ctx context.Context, token string) (payload []byte, checked bool, err error) {
	set, renewed := k.sets() //nolint:contextcheck // the set outlives the request, whose context must not be kept
	if renewed != nil {
		payload, err = renewed.VerifySignature(ctx, token)
		if !unfetched(err) {
			k.mu.Lock()
			k.set, k.renewal = renewed, k.Now().Add(keyLifetime)
			k.mu.Unlock()
			return payload, true, err
		}
		k.report(ctx, err)
	}
	payload, err = set.VerifySignature(ctx, token)
	if unfetched(err) {
		k.report(ctx, err)
		return nil, false, err
	}
	return payload, true, err
}

// sets returns the current keys and, to one caller at a time once they are old, a
// set to replace them, so that the others do not wait.
func (k *keys) sets() (set, renewed *oidc.RemoteKeySet) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.Now()
	if now.Before(k.renewal) {
		return k.set, nil
	}
	k.renewal = now.Add(renewPause)
	return k.set, k.newSet()
}

// unfetched reports whether the keys could not be fetched, as opposed to a signature
// that matches none of them. go-oidc has no type for it, only these words.
func unfetched(err error) bool {
	return err != nil && strings.HasPrefix(err.Error(), "fetching keys ")
}

// maxReport is how many characters of an error are logged: go-oidc repeats what the
// issuer sent.
const maxReport = 300

// report logs why the keys could not be fetched, once for all waiting callers.
func (k *keys) report(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return // the caller is gone
	}
	k.mu.Lock()
	now := k.Now()
	again := k.reported.IsZero() || now.Sub(k.reported) >= fetchPause
	if again {
		k.reported = now
	}
	k.mu.Unlock()
	if !again {
		return
	}
	reason := text.Clip(err.Error(), maxReport)
	k.Log.Warn("cannot fetch the keys of the token issuer", "issuer", k.Issuer, "error", reason)
}

// signature checks the signature of one token for go-oidc, whose own error does not
// tell a bad signature from missing keys.
type signature struct {
	keys   *keys
	noKeys bool
}

func (s *signature) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	payload, checked, err := s.keys.verify(ctx, token)
	s.noKeys = !checked
	return payload, err
}
