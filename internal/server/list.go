package server

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/tools"
)

// mcp-go decodes each schema when a tool is registered, and copies each four times
// whenever the tools are listed. Schemas never change, so tools are registered
// with an empty schema, completeList adds the real ones, and stdio answers a plain
// tools/list with List. Real schemas at registration add 0.10 to the ratio of a
// start to that of a one-tool server, mcp-go's list adds 0.15; a start with a cached
// document is at its budget of 1.50 with both tunings.

var emptySchema = json.RawMessage(`{"type":"object"}`)

// completeList makes mcp-go list the tools that the caller may use, with their
// schemas.
func (s *Service) completeList(hooks *mcpserver.Hooks) {
	hooks.AddAfterListTools(func(ctx context.Context, _ any, _ *mcp.ListToolsRequest, list *mcp.ListToolsResult) {
		catalog, c := s.now.Load().listed, caller.From(ctx)
		listed := list.Tools[:0]
		for _, tool := range list.Tools {
			t := catalog.Find(tool.Name)
			if t == nil { // unavailable, or a former name
				continue
			}
			if _, no := unauthorized(c, t); !no {
				tool.RawInputSchema, tool.Meta = json.RawMessage(t.Schema), mcp.NewMetaFromMap(metaOf(t))
				listed = append(listed, tool)
			}
		}
		list.Tools = listed
	})
}

// List returns the result of tools/list as clients of the initialize era get it.
// A test holds it equal to mcp-go's.
func List(c *tools.Catalog) json.RawMessage { return appendList(nil, c) }

func appendList(out []byte, c *tools.Catalog) []byte {
	size := definitionSize // for what follows
	for i := range c.Tools {
		t := &c.Tools[i]
		size += len(t.Title) + 2*len(t.Description) + len(t.Schema) + len(t.Name) + definitionSize
	}
	out = append(slices.Grow(out, size), `{"tools":[`...)
	for i := range c.Tools {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendDefinition(out, &c.Tools[i])
	}
	return append(out, `]}`...)
}

// definitionSize is more than a definition takes besides its texts.
const definitionSize = 512

// Keys of _meta that Claude Code reads, and clients after it: whether the tool is
// loaded at once where others are found by a search, what that search reads, and from
// which size of a result a file replaces it.
const (
	metaAlwaysLoad    = "anthropic/alwaysLoad"
	metaMaxResultSize = "anthropic/maxResultSizeChars"
	metaSearchHint    = "anthropic/searchHint"

	maxResultSize = 100_000 // more than results of --max-result-tokens have by default
)

// searchHint is what a search for the tool should find it by.
func searchHint(t *tools.Tool) string {
	hint, _, _ := strings.Cut(t.Summary(), ";")
	for _, more := range []string{t.Toolset, t.Former} {
		if more != "" {
			hint += "; " + more // as a name: with spaces, a foreign one could pose as a sentence
		}
	}
	return hint
}

// isLarge reports whether results of a tool are as large as the limit often.
func isLarge(t *tools.Tool) bool { return t.Answer.List || t.RunsScripts() }

func metaOf(t *tools.Tool) map[string]any {
	meta := map[string]any{metaSearchHint: searchHint(t)}
	if t.IsLocal() {
		meta[metaAlwaysLoad] = true
	}
	if isLarge(t) {
		meta[metaMaxResultSize] = maxResultSize
	}
	return meta
}

// appendMeta appends what metaOf returns.
func appendMeta(out []byte, t *tools.Tool) []byte {
	out = append(out, `{"_meta":{`...)
	if t.IsLocal() {
		out = append(out, `"`+metaAlwaysLoad+`":true,`...)
	}
	if isLarge(t) {
		out = append(strconv.AppendInt(append(out, `"`+metaMaxResultSize+`":`...), maxResultSize, 10), ',')
	}
	return append(appendQuote(append(out, `"`+metaSearchHint+`":`...), searchHint(t)), `},`...)
}

func appendDefinition(out []byte, t *tools.Tool) []byte {
	hint := func(name string, value bool) {
		out = strconv.AppendBool(append(append(append(out, `,"`...), name...), `":`...), value)
	}
	out = appendQuote(append(appendMeta(out, t), `"annotations":{"title":`...), t.Title)
	hint("readOnlyHint", t.Hints.ReadOnly)
	hint("destructiveHint", t.Hints.Destructive)
	hint("idempotentHint", t.Hints.Idempotent)
	hint("openWorldHint", t.Hints.OpenWorld)
	out = appendQuote(append(out, `},"description":`...), t.Description)
	out = append(append(out, `,"inputSchema":`...), t.Schema...)
	return append(appendQuote(append(out, `,"name":`...), t.Name), '}')
}

func appendQuote(out []byte, s string) []byte {
	out, _ = jsontext.AppendQuote(out, s) // the error is invalid UTF-8, which is replaced
	return out
}

// unauthorized is the authorization filter: it reports whether a caller may not
// list or call a tool, and why. A nil tool is for mcp-go to refuse, a local one
// knows the filter: scripts are held to it with each call that they make.
func unauthorized(c caller.Caller, t *tools.Tool) (reason string, is bool) {
	switch {
	case t == nil || t.IsLocal() && t.Toolset == "":
		return "", false
	case c.ScriptsOnly && t.Toolset != tools.ToolsetScripts:
		return fmt.Sprintf("Not sent: %s belongs to the toolset %s, and this connection has %s.", t.Name, t.Toolset, tools.ToolsetScripts), true
	case isReadOnly(c) && !t.Hints.ReadOnly:
		return fmt.Sprintf("Not sent: %s changes data, and this connection is read-only.", t.Name), true
	case c.WriteToolsets != nil && !t.Hints.ReadOnly && !t.IsLocal() && !contains(c.WriteToolsets, t):
		return fmt.Sprintf("Not sent: %s changes data, and this connection may write only in %s.", t.Name, join(c.WriteToolsets)), true
	case c.Toolsets != nil && !contains(c.Toolsets, t):
		return fmt.Sprintf("Not sent: %s belongs to the toolset %s, and this connection has %s.", t.Name, t.Toolset, join(c.Toolsets)), true
	default:
		return "", false
	}
}

// isReadOnly reports whether a caller may not write at all.
func isReadOnly(c caller.Caller) bool {
	return c.ReadOnly || c.WriteToolsets != nil && len(c.WriteToolsets) == 0
}

func contains(toolsets []string, t *tools.Tool) bool {
	return slices.Contains(toolsets, t.Toolset) || t.Core && slices.Contains(toolsets, tools.ToolsetCore) || slices.Contains(toolsets, tools.ToolsetAll)
}

func join(toolsets []string) string {
	if len(toolsets) == 0 {
		return "none"
	}
	return strings.Join(toolsets, ", ")
}

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
