package server

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/tools"
)

// The library spends milliseconds on schemas that never change: it decodes each
// when a tool is registered, and copies each four times whenever the tools are
// listed. So tools are registered with an empty schema; the real ones go into
// its list just before it leaves, and the common request for the list is
// answered with bytes of our own, which a test holds equal to the library's.

var emptySchema = json.RawMessage(`{"type":"object"}`)

// listSchemas makes the library list the real schemas, of the tools that the
// caller may use.
func (s *Service) listSchemas(hooks *mcpserver.Hooks) {
	hooks.AddAfterListTools(func(ctx context.Context, _ any, _ *mcp.ListToolsRequest, list *mcp.ListToolsResult) {
		c, who := s.now.Load().catalog, caller.From(ctx)
		served := list.Tools[:0]
		for _, tool := range list.Tools {
			t := c.Find(tool.Name)
			if t == nil { // one that is only there to explain itself
				continue
			}
			if _, no := refused(who, t); !no {
				tool.RawInputSchema = json.RawMessage(t.Schema)
				served = append(served, tool)
			}
		}
		list.Tools = served
	})
}

// List returns the result of tools/list exactly as a client gets it that speaks
// a protocol of the initialize era.
func List(c *tools.Catalog) json.RawMessage {
	size := 0
	for i := range c.Tools {
		t := &c.Tools[i]
		size += len(t.Title) + len(t.Description) + len(t.Schema) + len(t.Name) + around
	}
	out := append(make([]byte, 0, size), `{"tools":[`...)
	for i := range c.Tools {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendDefinition(out, &c.Tools[i])
	}
	return append(out, `]}`...)
}

// around is more than what stands around the texts of a definition.
const around = 256

func appendDefinition(out []byte, t *tools.Tool) []byte {
	hint := func(name string, value bool) {
		out = strconv.AppendBool(append(append(append(out, `,"`...), name...), `":`...), value)
	}
	out = appendQuote(append(out, `{"annotations":{"title":`...), t.Title)
	hint("readOnlyHint", t.Hints.ReadOnly)
	hint("destructiveHint", t.Hints.Destructive)
	hint("idempotentHint", t.Hints.Idempotent)
	hint("openWorldHint", t.Hints.OpenWorld)
	out = appendQuote(append(out, `},"description":`...), t.Description)
	out = append(append(out, `,"inputSchema":`...), t.Schema...)
	return append(appendQuote(append(out, `,"name":`...), t.Name), '}')
}

func appendQuote(out []byte, s string) []byte {
	out, _ = jsontext.AppendQuote(out, s) // the error tells of invalid UTF-8, which is replaced
	return out
}
