package server

import (
	"context"
	"log/slog"
	"strings"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// clientLimits are the numbers of tools that client programs support, by a part
// of the name in their handshake, in lower case. docs/tools.md has the same list.
var clientLimits = []struct {
	name   string
	max    int
	beyond string
}{
	{"cursor", 80, "warns above that"},
	{"windsurf", 100, "drops the rest"},
	{"codeium", 100, "drops the rest"},
	{"openai", 128, "refuses the request"},
	{"codex", 128, "refuses the request"},
	{"zed", 128, "refuses the request with OpenAI's models"},
	{"visual studio code", 128, "folds them into groups"},
}

// warnOfClientLimits logs, once for each kind of client, that a client is known to
// support fewer tools than are served.
func warnOfClientLimits(hooks *mcpserver.Hooks, count func() int, log *slog.Logger) {
	var warned sync.Map
	check := func(client string) {
		served := count()
		for _, limit := range clientLimits {
			if served <= limit.max || !strings.Contains(strings.ToLower(client), limit.name) {
				continue
			}
			if _, again := warned.LoadOrStore(limit.name, true); !again {
				log.Warn("client supports fewer tools than are served: serve fewer toolsets, such as core",
					"client", client, "supports", limit.max, "beyond", limit.beyond, "served", served)
			}
			return
		}
	}
	hooks.AddAfterInitialize(func(_ context.Context, _ any, r *mcp.InitializeRequest, _ *mcp.InitializeResult) {
		check(r.Params.ClientInfo.Name)
	})
	hooks.AddAfterListTools(func(ctx context.Context, _ any, _ *mcp.ListToolsRequest, _ *mcp.ListToolsResult) {
		if info := mcpserver.RequestProtocolInfoFromContext(ctx); info != nil && info.ClientInfo != nil {
			check(info.ClientInfo.Name)
		}
	})
}
