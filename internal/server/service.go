package server

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Service serves a catalog of tools. Swap replaces the catalog while clients are
// connected, and notifies them that the list has changed.
type Service struct {
	mcp      *mcpserver.MCPServer
	register func() // adds the tools to mcp, once
	now      atomic.Pointer[served]
	options  ServiceOptions
}

// served is what a Service serves at a time.
type served struct {
	// catalog has all tools, listed those that clients see and call.
	catalog, listed *tools.Catalog
	caller          ToolCaller
	instructions    string
}

func (s *Service) newServed(catalog *tools.Catalog, c ToolCaller) *served {
	listed := catalog.Listed()
	return &served{catalog, listed, c, instructions(listed, catalog, s.options.Instructions)}
}

// ServiceOptions are the settings of a Service.
type ServiceOptions struct {
	// Version is the version of the program.
	Version string
	// Instructions are the settings that the instructions to the model mention.
	Instructions InstructionOptions
	// ListChanges declares to clients that Swap may change the list.
	ListChanges bool
	// Trace joins a call to the trace that its _meta or its HTTP headers name; nil
	// does not.
	Trace func(ctx context.Context, meta map[string]any, header http.Header) context.Context
	Log   *slog.Logger
}

// NewService returns a Service for a catalog whose tools c calls.
func NewService(catalog *tools.Catalog, c ToolCaller, o ServiceOptions) *Service {
	s := &Service{options: o}
	s.now.Store(s.newServed(catalog, c))
	hooks := &mcpserver.Hooks{}
	s.completeList(hooks)
	s.instruct(hooks)
	warnOfClientLimits(hooks, func() int { return len(s.now.Load().listed.Tools) }, o.Log)
	s.mcp = mcpserver.NewMCPServer(Name, o.Version,
		mcpserver.WithToolCapabilities(o.ListChanges),
		mcpserver.WithMethodCacheHints(mcp.MethodToolsList, listTTL.Milliseconds(), mcp.CacheScopePrivate),
		mcpserver.WithHooks(hooks),
		mcpserver.WithToolHandlerMiddleware(ToolMiddleware),
		mcpserver.WithToolHandlerMiddleware(traced(o.Trace)))
	s.register = sync.OnceFunc(func() { s.mcp.AddTools(s.registered(catalog)...) })
	if o.ListChanges { // or clients would be told of it
		s.register()
	}
	return s
}

// Swap serves another catalog from now on, and notifies clients if the list
// differs. Running calls end as they began.
func (s *Service) Swap(catalog *tools.Catalog, c ToolCaller) {
	s.register()
	now := s.newServed(catalog, c)
	before := s.now.Swap(now)
	if !bytes.Equal(List(before.listed), List(now.listed)) || !slices.EqualFunc(before.catalog.Tools, catalog.Tools, func(a, b tools.Tool) bool { return a.Name == b.Name }) {
		s.mcp.SetTools(s.registered(catalog)...)
	}
}

// instruct sends each client the instructions for the tools that its caller may
// use.
func (s *Service) instruct(hooks *mcpserver.Hooks) {
	hooks.AddAfterInitialize(func(ctx context.Context, _ any, _ *mcp.InitializeRequest, r *mcp.InitializeResult) {
		r.Instructions = s.instructionsFor(caller.From(ctx))
		if r.ProtocolVersion >= "2025-11-25" { // the first with icons
			r.ServerInfo.Icons = icons
		}
	})
	hooks.AddAfterDiscover(func(ctx context.Context, _ any, _ *mcp.DiscoverRequest, r *mcp.DiscoverResult) {
		r.Instructions = s.instructionsFor(caller.From(ctx))
		r.EnsureResultMeta().SetServerInfo(mcp.Implementation{Name: Name, Version: s.options.Version, Icons: icons})
	})
}

// listTTL is how long a client may take its copy of the list for the present one. A
// reload that changes the list notifies clients besides.
const listTTL = 5 * time.Minute

// icons are those of the server: a data URI, since no address is there for every
// installation. mcp-go would repeat what WithIcons sets in each result.
var icons = []mcp.Icon{{
	Src:      "data:image/svg+xml,%3Csvg%20xmlns='http://www.w3.org/2000/svg'%20viewBox='0%200%2016%2016'%3E%3Cpath%20d='M2%202h12v4H2zm0%206h5v6H2zm7%200h5v6H9z'/%3E%3C/svg%3E",
	MIMEType: "image/svg+xml", Sizes: []string{"any"},
}}

// instructionsFor names no tool that the caller may not use.
func (s *Service) instructionsFor(c caller.Caller) string {
	now := s.now.Load()
	allowed := now.allowed(c)
	if allowed == now.listed {
		return now.instructions
	}
	return instructions(allowed, now.reached(c), s.options.Instructions)
}

// allowed is the catalog of the tools that a caller may use.
func (s *served) allowed(c caller.Caller) *tools.Catalog {
	return only(s.listed, c)
}

// reached is the catalog of the tools that a caller may use or reach with scripts.
func (s *served) reached(c caller.Caller) *tools.Catalog {
	allowed := s.allowed(c)
	if !slices.ContainsFunc(allowed.Tools, func(t tools.Tool) bool { return t.RunsScripts() }) {
		return allowed
	}
	c.ScriptsOnly = false
	return only(s.catalog, c)
}

func only(catalog *tools.Catalog, c caller.Caller) *tools.Catalog {
	if !c.ReadOnly && c.WriteToolsets == nil && c.Toolsets == nil && !c.ScriptsOnly {
		return catalog
	}
	allowed := *catalog
	allowed.Tools = slices.DeleteFunc(slices.Clone(allowed.Tools), func(t tools.Tool) bool {
		_, no := unauthorized(c, &t)
		return no
	})
	return &allowed
}

func (s *Service) registered(c *tools.Catalog) []mcpserver.ServerTool {
	out := make([]mcpserver.ServerTool, 0, len(c.Tools)+len(c.Unavailable))
	for i := range c.Tools {
		t := &c.Tools[i]
		out = append(out, mcpserver.ServerTool{Tool: definition(t), Handler: s.call})
		if t.Former != "" {
			out = append(out, mcpserver.ServerTool{Tool: mcp.Tool{Name: t.Former, RawInputSchema: emptySchema}, Handler: s.call})
		}
	}
	for _, unavailable := range c.Unavailable {
		out = append(out, unavailableTool(c, unavailable.Name))
		if unavailable.Former != "" {
			out = append(out, unavailableTool(c, unavailable.Former))
		}
	}
	return out
}

func traced(trace func(context.Context, map[string]any, http.Header) context.Context) mcpserver.ToolHandlerMiddleware {
	return func(next mcpserver.ToolHandlerFunc) mcpserver.ToolHandlerFunc {
		if trace == nil {
			return next
		}
		return func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			var meta map[string]any
			if r.Params.Meta != nil {
				meta = r.Params.Meta.AdditionalFields
			}
			return next(trace(ctx, meta, r.Header), r)
		}
	}
}
