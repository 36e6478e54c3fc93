package auth_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/server/auth"
)

const (
	manyCallers  = 200
	callsOfEach  = 10
	sharedByMany = 8 // connections
)

// crowd has many callers ask at once over a few connections that they share, and
// checks what the handler saw of each.
func crowd(t *testing.T, a auth.Authenticator, token func(n int) string, check func(n int, asks caller.Caller) bool) {
	s := httptest.NewServer(auth.Middleware(a, served, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewEncoder(w).Encode(seen{caller.From(r.Context()), r.Header})
	})))
	defer s.Close()
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: sharedByMany, MaxIdleConnsPerHost: sharedByMany}}
	defer client.CloseIdleConnections()
	ask := func(n int) error {
		req, err := http.NewRequest(http.MethodPost, s.URL, nil)
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer "+token(n))
		req.Header.Set("X-MCP-Toolsets", served[n%3])
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		var got seen
		if err := json.NewDecoder(resp.Body).Decode(&got); err != nil {
			return err
		}
		_, _ = io.Copy(io.Discard, resp.Body) // else the connection would not be shared
		if got.Headers.Get("Authorization") != "" || !check(n, got.Caller) || len(got.Caller.Toolsets) != 1 || got.Caller.Toolsets[0] != served[n%3] {
			return fmt.Errorf("caller %d was taken for somebody else, or kept the header", n)
		}
		return nil
	}
	var all sync.WaitGroup
	for n := range manyCallers {
		all.Go(func() {
			for range callsOfEach {
				if err := ask(n); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

func TestConcurrentCallersKeepTheirTokens(t *testing.T) {
	token := func(n int) string { return fmt.Sprintf("retool_%03d", n) }
	crowd(t, auth.Passthrough(), token, func(n int, asks caller.Caller) bool {
		return asks.Token == token(n) && asks.ID == "retool:"+hashOf(token(n))[:16]
	})
}

func TestConcurrentCallersKeepTheirIdentity(t *testing.T) {
	issuer := newIssuer(t)
	a, err := auth.OAuth(issuer.options())
	require.NoError(t, err)
	tokens := make([]string, manyCallers)
	for n := range tokens {
		tokens[n] = issuer.token(map[string]any{"sub": fmt.Sprint(n)})
	}
	crowd(t, a, func(n int) string { return tokens[n] }, func(n int, asks caller.Caller) bool {
		return asks.Token == "" && asks.ID == "oauth:"+hashOf(fmt.Sprintf("%s\x00%d", issuer.URL, n))[:16]
	})
	require.Equal(t, 1, issuer.times(keysPath), "they share the keys")
}
