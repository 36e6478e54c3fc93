package call_test

import (
	"encoding/json"
	"flag"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/sandbox"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

var update = flag.Bool("update", false, "rewrite the table of docs/economy.md")

// serve runs h as the API, and returns a runner of all tools for it.
func serve(t testing.TB, h http.Handler, token string, o call.Options) *call.Runner {
	t.Helper()
	upstream := httptest.NewServer(h)
	t.Cleanup(upstream.Close)
	address, err := retool.ParseAddress(upstream.URL, "")
	require.NoError(t, err)
	o.Client = retool.New(retool.Options{Address: address, Token: token, Timeout: o.Timeout})
	o.Log = slog.New(slog.DiscardHandler)
	return call.NewRunner(embedded.Catalog(), o)
}

// onSandbox runs tools on an emulated organization.
func onSandbox(t testing.TB, o call.Options) (*call.Runner, http.Handler) {
	t.Helper()
	box, err := sandbox.New(sandbox.Options{Seed: 1})
	require.NoError(t, err)
	return serve(t, box, sandbox.DefaultToken, o), box
}

// run calls a tool that must not break.
func run(t testing.TB, r *call.Runner, tool string, arguments any) result.Result {
	t.Helper()
	encoded, err := json.Marshal(arguments)
	require.NoError(t, err)
	outcome, err := r.CallTool(t.Context(), tool, encoded)
	require.NoError(t, err)
	return outcome
}

const patience = 10 * time.Second
