package e2e_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Whoever invents tokens gets a few streams, sessions and calls, together. Those with
// a real token are served, on either transport, also if it is new to the server.
func TestRemoteInventedTokens(t *testing.T) {
	t.Parallel()
	raised()
	const streams = 2000
	for _, stateful := range []bool{false, true} {
		t.Run(fmt.Sprintf("stateful %t", stateful), func(t *testing.T) {
			u := newUpstream(t, func(w http.ResponseWriter, r *http.Request) {
				if !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer retool_honest") {
					answering(http.StatusUnauthorized, jsonType, `{"success":false,"message":"Invalid access token"}`)(w, r)
					return
				}
				good(w, r)
			})
			r := serveRemote(t, environment(t, "RETOOL_MCP_SPEC="+smallDocument(t), "RETOOL_URL="+u.URL, fmt.Sprintf("RETOOL_MCP_STATEFUL=%t", stateful)), "--auth", "passthrough")
			requireServed := func(token string) {
				headers := map[string]string{"Authorization": "Bearer " + token}
				requireClient(t, legacy, overSSE(t, r.url, headers)).succeed("get_settings", nil)
				requireClient(t, legacy, overHTTP(t, r.url, headers)).succeed("get_settings", nil)
				requireClient(t, modern, overHTTP(t, r.url, headers)).succeed("get_settings", nil)
			}
			requireServed("retool_honest_known")

			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			client := &http.Client{Transport: &http.Transport{}}
			var wg sync.WaitGroup
			var mu sync.Mutex
			statuses := map[int]int{}
			for worker := range 50 {
				wg.Go(func() {
					for i := worker; i < streams; i += 50 {
						request, _ := http.NewRequestWithContext(ctx, http.MethodGet, r.url+"/sse", http.NoBody)
						request.Header.Set("Authorization", fmt.Sprint("Bearer invented_", i))
						answer, err := client.Do(request) //nolint:bodyclose // it ends with ctx
						if err != nil {
							continue
						}
						mu.Lock()
						statuses[answer.StatusCode]++
						mu.Unlock()
						if stateful {
							_, _ = r.tryAsk(ctx, http.MethodPost, "/mcp", initializeLine, fmt.Sprint("Authorization: Bearer invented_", i))
						}
					}
				})
			}
			flooded := make(chan struct{})
			go func() { wg.Wait(); close(flooded) }()
			requireServed("retool_honest_known")
			requireServed("retool_honest_new")
			select {
			case <-flooded:
			case <-time.After(waitTime):
				require.FailNow(t, "the flood does not end")
			}
			require.LessOrEqual(t, statuses[http.StatusOK], 64, "%v", statuses)
			require.Equal(t, streams, statuses[http.StatusOK]+statuses[http.StatusTooManyRequests]+statuses[http.StatusServiceUnavailable], "%v", statuses)
			requireServed("retool_honest_known")
			requireServed("retool_honest_new_at_last")
			leave()
		})
	}
}

// A web page of a proxy, or any other answer that needs no token, accepts none.
func TestRemoteTokensAreAcceptedByTheAPIAlone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status   int
		kind     string
		accepted bool
	}{
		"success":                  {http.StatusOK, jsonType, true},
		"a scope is missing":       {http.StatusForbidden, jsonType, true},
		"no token":                 {http.StatusUnauthorized, jsonType, false},
		"a proxy's refusal":        {http.StatusForbidden, "text/html", false},
		"a login page":             {http.StatusOK, "text/html", false},
		"a path that is unknown":   {http.StatusNotFound, jsonType, false},
		"a limit of requests":      {http.StatusTooManyRequests, jsonType, false},
		"a gateway":                {http.StatusBadGateway, "text/html", false},
		"arguments that are wrong": {http.StatusBadRequest, jsonType, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := newUpstream(t, answering(test.status, test.kind, `{"success":true,"data":"good"}`))
			r := serveRemote(t, environment(t, "RETOOL_MCP_SPEC="+smallDocument(t), "RETOOL_URL="+u.URL, "RETOOL_MCP_RETRIES=0"), "--auth", "passthrough", "--max-streams-per-caller", "1")
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			stream := func(token string) int {
				request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url+"/sse", http.NoBody)
				require.NoError(t, err)
				request.Header.Set("Authorization", "Bearer "+token)
				answer, err := r.http.Do(request) //nolint:bodyclose // it ends with ctx
				require.NoError(t, err)
				if answer.StatusCode != http.StatusOK {
					_, _ = io.Copy(io.Discard, answer.Body)
				}
				return answer.StatusCode
			}
			require.Equal(t, http.StatusOK, stream("first"), "the share of all newcomers")
			r.post(callLine("a", "get_settings", "{}"), bearer("second"))
			u.take()
			want := http.StatusTooManyRequests
			if test.accepted {
				want = http.StatusOK
			}
			require.Equal(t, want, stream("second"))
		})
	}
}
