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
		catalog, c := s.now.Load().catalog, caller.From(ctx)
		listed := list.Tools[:0]
		for _, tool := range list.Tools {
			t := catalog.Find(tool.Name)
			if t == nil { // unavailable
				continue
			}
			if _, no := unauthorized(c, t); !no {
				tool.RawInputSchema = json.RawMessage(t.Schema)
				listed = append(listed, tool)
			}
		}
		list.Tools = listed
	})
}

// List returns the result of tools/list as clients of the initialize era get it.
// A test holds it equal to mcp-go's.
func List(c *tools.Catalog) json.RawMessage {
	size := 0
	for i := range c.Tools {
		t := &c.Tools[i]
		size += len(t.Title) + len(t.Description) + len(t.Schema) + len(t.Name) + definitionSize
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

// definitionSize is more than a definition takes besides its texts.
const definitionSize = 256

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
	out, _ = jsontext.AppendQuote(out, s) // the error is invalid UTF-8, which is replaced
	return out
}
