// Package server serves a catalog of tools over MCP: it registers the tools with
// mcp-go, runs its transports, and turns results into MCP's.
//
// A [Service] is a catalog and what calls its tools:
//
//	s := server.NewService(catalog, runner, server.ServiceOptions{Version: "1.0.0", Log: log})
//	err := s.ServeStdio(ctx, os.Stdin, os.Stdout, server.StdioOptions{Drain: 10 * time.Second})
//
// [Service.HTTP] returns the handlers of the HTTP transports; package mcpfix works
// around the defects of mcp-go there. The packages guard (limits), auth (callers)
// and remote (listeners) go in front of these handlers.
//
// It must not know documents, schemas or HTTP to Retool: a tool is data, and a
// call is passed on.
package server
