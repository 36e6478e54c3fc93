package server

import (
	"context"
	"log/slog"
	"strings"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// limits are how many tools a client program takes, by a part of the name under
// which it introduces itself, in lower case. docs/tools.md has the same list.
var limits = []struct {
	name string
	most int
	then string
}{
	{"cursor", 80, "warns above that"},
	{"windsurf", 100, "drops the rest"},
	{"codeium", 100, "drops the rest"},
	{"openai", 128, "refuses the request"},
	{"codex", 128, "refuses the request"},
	{"zed", 128, "refuses the request with OpenAI's models"},
	{"visual studio code", 128, "folds them into groups"},
}

// warnOfLimits tells the operator, once for each kind of client, if one that
// introduces itself is known to take fewer tools than are served.
func warnOfLimits(hooks *mcpserver.Hooks, count func() int, log *slog.Logger) {
	var told sync.Map
	check := func(client string) {
		served := count()
		for _, limit := range limits {
			if served <= limit.most || !strings.Contains(strings.ToLower(client), limit.name) {
				continue
			}
			if _, again := told.LoadOrStore(limit.name, true); !again {
				log.Warn("more tools are served than this client takes: set RETOOL_MCP_TOOLSETS=core, or the toolsets you need",
					"client", client, "takes", limit.most, "then", limit.then, "served", served)
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
