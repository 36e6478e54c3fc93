package auth

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

const (
	// keysLast is how long keys count without being asked for again, so that one
	// which the issuer withdraws does not count for ever.
	keysLast = time.Hour
	// renewPause is when to try again if they cannot be had then.
	renewPause = time.Minute
)

// keys are those of the issuer. The library keeps them and asks for them again when
// a token is signed with one that it does not know.
type keys struct {
	source *source
	place  string
	log    *slog.Logger
	now    func() time.Time

	mu       sync.Mutex
	set      *oidc.RemoteKeySet
	renewal  time.Time
	reported time.Time
}

func newKeys(issuer *url.URL, o OAuthOptions) *keys {
	k := &keys{
		source: &source{issuer: issuer, name: o.Issuer, place: o.JWKSURL, found: o.JWKSURL, client: o.Client, now: o.Now},
		place:  o.Issuer, log: o.Log, now: o.Now,
		renewal: o.Now().Add(keysLast),
	}
	k.set = k.newSet()
	return k
}

// newSet is a set that asks source for its keys, wherever they are.
func (k *keys) newSet() *oidc.RemoteKeySet {
	return oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), &http.Client{Transport: k.source}), k.place)
}

// verify returns the payload of a token. Had says whether there were keys to check
// it with.
func (k *keys) verify(ctx context.Context, token string) (payload []byte, had bool, err error) {
	set, renewed := k.sets() //nolint:contextcheck // the set outlives the request, whose context must not be kept
	if renewed != nil {
		payload, err = renewed.VerifySignature(ctx, token)
		if !unfetched(err) {
			k.mu.Lock()
			k.set = renewed
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

// sets are the keys as they are and, for one caller at a time when they have
// grown old, a set to put in their place. The others need not wait for it.
func (k *keys) sets() (set, renewed *oidc.RemoteKeySet) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.now()
	if now.Before(k.renewal) {
		return k.set, nil
	}
	k.renewal = now.Add(renewPause)
	return k.set, k.newSet()
}

// unfetched reports whether the keys could not be had, as opposed to a signature
// that fits none of them. The library has no type for it, only these words.
func unfetched(err error) bool {
	return err != nil && strings.HasPrefix(err.Error(), "fetching keys ")
}

// mostReport is how many characters of an error are logged: the library's repeats
// whatever the issuer sent.
const mostReport = 300

// report logs why the keys could not be had, once for all who wait for them.
func (k *keys) report(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return // it is the caller who is gone
	}
	k.mu.Lock()
	now := k.now()
	again := k.reported.IsZero() || now.Sub(k.reported) >= fetchPause
	if again {
		k.reported = now
	}
	k.mu.Unlock()
	if !again {
		return
	}
	reason := text.Clip(err.Error(), mostReport)
	k.log.Warn("the keys of the token issuer cannot be had", "issuer", k.place, "error", reason)
}

// signature checks that of one token, as the library asks for it. The library's
// own error would not tell why it failed.
type signature struct {
	keys    *keys
	unknown bool // whether it is good, for lack of keys
}

func (s *signature) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	payload, had, err := s.keys.verify(ctx, token)
	s.unknown = !had
	return payload, err
}
