package auth_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/server/auth"
)

const pause = 10 * time.Second // between two questions to the issuer

// afterwards asks until the answer has the status. The library lets go of a fetch a
// moment after it told the result, and whoever comes in between is told it, too.
// With a clock that jumps, that may be a result of long ago.
func afterwards(t *testing.T, url, token string, status int) reply {
	t.Helper()
	for range 1000 {
		if got := get(t, url, bearer(token)...); got.Status == status {
			return got
		}
		time.Sleep(time.Millisecond)
	}
	require.Fail(t, "the answer stays another", "it should be %d", status)
	return reply{}
}

func TestKeysAreFetchedOnceAndLazily(t *testing.T) {
	url, issuer := newIssuer(t).serve(t)
	require.Zero(t, issuer.times(openIDPath)+issuer.times(keysPath), "a start needs no network")
	for range 5 {
		get(t, url, bearer(issuer.token(nil))...).let(t)
		issuer.later(5 * time.Minute)
	}
	require.Equal(t, 1, issuer.times(openIDPath))
	require.Equal(t, 1, issuer.times(keysPath))
}

func TestKeysMayHaveByteOrderMarks(t *testing.T) {
	i := newIssuer(t)
	for _, path := range []string{openIDPath, keysPath} {
		i.says(path, func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte("\ufeff"))
			i.says(path, nil)
			i.answer(w, r)
		})
	}
	url, _ := i.serve(t)
	get(t, url, bearer(i.token(nil))...).let(t)
}

func TestKeysAreDiscovered(t *testing.T) {
	metadata := func(issuer, keys string) http.HandlerFunc {
		return text(200, `{"issuer":"`+issuer+`","jwks_uri":"`+keys+`"}`)
	}
	t.Run("of an issuer that ends in a slash", func(t *testing.T) {
		i := newIssuer(t)
		i.says(openIDPath, metadata(i.URL+"/", i.URL+keysPath))
		url, _ := i.serve(t, func(o *auth.OAuthOptions) { o.Issuer += "/" })
		get(t, url, bearer(i.token(map[string]any{"iss": i.URL + "/"}))...).let(t)
	})
	t.Run("of an issuer with a path", func(t *testing.T) {
		i := newIssuer(t)
		i.says("/realms/x"+openIDPath, metadata(i.URL+"/realms/x", i.URL+keysPath))
		url, _ := i.serve(t, func(o *auth.OAuthOptions) { o.Issuer += "/realms/x" })
		get(t, url, bearer(i.token(map[string]any{"iss": i.URL + "/realms/x"}))...).let(t)
	})
	t.Run("of RFC 8414 where there is no OpenID Connect", func(t *testing.T) {
		i := newIssuer(t)
		i.says(openIDPath, text(404, ""))
		i.says(rfc8414Path, metadata(i.URL, i.URL+keysPath))
		url, _ := i.serve(t)
		get(t, url, bearer(i.token(nil))...).let(t)
	})
	t.Run("of RFC 8414 for an issuer with a path", func(t *testing.T) {
		i := newIssuer(t)
		i.says(rfc8414Path+"/tenant", metadata(i.URL+"/tenant", i.URL+keysPath))
		url, _ := i.serve(t, func(o *auth.OAuthOptions) { o.Issuer += "/tenant" })
		get(t, url, bearer(i.token(map[string]any{"iss": i.URL + "/tenant"}))...).let(t)
	})
	t.Run("not if the operator says where they are", func(t *testing.T) {
		i := newIssuer(t)
		i.says("/elsewhere", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, keysPath, http.StatusFound) })
		url, _ := i.serve(t, func(o *auth.OAuthOptions) { o.JWKSURL = i.URL + "/elsewhere" })
		get(t, url, bearer(i.token(nil))...).let(t)
		require.Zero(t, i.times(openIDPath))
		require.Equal(t, 1, i.times(keysPath), "a redirect on the same host is followed")
	})
	t.Run("anew where they moved", func(t *testing.T) {
		i := newIssuer(t)
		url, _ := i.serve(t)
		get(t, url, bearer(i.token(nil))...).let(t)
		i.publish("next", otherRSAKey())
		next := i.sign(jose.RS256, "next", otherRSAKey(), i.claims(nil))
		i.says(keysPath, text(404, ""))
		i.says(openIDPath, metadata(i.URL, i.URL+"/moved"))
		i.says("/moved", func(w http.ResponseWriter, r *http.Request) {
			i.says(keysPath, nil)
			http.Redirect(w, r, keysPath, http.StatusTemporaryRedirect)
		})
		i.later(pause)
		afterwards(t, url, next, 503)
		i.later(pause)
		afterwards(t, url, next, 200)
	})
}

func TestRotatedKeysAreFound(t *testing.T) {
	url, issuer := newIssuer(t).serve(t)
	get(t, url, bearer(issuer.token(nil))...).let(t)

	next := issuer.sign(jose.RS256, "next", otherRSAKey(), issuer.claims(nil))
	issuer.later(pause)
	for range 1000 {
		get(t, url, bearer(next)...).refused(t, 401, codeUnauthorized, oauthChallenge+invalidTokenOf)
		if issuer.times(keysPath) == 2 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	require.Equal(t, 2, issuer.times(keysPath), "the issuer is asked, and does not know the key either")

	issuer.publish("next", otherRSAKey())
	issuer.later(pause)
	afterwards(t, url, next, 200).let(t)
	get(t, url, bearer(issuer.token(nil))...).let(t)
	require.Equal(t, 3, issuer.times(keysPath))
	require.Equal(t, 1, issuer.times(openIDPath))
}

func TestUnknownKeysAreRateLimited(t *testing.T) {
	url, issuer := newIssuer(t).serve(t)
	forged := issuer.sign(jose.RS256, "forged", otherRSAKey(), issuer.claims(nil))
	good := issuer.token(nil)
	for round := 1; round <= 3; round++ {
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				req, err := http.NewRequest(http.MethodGet, url, nil)
				if err != nil {
					t.Error(err)
					return
				}
				req.Header.Set("Authorization", "Bearer "+forged)
				resp, err := http.DefaultClient.Do(req)
				if err != nil {
					t.Error(err)
					return
				}
				resp.Body.Close()
				if resp.StatusCode != http.StatusUnauthorized {
					t.Errorf("a forged token got %d", resp.StatusCode)
				}
			})
		}
		all.Wait()
		get(t, url, bearer(good)...).let(t)
		issuer.later(pause - time.Millisecond)
		get(t, url, bearer(forged)...).refused(t, 401, codeUnauthorized, oauthChallenge+invalidTokenOf)
		require.Equal(t, round, issuer.times(keysPath))
		issuer.later(time.Millisecond)
	}
}

func TestWithdrawnKeysExpire(t *testing.T) {
	url, issuer := newIssuer(t).serve(t)
	stolen := issuer.sign(jose.ES256, "ec", ecKey(), issuer.claims(map[string]any{"exp": issuer.clock().Add(72 * time.Hour).Unix()}))
	get(t, url, bearer(stolen)...).let(t)
	issuer.withdraw("ec")
	issuer.later(59 * time.Minute)
	get(t, url, bearer(stolen)...).let(t)
	issuer.later(time.Minute)
	get(t, url, bearer(stolen)...).refused(t, 401, codeUnauthorized, oauthChallenge+invalidTokenOf)
	for range 2 {
		get(t, url, bearer(issuer.token(nil))...).let(t)
		require.Equal(t, 2, issuer.times(keysPath), "renewed keys are used as long as the first ones")
		issuer.later(59 * time.Minute)
	}
}

func TestCachedKeysWorkWithoutTheIssuer(t *testing.T) {
	url, issuer := newIssuer(t).serve(t)
	long := issuer.token(map[string]any{"exp": issuer.clock().Add(72 * time.Hour).Unix()})
	get(t, url, bearer(long)...).let(t)
	issuer.says(keysPath, text(502, "bad gateway"))
	for range 10 {
		issuer.later(30 * time.Minute)
		get(t, url, bearer(long)...).let(t)
	}
	asked := issuer.times(keysPath)
	for range 10 {
		get(t, url, bearer(long)...).let(t)
	}
	require.Equal(t, asked, issuer.times(keysPath), "the issuer is not asked with each request")
	issuer.later(50 * time.Second)
	get(t, url, bearer(long)...).let(t)
	require.Equal(t, asked, issuer.times(keysPath), "nor more than once a minute")
	require.Contains(t, issuer.logged(), "answered 502")

	unknown := issuer.sign(jose.RS256, "next", otherRSAKey(), issuer.claims(nil))
	get(t, url, bearer(unknown)...).refused(t, 503, codeNotNow, "")
	issuer.says(keysPath, nil)
	issuer.publish("next", otherRSAKey())
	issuer.later(time.Minute)
	afterwards(t, url, issuer.sign(jose.RS256, "next", otherRSAKey(), issuer.claims(nil)), 200)
}

func TestBrokenIssuers(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		t.Error("another host was asked")
		w.WriteHeader(http.StatusTeapot)
	}))
	defer elsewhere.Close()
	away := func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, http.StatusFound) }
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	drip := func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(`{"keys":[`))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
	impatient := func(o *auth.OAuthOptions) { o.Client = &http.Client{Timeout: 100 * time.Millisecond} }
	for _, c := range []struct {
		name, path string
		answer     http.HandlerFunc
		change     func(*auth.OAuthOptions)
		logged     string
	}{
		{"no metadata", openIDPath, text(404, ""), nil, "oauth-authorization-server answered 404"},
		{"metadata of another issuer", openIDPath, text(200, `{"issuer":"https://evil.example","jwks_uri":"https://evil.example/keys"}`), nil, "is the metadata of the issuer"},
		{"metadata that is no JSON", openIDPath, text(200, `<html>`), nil, "is not metadata"},
		{"metadata behind a redirect away", openIDPath, away, nil, "which is not the configured host"},
		{"keys in the clear", openIDPath, nil, nil, "must be an https URL, or an http one on a loopback address"},
		{"no place of keys", openIDPath, nil, nil, "must be set"},
		{"keys that are missing", keysPath, text(404, ""), nil, "/keys answered 404"},
		{"a fault of the issuer", keysPath, text(500, "oh no"), nil, "/keys answered 500"},
		{"keys that are no JSON", keysPath, text(200, `<html>`+strings.Repeat("é", 5000)), nil, "failed to decode keys"},
		{"keys that are no list", keysPath, text(200, `{"keys":7}`), nil, "failed to decode keys"},
		{"a key that is broken", keysPath, text(200, `{"keys":[{"kty":"RSA","kid":"rsa","n":"AQAB"}]}`), nil, "/keys can be used: key 1: "},
		{"nothing of keys", keysPath, text(200, `{"error":"not now"}`), nil, "has no list of keys"},
		{"only keys that are broken", keysPath, text(200, `{"keys":[{"kty":"EC","crv":"P-256","x":"AQ","y":"AQ"},7,null,"key",[],{"kid":"a"},{"kty":"enc","use":"enc"}]}`), nil, "/keys can be used: key 1: "},
		{"keys without end", keysPath, text(200, `{"keys":[`+strings.Repeat(" ", 1<<20)+`]}`), nil, "has more than 1048576 bytes"},
		{"keys behind a redirect away", keysPath, away, nil, "which is not the configured host"},
		{"keys behind redirects without end", keysPath, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, keysPath, http.StatusFound) }, nil, "more than 3 redirects in a row"},
		{"a slow issuer", openIDPath, hang, impatient, "Client.Timeout exceeded"},
		{"slow keys", keysPath, hang, impatient, "Client.Timeout exceeded"},
		{"keys that drip", keysPath, drip, impatient, "Client.Timeout"},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := newIssuer(t)
			answer := c.answer
			switch c.name {
			case "keys in the clear":
				answer = text(200, `{"issuer":"`+i.URL+`","jwks_uri":"http://evil.example/keys"}`)
			case "no place of keys":
				answer = text(200, `{"issuer":"`+i.URL+`"}`)
			}
			i.says(c.path, answer)
			changes := []func(*auth.OAuthOptions){}
			if c.change != nil {
				changes = append(changes, c.change)
			}
			url, _ := i.serve(t, changes...)
			token := i.token(nil)
			for range 3 {
				got := get(t, url, bearer(token)...)
				require.Contains(t, got.refused(t, 503, codeNotNow, ""), "Retry in 10 seconds")
				require.Equal(t, "10", got.Header.Get("Retry-After"))
				noPartOf(t, token, got.Body)
			}
			require.Equal(t, 1, strings.Count(i.logged(), "\n"), "it is logged once:\n%s", i.logged())
			require.Contains(t, i.logged(), c.logged)
			require.Less(t, len(i.logged()), 1000)
			noPartOf(t, token, i.logged())

			i.says(c.path, nil)
			i.later(pause)
			afterwards(t, url, token, 200).let(t)
		})
	}
}

func TestIssuerOverTLS(t *testing.T) {
	i := newIssuer(t)
	i.Server = httptest.NewTLSServer(http.HandlerFunc(i.answer))
	t.Cleanup(i.Close)
	url, _ := i.serve(t, func(o *auth.OAuthOptions) { o.Client = i.Client() })
	token := i.token(nil)
	i.says(openIDPath, text(200, `{"issuer":"`+i.URL+`","jwks_uri":"http://127.0.0.1:1/keys"}`))
	get(t, url, bearer(token)...).refused(t, 503, codeNotNow, "")
	require.Contains(t, i.logged(), "must be an https URL like the issuer", "not even on this machine")
	i.says(openIDPath, nil)
	i.later(pause)
	afterwards(t, url, token, 200).let(t)

	url, _ = i.serve(t)
	get(t, url, bearer(token)...).refused(t, 503, codeNotNow, "")
	require.Contains(t, i.logged(), "certificate", "nobody vouches for it")
}

func TestUnreachableIssuer(t *testing.T) {
	url, issuer := newIssuer(t).serve(t)
	token := issuer.token(nil)
	issuer.Close()
	get(t, url, bearer(token)...).refused(t, 503, codeNotNow, "")
	require.Contains(t, issuer.logged(), "connection refused")
	get(t, url).refused(t, 401, codeUnauthorized, oauthChallenge)
	get(t, url, bearer("no.jwt")...).refused(t, 401, codeUnauthorized, oauthChallenge+invalidTokenOf)
}

// Without a client of its own the server must not wait for ever either, and all
// who wait do so together.
func TestSlowIssuerDoesNotBlockOthers(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	i.says(openIDPath, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	url, _ := i.serve(t)
	token := i.token(nil)
	begun := time.Now()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			req, _ := http.NewRequest(http.MethodGet, url, nil)
			req.Header.Set("Authorization", "Bearer "+token)
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Error(err)
				return
			}
			resp.Body.Close()
			if resp.StatusCode != http.StatusServiceUnavailable {
				t.Errorf("got %d", resp.StatusCode)
			}
		})
	}
	all.Wait()
	require.Less(t, time.Since(begun), 20*time.Second)
	require.Equal(t, 1, i.times(openIDPath))
}
