package server_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	calls "github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

// printOf is by what the upstream of the test tells a token.
func printOf(token string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(token)))[:16] }

// An echoing upstream answers with the token that it saw, as it came and as its
// print. It counts calls, and the connections on which they came.
type echoing struct {
	*httptest.Server
	calls, connections atomic.Int32
}

func newEchoing(t testing.TB) *echoing {
	t.Helper()
	u := &echoing{}
	u.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u.calls.Add(1)
		token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		time.Sleep(time.Duration(u.calls.Load()%5) * time.Millisecond) // so that calls overtake each other
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"success": true, "data": map[string]any{"id": path.Base(r.URL.Path), "email": printOf(token), "first_name": token}})
	}))
	u.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			u.connections.Add(1)
		}
	}
	u.Start()
	t.Cleanup(u.Close)
	return u
}

// Everybody's calls go through one runner, one client and connections that all
// share, and each is made with the caller's own token.
func TestCallsUseTheTokenOfTheirCaller(t *testing.T) {
	t.Parallel()
	const callers = 200
	c := embedded.Catalog()
	upstream := newEchoing(t)
	address, err := retool.ParseAddress(upstream.URL, "")
	require.NoError(t, err)
	run := calls.NewRunner(c, calls.Options{Client: retool.New(retool.Options{Address: address, Token: "retool_own"}), Log: discard})
	for w, each := range map[way]int{ways[0]: 20, ways[1]: 4, ways[2]: 4, ways[4]: 4} {
		t.Run(w.name, func(t *testing.T) {
			upstream.calls.Store(0)
			upstream.connections.Store(0)
			s := serveHTTP(t, newService(c, run).HTTP(w.options()))
			s.shared = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 32}}
			var all sync.WaitGroup
			for i := range callers {
				token := fmt.Sprintf("retool_secret_%d", i)
				headers := map[string]string{callerHeader: fmt.Sprint(i), tokenHeader: token}
				want := printOf(token)
				if i == 0 { // who brings none
					headers, want = map[string]string{callerHeader: "0"}, printOf("retool_own")
				}
				all.Go(func() {
					conn := w.client(t, s, headers)
					for n := range each {
						user := fmt.Sprintf("user_%dx%d", i, n)
						answer, err := callTool(t.Context(), conn, "get_user", map[string]any{"userId": user})
						if err != nil {
							t.Error(err)
							return
						}
						text := fmt.Sprint(answer.Content)
						assert.Contains(t, text, want)
						assert.Contains(t, text, user)
						assert.NotContains(t, text, "retool_secret", "no token, and least of all another's")
						assert.NotContains(t, text, "retool_own")
					}
				})
			}
			all.Wait()
			require.EqualValues(t, callers*each, upstream.calls.Load())
			require.Less(t, upstream.connections.Load(), upstream.calls.Load()/2, "connections are shared")
		})
	}
}
