package auth_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/server/auth"
)

// recorder takes what is recorded of refused sign-ins.
type recorder struct {
	mu     sync.Mutex
	log    bytes.Buffer
	counts map[string]int
	now    time.Time
}

func (r *recorder) Write(line []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.Write(line)
}

func (r *recorder) count(method, reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts[method+" "+reason]++
}

func (r *recorder) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

// lines are the lines of the log since the last time, and count how often each reason.
func (r *recorder) lines(t *testing.T) (lines []map[string]any, counts map[string]int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for line := range strings.Lines(r.log.String()) {
		var fields map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &fields))
		delete(fields, "time")
		lines = append(lines, fields)
	}
	counts = r.counts
	r.log.Reset()
	r.counts = map[string]int{}
	return lines, counts
}

func (r *recorder) of(method string, a auth.Authenticator) auth.Authenticator {
	f := &auth.Refusals{Method: method, Log: slog.New(slog.NewJSONHandler(r, nil)), Count: r.count, Now: r.clock}
	return f.Of(a)
}

func newRecorder() *recorder { return &recorder{counts: map[string]int{}, now: time.Now()} }

func TestRefusedSignInsAreRecorded(t *testing.T) {
	i := newIssuer(t)
	o := i.options()
	withRules(t, "groups=admins:all")(&o)
	oauth, err := auth.OAuth(o)
	require.NoError(t, err)
	unfetched := i.options()
	unfetched.JWKSURL = i.URL + "/none"
	noKeys, err := auth.OAuth(unfetched)
	require.NoError(t, err)
	in := func(claims map[string]any) []string { return bearer(i.token(claims)) }
	for _, c := range []struct {
		method, reason string
		a              auth.Authenticator
		headers        []string
	}{
		{"token", "no_token", withSecret(t), nil},
		{"token", "no_token", withSecret(t), []string{"Authorization", "Basic " + secret}},
		{"token", "several_tokens", withSecret(t), append(bearer(secret), bearer(secret)...)},
		{"token", "wrong_secret", withSecret(t), bearer("a-secret-of-another-server")},
		{"passthrough", "no_token", auth.Passthrough(), nil},
		{"passthrough", "malformed_token", auth.Passthrough(), bearer("retool_" + strings.Repeat("x", 600))},
		{"passthrough", "placeholder", auth.Passthrough(), bearer("${RETOOL_TOKEN}")},
		{"oauth", "no_token", oauth, nil},
		{"oauth", "malformed_token", oauth, bearer("retool_01abcdefghijklmnop")},
		{"oauth", "bad_signature", oauth, bearer(i.sign(jose.RS256, "rsa", otherRSAKey(), i.claims(nil)))},
		{"oauth", "bad_signature", oauth, bearer(i.sign(jose.HS256, "rsa", []byte(strings.Repeat("k", 32)), i.claims(nil)))},
		{"oauth", "wrong_issuer", oauth, in(map[string]any{"iss": "https://evil.example"})},
		{"oauth", "wrong_audience", oauth, in(map[string]any{"aud": "another"})},
		{"oauth", "wrong_audience", oauth, in(map[string]any{"aud": nil})},
		{"oauth", "expired", oauth, in(map[string]any{"exp": 1})},
		{"oauth", "not_yet_valid", oauth, in(map[string]any{"nbf": 1e12})},
		{"oauth", "invalid_claims", oauth, in(map[string]any{"sub": nil})},
		{"oauth", "token_type", oauth, bearer(i.typed("JWT", nil))},
		{"oauth", "no_access_token", oauth, in(map[string]any{"nonce": "n"})},
		{"oauth", "bound_token", oauth, in(map[string]any{"cnf": map[string]any{"jkt": "t"}})},
		{"oauth", "no_rule", oauth, in(nil)},
		{"oauth", "claim_elsewhere", oauth, in(map[string]any{"hasgroups": true})},
		{"oauth", "keys_unavailable", noKeys, in(nil)},
		{"oauth", "internal", denying(errors.New("a text with the token")), nil},
	} {
		t.Run(c.method+" "+c.reason, func(t *testing.T) {
			r := newRecorder()
			url := serve(t, r.of(c.method, c.a))
			// A proxy could be trusted only if an operator said so, and none can.
			got := get(t, url, append(c.headers, "X-Forwarded-For", "192.0.2.1", "Forwarded", "for=192.0.2.1", "X-Real-Ip", "192.0.2.1", "True-Client-Ip", "192.0.2.1")...)
			require.GreaterOrEqual(t, got.Status, 400)
			for n := 1; n < len(c.headers); n += 2 {
				_, token, _ := strings.Cut(c.headers[n], " ")
				noPartOf(t, token, r.log.String())
			}
			lines, counts := r.lines(t)
			require.Equal(t, map[string]int{c.method + " " + c.reason: 1}, counts)
			require.Len(t, lines, 1)
			line := lines[0]
			level := "WARN"
			if c.reason == "no_token" {
				level = "INFO"
			}
			delete(line, "detail") // tested with each reason
			require.Equal(t, map[string]any{"level": level, "msg": "sign-in refused", "method": c.method, "reason": c.reason, "client": "127.0.0.1"}, line)
		})
	}
}

func TestAcceptedSignInsAreNotRecorded(t *testing.T) {
	r := newRecorder()
	url := serve(t, r.of("token", withSecret(t)))
	get(t, url, bearer(secret)...).let(t)
	require.Equal(t, 400, get(t, url, append(bearer(secret), "X-MCP-Readonly", "perhaps")...).Status)
	lines, counts := r.lines(t)
	require.Empty(t, lines)
	require.Empty(t, counts)
}

// A flood of one reason is counted whole, is not logged whole, and hides no other.
func TestFloodOfRefusedSignIns(t *testing.T) {
	r := newRecorder()
	url := serve(t, r.of("token", withSecret(t)))
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			for range 30 {
				req, _ := http.NewRequest(http.MethodGet, url, nil)
				req.Header.Set("Authorization", "Bearer guessed")
				if resp, err := http.DefaultClient.Do(req); err == nil {
					_ = resp.Body.Close()
				}
			}
		})
	}
	all.Wait()
	get(t, url)
	lines, counts := r.lines(t)
	require.Len(t, lines, 10+1)
	require.Equal(t, map[string]int{"token wrong_secret": 300, "token no_token": 1}, counts)
	r.mu.Lock()
	r.now = r.now.Add(time.Minute)
	r.mu.Unlock()
	for range 2 {
		get(t, url, bearer("guessed")...)
	}
	lines, _ = r.lines(t)
	require.Len(t, lines, 2)
	require.InDelta(t, 290, lines[0]["unlogged"], 0)
	require.NotContains(t, lines[1], "unlogged")
}
