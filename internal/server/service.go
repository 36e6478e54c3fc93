package server

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync/atomic"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Service is a catalog of tools as it is served. Both can be replaced while
// clients are connected; they are told that the list has changed.
type Service struct {
	mcp      *mcpserver.MCPServer
	now      atomic.Pointer[served]
	log      *slog.Logger
	switches InstructionOptions
}

// served is what a Service serves at one time.
type served struct {
	catalog      *tools.Catalog
	run          ToolCaller
	instructions string
}

func (s *Service) newServed(c *tools.Catalog, run ToolCaller) *served {
	return &served{c, run, instructions(c, s.switches)}
}

// ServiceOptions are the settings of a Service.
type ServiceOptions struct {
	// Version is the program's.
	Version string
	// Switches are what clients are told of the settings.
	Instructions InstructionOptions
	// Trace joins a call to the trace that its _meta or its HTTP headers name;
	// nil leaves the context as it is.
	Trace func(ctx context.Context, meta map[string]any, header http.Header) context.Context
	Log   *slog.Logger
}

// NewService makes a Service for the HTTP transports.
func NewService(c *tools.Catalog, run ToolCaller, o ServiceOptions) *Service {
	s := newService(c, run, o, true)
	s.prepare()
	return s
}

func newService(c *tools.Catalog, run ToolCaller, o ServiceOptions, changes bool) *Service {
	s := &Service{log: o.Log, switches: o.Instructions}
	s.now.Store(s.newServed(c, run))
	hooks := &mcpserver.Hooks{}
	s.listSchemas(hooks)
	s.instruct(hooks)
	warnOfLimits(hooks, func() int { return len(s.now.Load().catalog.Tools) }, o.Log)
	s.mcp = mcpserver.NewMCPServer(Name, o.Version,
		mcpserver.WithToolCapabilities(changes),
		mcpserver.WithHooks(hooks),
		mcpserver.WithToolHandlerMiddleware(Settle),
		mcpserver.WithToolHandlerMiddleware(traced(o.Trace)))
	return s
}

func (s *Service) prepare() { s.mcp.AddTools(s.registered(s.now.Load().catalog)...) }

// Swap serves another catalog from now on, and tells clients if its tools are
// others. Calls in progress end as they began.
func (s *Service) Swap(c *tools.Catalog, run ToolCaller) {
	before := s.now.Swap(s.newServed(c, run))
	if !bytes.Equal(List(before.catalog), List(c)) {
		s.mcp.SetTools(s.registered(c)...)
	}
}

// instruct makes the library greet with the instructions of what is served to the
// caller.
func (s *Service) instruct(hooks *mcpserver.Hooks) {
	hooks.AddAfterInitialize(func(ctx context.Context, _ any, _ *mcp.InitializeRequest, r *mcp.InitializeResult) {
		r.Instructions = s.instructionsFor(caller.From(ctx))
	})
	hooks.AddAfterDiscover(func(ctx context.Context, _ any, _ *mcp.DiscoverRequest, r *mcp.DiscoverResult) {
		r.Instructions = s.instructionsFor(caller.From(ctx))
	})
}

// instructionsFor never name a tool that the caller may not use.
func (s *Service) instructionsFor(who caller.Caller) string {
	now := s.now.Load()
	if !who.ReadOnly && who.WriteToolsets == nil && who.Toolsets == nil {
		return now.instructions
	}
	may := *now.catalog
	may.Tools = slices.DeleteFunc(slices.Clone(may.Tools), func(t tools.Tool) bool {
		_, no := refused(who, &t)
		return no
	})
	return instructions(&may, s.switches)
}

func (s *Service) registered(c *tools.Catalog) []mcpserver.ServerTool {
	out := make([]mcpserver.ServerTool, 0, len(c.Tools)+len(c.Unavailable))
	for i := range c.Tools {
		out = append(out, mcpserver.ServerTool{Tool: definition(&c.Tools[i]), Handler: s.call})
	}
	for _, unavailable := range c.Unavailable {
		out = append(out, explained(c, unavailable))
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

type turnKey struct{}

// inTurn lets the calls below wait for their turn.
func inTurn(next http.Handler, turn func(context.Context) (func(), bool)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if turn != nil {
			r = r.WithContext(context.WithValue(r.Context(), turnKey{}, turn))
		}
		next.ServeHTTP(w, r)
	})
}

// turn waits for a call's turn, if it has to.
func turn(ctx context.Context) (leave func(), ok bool) {
	if wait, has := ctx.Value(turnKey{}).(func(context.Context) (func(), bool)); has {
		return wait(ctx)
	}
	return func() {}, true
}
