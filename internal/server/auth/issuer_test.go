package auth_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/server/auth"
)

const (
	audience       = "https://mcp.example.com/mcp"
	resource       = "https://mcp.example.com/mcp"
	oauthChallenge = `Bearer resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/mcp"`
	openIDPath     = "/.well-known/openid-configuration"
	rfc8414Path    = "/.well-known/oauth-authorization-server"
	keysPath       = "/keys"
)

// Keys take long to make, so all tests share them.
var (
	rsaKey, otherRSAKey = sync.OnceValue(newRSAKey), sync.OnceValue(newRSAKey)
	ecKey               = sync.OnceValue(func() crypto.Signer {
		key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		return key
	})
	edKey = sync.OnceValue(func() crypto.Signer {
		_, key, _ := ed25519.GenerateKey(rand.Reader)
		return key
	})
)

func newRSAKey() crypto.Signer {
	key, _ := rsa.GenerateKey(rand.Reader, 2048)
	return key
}

// issuer is a provider of tokens on loopback: its keys, its clock, and what it
// answers otherwise.
type issuer struct {
	*httptest.Server
	t *testing.T

	mu      sync.Mutex
	now     time.Time
	public  []jose.JSONWebKey
	asked   map[string]int
	answers map[string]http.HandlerFunc // instead of its own, by path
	log     bytes.Buffer
}

func newIssuer(t *testing.T) *issuer {
	i := &issuer{t: t, now: time.Now(), asked: map[string]int{}, answers: map[string]http.HandlerFunc{}}
	i.publish("rsa", rsaKey())
	i.publish("ec", ecKey())
	i.publish("ed", edKey())
	i.Server = httptest.NewServer(http.HandlerFunc(i.answer))
	t.Cleanup(i.Close)
	return i
}

func (i *issuer) answer(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	i.asked[r.URL.Path]++
	other, public := i.answers[r.URL.Path], slices.Clone(i.public)
	i.mu.Unlock()
	switch {
	case other != nil:
		other(w, r)
	case r.URL.Path == openIDPath:
		_ = json.NewEncoder(w).Encode(map[string]any{"issuer": i.URL, "jwks_uri": i.URL + keysPath})
	case r.URL.Path == keysPath:
		_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: public})
	default:
		http.NotFound(w, r)
	}
}

// publish adds a key to those that the issuer names.
func (i *issuer) publish(id string, key crypto.Signer) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.public = append(i.public, jose.JSONWebKey{Key: key.Public(), KeyID: id, Use: "sig"})
}

// withdraw takes a key away from those that the issuer names.
func (i *issuer) withdraw(id string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.public = slices.DeleteFunc(i.public, func(k jose.JSONWebKey) bool { return k.KeyID == id })
}

// says makes the issuer answer something else at a path; nil ends that.
func (i *issuer) says(path string, answer http.HandlerFunc) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.answers[path] = answer
}

func text(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// times is how often a path was asked for.
func (i *issuer) times(path string) int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.asked[path]
}

func (i *issuer) clock() time.Time {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.now
}

// later lets time pass, for the server that trusts the issuer.
func (i *issuer) later(d time.Duration) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.now = i.now.Add(d)
}

// Write takes the log of the server.
func (i *issuer) Write(line []byte) (int, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.log.Write(line)
}

func (i *issuer) logged() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.log.String()
}

// options are those of a server that trusts the issuer.
func (i *issuer) options() auth.OAuthOptions {
	return auth.OAuthOptions{
		Issuer: i.URL, Audiences: []string{audience}, Resources: endpoint(resource), Now: i.clock,
		SettingNames: auth.SettingNames{TokenType: "--oauth-token-type"},
		Log:          slog.New(slog.NewTextHandler(i, nil)),
	}
}

// endpoint is a server's only endpoint.
func endpoint(url string) []auth.Resource {
	return []auth.Resource{{URL: url, Paths: []string{"/mcp"}}}
}

// serve starts a server that trusts the issuer.
func (i *issuer) serve(t *testing.T, changes ...func(*auth.OAuthOptions)) (url string, self *issuer) {
	o := i.options()
	for _, change := range changes {
		change(&o)
	}
	a, err := auth.OAuth(o)
	require.NoError(t, err)
	return serve(t, a), i
}

func withRules(t *testing.T, texts ...string) func(*auth.OAuthOptions) {
	return func(o *auth.OAuthOptions) {
		for _, text := range texts {
			rule, err := auth.ParseRule(text)
			require.NoError(t, err)
			o.Rules = append(o.Rules, rule)
		}
	}
}

// claims are those of a good token, with changes; a nil value leaves one out.
func (i *issuer) claims(changes map[string]any) map[string]any {
	all := map[string]any{
		"iss": i.URL, "sub": "ada", "aud": audience,
		"iat": i.clock().Unix(), "exp": i.clock().Add(time.Hour).Unix(),
	}
	maps.Copy(all, changes)
	maps.DeleteFunc(all, func(_ string, value any) bool { return value == nil })
	return all
}

// token is a good one of RS256, with changed claims.
func (i *issuer) token(changes map[string]any) string {
	return i.sign(jose.RS256, "rsa", rsaKey(), i.claims(changes))
}

// sign makes a token with any key. Without an id, the token does not name one.
func (i *issuer) sign(algorithm jose.SignatureAlgorithm, id string, key, claims any) string {
	return i.signWith((&jose.SignerOptions{}).WithType("at+jwt"), algorithm, id, key, claims)
}

func (i *issuer) signWith(options *jose.SignerOptions, algorithm jose.SignatureAlgorithm, id string, key, claims any) string {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: jose.JSONWebKey{Key: key, KeyID: id}}, options)
	require.NoError(i.t, err)
	text, err := json.Marshal(claims)
	require.NoError(i.t, err)
	signed, err := signer.Sign(text)
	require.NoError(i.t, err)
	token, err := signed.CompactSerialize()
	require.NoError(i.t, err)
	return token
}

// noPartOf requires that nothing of a token but its shape can be read in a text.
func noPartOf(t *testing.T, token, text string) {
	t.Helper()
	for part := range strings.SplitSeq(token, ".") {
		if len(part) > 8 {
			require.NotContains(t, text, part)
		}
	}
}

// deniedBy returns why a server that trusts the issuer refuses a token.
func deniedBy(t *testing.T, i *issuer, token string, changes ...func(*auth.OAuthOptions)) *auth.DeniedError {
	t.Helper()
	o := i.options()
	for _, change := range changes {
		change(&o)
	}
	a, err := auth.OAuth(o)
	require.NoError(t, err)
	r := httptest.NewRequest(http.MethodPost, "/mcp", http.NoBody)
	r.Header.Set("Authorization", "Bearer "+token)
	_, err = a(r)
	var why *auth.DeniedError
	require.ErrorAs(t, err, &why)
	noPartOf(t, token, why.Detail)
	return why
}
