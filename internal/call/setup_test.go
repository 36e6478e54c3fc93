package call_test

import (
	"context"
	"encoding/json"
	"flag"
	"io"
	"log"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/pipe"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/sandbox"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

var update = flag.Bool("update", false, "rewrite the table of docs/economy.md")

type object = map[string]any

// client returns a client of h, connected within the process.
func client(t testing.TB, h http.Handler, o retool.Options) *retool.Client {
	t.Helper()
	listener := pipe.Listen("upstream")
	server := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute, ErrorLog: quiet}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { server.Close() })
	o.Dial = listener.Dial
	address, err := retool.ParseAddress("http://upstream", "")
	require.NoError(t, err)
	o.Address = address
	return retool.New(o)
}

// serve returns a runner of all tools with h as the API.
func serve(t testing.TB, h http.Handler, token string, o call.Options) *call.Runner {
	t.Helper()
	if o.Client == nil {
		o.Client = client(t, h, retool.Options{Token: token, Timeout: o.Timeout})
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return call.NewRunner(embedded.Catalog(), o)
}

// onSandbox returns a runner on an emulated organization.
func onSandbox(t testing.TB, o call.Options) (*call.Runner, *upstream) {
	t.Helper()
	box, err := sandbox.New(sandbox.Options{Seed: 1})
	require.NoError(t, err)
	u := &upstream{Handler: box}
	return serve(t, u, sandbox.DefaultToken, o), u
}

// upstream records the requests to an API.
type upstream struct {
	http.Handler
	mu       sync.Mutex
	requests []string // method and path below the API's base
}

func (u *upstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	u.mu.Lock()
	u.requests = append(u.requests, r.Method+" "+r.URL.Path[len("/api/v2"):])
	u.mu.Unlock()
	u.Handler.ServeHTTP(w, r)
}

// take returns the requests since the last take.
func (u *upstream) take() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	taken := u.requests
	u.requests = nil
	return taken
}

// run calls a tool, which must not fail with an error of this program.
func run(t testing.TB, r toolCaller, tool string, arguments any) result.Result {
	t.Helper()
	return runIn(t, r, t.Context(), tool, arguments)
}

type toolCaller interface {
	CallTool(ctx context.Context, name string, arguments []byte) (result.Result, error)
}

// runIn is run with a context.
func runIn(t testing.TB, r toolCaller, ctx context.Context, tool string, arguments any) result.Result { //nolint:revive // t comes first in tests
	t.Helper()
	encoded, err := json.Marshal(arguments)
	require.NoError(t, err)
	outcome, err := r.CallTool(ctx, tool, encoded)
	require.NoError(t, err)
	return outcome
}

// refused requires a refusal before anything was sent.
func refused(t testing.TB, outcome result.Result, says string) {
	t.Helper()
	require.True(t, outcome.IsError, outcome.Text)
	require.Equal(t, "Not sent: "+says, outcome.Text)
}

// respond responds to every request with a status and a body.
func respond(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

var quiet = log.New(io.Discard, "", 0)
