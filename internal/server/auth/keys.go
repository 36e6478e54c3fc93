package auth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
	// fetchPause is how long an answer of the issuer is used, good or bad. Tokens with
	// unknown keys, which anyone can send, must not become requests to the issuer.
	fetchPause = 10 * time.Second
	// fetchTimeout bounds one round of requests to the issuer.
	fetchTimeout = 5 * time.Second
	// maxAnswer is the maximum size of an answer of the issuer.
	maxAnswer = 1 << 20
	// maxRedirects is the maximum number of redirects in a row.
	maxRedirects = 3
)

// keys are the keys of the issuer. go-oidc caches them, and fetches them again when
// a token is signed with an unknown key. They are the transport of go-oidc's key
// set, and answer every request with what the issuer sent.
type keys struct {
	OAuthOptions

	issuer *url.URL

	mu       sync.Mutex // protects set, renewal and reported
	set      *oidc.RemoteKeySet
	renewal  time.Time
	reported time.Time

	fetching sync.Mutex // protects the fields below
	keysURL  string     // "" if unknown
	fetched  time.Time
	answer   []byte
	err      error
	unusable string // the malformed keys that were logged
}

func newKeys(issuer *url.URL, o OAuthOptions) *keys {
	k := &keys{OAuthOptions: o, issuer: issuer, keysURL: o.JWKSURL, renewal: o.Now().Add(keyLifetime)}
	k.set = k.newSet()
	return k
}

// newSet returns a key set that has no keys yet.
func (k *keys) newSet() *oidc.RemoteKeySet {
	return oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), &http.Client{Transport: k}), k.Issuer)
}

// verify returns the payload of a token whose signature is valid, and whether that
// cannot be told for lack of keys: go-oidc's own error does not tell.
func (k *keys) verify(ctx context.Context, token string) (payload []byte, unavailable bool, err error) {
	set, renewed := k.sets() //nolint:contextcheck // the set outlives the request, whose context must not be kept
	if renewed != nil {
		payload, err = renewed.VerifySignature(ctx, token)
		if !unfetched(err) {
			k.mu.Lock()
			k.set, k.renewal = renewed, k.Now().Add(keyLifetime)
			k.mu.Unlock()
			return payload, false, err
		}
		k.report(ctx, err)
	}
	payload, err = set.VerifySignature(ctx, token)
	if unfetched(err) {
		k.report(ctx, err)
		return nil, true, err
	}
	return payload, false, err
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
	reason := text.Clip(err.Error(), 300) // go-oidc repeats what the issuer sent
	k.Log.Warn("cannot fetch the keys of the token issuer", "issuer", k.Issuer, "error", reason)
}

// RoundTrip answers with the keys. There is one fetch at a time; the key set waits
// for it as long as its callers do.
func (k *keys) RoundTrip(r *http.Request) (*http.Response, error) {
	k.fetching.Lock()
	defer k.fetching.Unlock()
	if k.fetched.IsZero() || k.Now().Sub(k.fetched) >= fetchPause {
		ctx, cancel := context.WithTimeout(r.Context(), fetchTimeout)
		k.answer, k.err = k.fetch(ctx)
		cancel()
		k.fetched = k.Now()
	}
	if k.err != nil {
		return nil, k.err
	}
	return &http.Response{
		StatusCode: http.StatusOK,
		Header:     http.Header{"Content-Type": {"application/json"}},
		Body:       io.NopCloser(bytes.NewReader(k.answer)),
		Request:    r,
	}, nil
}

func (k *keys) fetch(ctx context.Context) ([]byte, error) {
	if k.keysURL == "" {
		var err error
		if k.keysURL, err = k.discover(ctx); err != nil {
			return nil, err
		}
	}
	keys, err := k.get(ctx, k.keysURL)
	if err == nil {
		keys, err = k.usable(keys)
	}
	if err != nil {
		k.keysURL = k.JWKSURL // the issuer may have moved them
	}
	return keys, err
}

// discover returns the URL of the keys from the issuer's metadata: that of OpenID
// Connect or, if there is none, of RFC 8414.
func (k *keys) discover(ctx context.Context) (string, error) {
	keysURL, err := k.discoverAt(ctx, strings.TrimSuffix(k.Issuer, "/")+"/.well-known/openid-configuration")
	if _, missing := errors.AsType[*statusError](err); !missing {
		return keysURL, err
	}
	keysURL, second := k.discoverAt(ctx, wellKnown(k.issuer, "/.well-known/oauth-authorization-server"))
	if second != nil {
		return "", fmt.Errorf("%w; %w", err, second)
	}
	return keysURL, nil
}

func (k *keys) discoverAt(ctx context.Context, address string) (string, error) {
	body, err := k.get(ctx, address)
	if err != nil {
		return "", err
	}
	var says struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(body, &says); err != nil {
		return "", fmt.Errorf("%s is not metadata: %w", address, err)
	}
	if says.Issuer != k.Issuer {
		return "", fmt.Errorf("%s is the metadata of the issuer %q, not of %q", address, says.Issuer, k.Issuer)
	}
	keys, err := parseURL("jwks_uri in "+address, says.Keys)
	if err != nil {
		return "", err
	}
	if keys.Scheme != "https" && k.issuer.Scheme == "https" {
		return "", fmt.Errorf("jwks_uri in %s must be an https URL like the issuer", address)
	}
	return says.Keys, nil
}

// statusError is an answer with another status than 200.
type statusError struct {
	address string
	status  int
}

func (e *statusError) Error() string { return fmt.Sprintf("%s answered %d", e.address, e.status) }

func (k *keys) get(ctx context.Context, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("request to the issuer: %w", err)
	}
	req.Header.Set("Accept", "application/json")
	resp, err := k.Client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("request to the issuer: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, &statusError{address, resp.StatusCode}
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", address, err)
	}
	if len(body) > maxAnswer {
		return nil, fmt.Errorf("%s has more than %d bytes", address, maxAnswer)
	}
	return text.TrimMark(body), nil
}

// sameHost refuses redirects to another host: the operator trusts this one.
func sameHost(to *http.Request, via []*http.Request) error {
	first := via[0].URL
	switch {
	case to.URL.Scheme != first.Scheme || to.URL.Host != first.Host:
		return fmt.Errorf("refused a redirect to %s://%s, which is not the configured host", to.URL.Scheme, to.URL.Host)
	case len(via) > maxRedirects:
		return fmt.Errorf("more than %d redirects in a row", maxRedirects)
	}
	return nil
}
