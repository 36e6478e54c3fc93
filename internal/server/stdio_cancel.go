package server

import (
	"context"
	"encoding/json"
	"errors"

	mcpserver "github.com/mark3labs/mcp-go/server"
)

var errCancelled = errors.New("cancelled by the client")

type ledgerKey struct{}

func withLedger(ctx context.Context, l *ledger) context.Context {
	return context.WithValue(ctx, ledgerKey{}, l)
}

// skipCancelled makes s turn down a request that was cancelled before it began,
// while it was queued for a worker. mcp-go can cancel running requests only.
func skipCancelled(s *mcpserver.MCPServer) {
	hooks := s.GetHooks()
	if hooks == nil {
		hooks = &mcpserver.Hooks{}
		mcpserver.WithHooks(hooks)(s)
	}
	hooks.AddOnRequestInitialization(func(ctx context.Context, id, _ any) error {
		requests, ok := ctx.Value(ledgerKey{}).(*ledger)
		if !ok {
			return nil // not a request of ServeStdio
		}
		seen, err := json.Marshal(id) // which is how mcp-go echoes it
		if err != nil {
			return nil //nolint:nilerr // an id that cannot be written was not in a request, so none was cancelled
		}
		if request, _ := requests.find(string(seen)); request.cancelled {
			return errCancelled
		}
		return nil
	})
}
