package server_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"
)

// addSteps adds a tool that reports three steps and ends at once.
func addSteps(f *fixture) {
	f.AddTool(mcp.NewTool("steps"), func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		for i := 1; i <= 3; i++ {
			if err := f.SendNotificationToClient(ctx, "notifications/progress", map[string]any{
				"progressToken": r.Params.Meta.ProgressToken, "progress": i, "total": 3,
			}); err != nil {
				return nil, err
			}
		}
		return mcp.NewToolResultText("done"), nil
	})
}

// The library hands notifications to another goroutine and would often lose the
// last one, or send it after the answer. A client that also listens on the
// stream of its session gets some of them there, in no order with the others.
func TestAllProgressComesBeforeTheAnswer(t *testing.T) {
	const runs = 100
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			f := newFixture(t)
			addSteps(f)
			conn := w.client(t, f.site(t, w), nil)
			var mu sync.Mutex
			got := map[string][]any{}
			conn.OnNotification(func(n mcp.JSONRPCNotification) {
				mu.Lock()
				defer mu.Unlock()
				token := fmt.Sprint(n.Params.AdditionalFields["progressToken"])
				got[token] = append(got[token], n.Params.AdditionalFields["progress"])
			})
			for i := range runs {
				r := mcp.CallToolRequest{}
				token := fmt.Sprintf("run %d", i)
				r.Params.Name, r.Params.Meta = "steps", &mcp.Meta{ProgressToken: token}
				answer, err := conn.CallTool(t.Context(), r)
				require.NoError(t, err)
				require.Equal(t, "done", textOf(t, answer))
				mu.Lock()
				require.Equal(t, []any{1., 2., 3.}, got[token], "run %d", i)
				mu.Unlock()
			}
		})
	}
}
