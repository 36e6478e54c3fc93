package mcpfix

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
	"github.com/stretchr/testify/require"
)

// Each TestMCPGo… shows a defect of bare mcp-go that a file of this package works
// around. If one fails, mcp-go no longer has the defect: delete the workaround.

const (
	soon  = 10 * time.Second       // bounds the wait for something that happens
	pause = 100 * time.Millisecond // shows that something does not happen
)

// bareTools are an mcp-go server with a tool that answers at once ("echo") and
// one that waits until its context ends or release is closed ("slow").
type bareTools struct {
	*mcpserver.MCPServer
	started  chan string // the tag of each slow call
	canceled chan string // the tag of each slow call whose context ended
	release  chan struct{}
}

func newBareTools(t testing.TB) *bareTools {
	t.Helper()
	b := &bareTools{
		MCPServer: mcpserver.NewMCPServer("bare", "1", mcpserver.WithToolCapabilities(true)),
		started:   make(chan string, 100), canceled: make(chan string, 100), release: make(chan struct{}),
	}
	b.AddTool(mcp.NewTool("echo"), func(_ context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultText(r.GetString("text", "")), nil
	})
	b.AddTool(mcp.NewTool("slow"), func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		b.started <- r.GetString("tag", "")
		select {
		case <-b.release:
			return mcp.NewToolResultText("released"), nil
		case <-ctx.Done():
			b.canceled <- r.GetString("tag", "")
			return nil, ctx.Err()
		}
	})
	return b
}

func slow(id, tag string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":"tools/call","params":{"name":"slow","arguments":{"tag":%q}}}`, id, tag)
}

func cancellation(id string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":%s}}`, id)
}

const ping = `{"jsonrpc":"2.0","id":"ping","method":"ping"}`

// wait returns what comes from a channel, or the zero value when it is closed.
func wait[T any](t testing.TB, from <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-from:
	case <-time.After(soon):
		require.FailNow(t, "nothing came")
	}
	return v
}
