package mcpfix

import (
	"context"
	"encoding/json"
	"errors"

	mcpserver "github.com/mark3labs/mcp-go/server"
)

// mcp-go runs a call that was canceled while it waited for a worker: its
// cancellations reach running requests only. The protocol wants no further work
// on a canceled request.
//
// So a hook refuses a request that is marked as canceled before it starts.

var errCanceled = errors.New("canceled by the client")

func refuseCanceled(s *mcpserver.MCPServer) {
	hooks := s.GetHooks()
	if hooks == nil {
		hooks = &mcpserver.Hooks{}
		mcpserver.WithHooks(hooks)(s)
	}
	hooks.AddOnRequestInitialization(func(ctx context.Context, id, _ any) error {
		pending, ok := ctx.Value(pendingKey{}).(*pendingRequests)
		if !ok {
			return nil // not a request of Listen
		}
		seen, err := json.Marshal(id) // as mcp-go writes it
		if err != nil {
			return nil //nolint:nilerr // no request has an id that cannot be written
		}
		if r, _ := pending.find(string(seen)); r.canceled {
			return errCanceled
		}
		return nil
	})
}
