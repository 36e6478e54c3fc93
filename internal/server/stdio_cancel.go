package server

import (
	"context"
	"encoding/json"
	"errors"

	mcpserver "github.com/mark3labs/mcp-go/server"
)

var errCanceled = errors.New("canceled by the client")

type ledgerKey struct{}

func withLedger(ctx context.Context, l *ledger) context.Context {
	return context.WithValue(ctx, ledgerKey{}, l)
}

// skipCanceled makes s turn down a request that was canceled before it began,
// while it was queued for a worker. mcp-go can cancel running requests only.
func skipCanceled(s *mcpserver.MCPServer) {
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
			return nil //nolint:nilerr // an id that cannot be written was not in a request, so none was canceled
		}
		if request, _ := requests.find(string(seen)); request.canceled {
			return errCanceled
		}
		return nil
	})
}
