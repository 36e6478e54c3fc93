package call_test

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

// Many callers with tokens of their own share one client and its connections.
// Each gets the responses to their own token only.
func TestTokensAreNeverMixed(t *testing.T) {
	const callers, calls = 200, 20
	var connections atomic.Int64
	upstream := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		owner, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer retool_secret_of_")
		if !ok {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"success":true,"data":{"owner":"caller %s","asked":%q}}`, owner, r.URL.Path)
	}))
	upstream.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	upstream.Start()
	defer upstream.Close()

	address, err := retool.ParseAddress(upstream.URL, "")
	require.NoError(t, err)
	own := retool.New(retool.Options{Address: address, Token: "retool_secret_of_operator"})
	runner := call.NewRunner(embedded.Catalog(), call.Options{Client: own, Log: slog.New(slog.DiscardHandler)})

	var all sync.WaitGroup
	wrong := make(chan string, callers*calls)
	for i := range callers {
		all.Go(func() {
			ctx := caller.With(t.Context(), caller.Caller{ID: fmt.Sprint(i), Token: fmt.Sprintf("retool_secret_of_%03d", i)})
			for n := range calls {
				answer, err := runner.CallTool(ctx, "get_group", fmt.Appendf(nil, `{"groupId":"%d"}`, n))
				want := fmt.Sprintf(`{"data":{"owner":"caller %03d","asked":"/api/v2/groups/%d"}}`, i, n)
				if err != nil || answer.IsError || answer.Text != want {
					wrong <- fmt.Sprintf("caller %d: %v %s", i, err, answer.Text)
				}
			}
		})
	}
	all.Wait()
	close(wrong)
	for text := range wrong {
		t.Error(text)
	}
	require.Less(t, connections.Load(), int64(callers*calls/2), "connections are shared")

	answer, err := runner.CallTool(t.Context(), "get_group", []byte(`{"groupId":"1"}`))
	require.NoError(t, err)
	require.Contains(t, answer.Text, `"owner":"caller operator"`, "without a caller the program's own token counts")
}
