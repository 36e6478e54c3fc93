package server

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/retool-mcp/retool-mcp/internal/server/mcpfix"
)

const (
	// stdioWorkers is how many tool calls run at once. They wait for Retool, not
	// for a processor.
	stdioWorkers = 32

	// stdioQueue is how many tool calls may wait for a worker. When it is full,
	// mcp-go runs calls on its read loop, and pings and cancellations wait.
	stdioQueue = 1000
)

// StdioOptions configures [ServeStdio].
type StdioOptions struct {
	// Drain bounds the wait for running requests when the input ends. Zero does
	// not wait.
	Drain time.Duration

	// List returns the answer to a plain tools/list; nil leaves it to mcp-go.
	// [Service.ServeStdio] sets it.
	List func() json.RawMessage

	// Logger receives problems; nil discards them. It must not write to the
	// stream that carries the protocol.
	Logger *slog.Logger
}

// ServeStdio serves the catalog to one client on stdio; see [ServeStdio].
func (s *Service) ServeStdio(ctx context.Context, in io.Reader, out io.Writer, o StdioOptions) error {
	o.List = func() json.RawMessage { return List(s.now.Load().catalog) }
	return ServeStdio(ctx, s.mcp, in, out, o)
}

// ServeStdio serves m to one client, which writes a JSON-RPC message per line to
// in and reads the answers from out.
//
//   - The end of in takes effect once all requests read from it are answered.
//   - A canceled request is not answered, and not started if it was waiting.
//   - An answer carries the id exactly as the client wrote it.
//   - A line that is not a JSON-RPC message gets one error; blank lines get none.
//   - A client that stops reading its answers ends the service.
//
// It returns nil when in has ended and everything is answered, and otherwise the
// reason for the end: the cause of ctx, a failed read or write, or requests
// unanswered after o.Drain. It does not wait for a handler that ignores its
// context or a read blocked on in; these write nothing to out afterwards.
//
// It adds a hook to m, so m must not serve another transport yet, and only one
// ServeStdio may run at a time, because mcp-go has a single stdio session.
func ServeStdio(ctx context.Context, m *mcpserver.MCPServer, in io.Reader, out io.Writer, o StdioOptions) error {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	stdio := mcpserver.NewStdioServer(m)
	mcpserver.WithWorkerPoolSize(stdioWorkers)(stdio)
	mcpserver.WithQueueSize(stdioQueue)(stdio)
	mcpserver.WithErrorLogger(slog.NewLogLogger(o.Logger.Handler(), slog.LevelWarn))(stdio)
	return mcpfix.Listen(ctx, m, stdio, in, out, mcpfix.ListenOptions{Drain: o.Drain, Respond: o.respond, Logger: o.Logger})
}

// respond answers tools/list, unless its params ask for more than the list: a
// cursor, or metadata of a protocol later than the initialize era.
func (o StdioOptions) respond(method mcp.MCPMethod, params jsontext.Value) json.RawMessage {
	if method != mcp.MethodToolsList || o.List == nil {
		return nil
	}
	if params != nil && string(bytes.Join(bytes.Fields(params), nil)) != "{}" {
		return nil
	}
	return o.List()
}
