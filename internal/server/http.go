package server

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/server/jsonrpc"
	"github.com/retool-mcp/retool-mcp/internal/server/mcpfix"
)

// HTTPOptions are the settings of the HTTP transports.
type HTTPOptions struct {
	// Stateful makes streamable HTTP keep sessions. Without sessions each request
	// is independent, and any replica can answer it.
	Stateful bool
	// SessionTTL is how long a session lives without a request.
	SessionTTL time.Duration
	// MaxSessions and MaxSessionsPerCaller limit the sessions that exist at once;
	// 0 means no limit.
	MaxSessions, MaxSessionsPerCaller int
	// KeepAlive is the interval of keep-alive messages on a stream; 0 means 25 s.
	KeepAlive time.Duration
	// BasePath is the path that a proxy adds in front, "" for none.
	BasePath string
	// Keep keeps a request in the limits until release is called, for messages that
	// are answered after their request, over server-sent events; nil does not. The
	// context is that of the request.
	Keep func(context.Context) (release func())
	// Share returns the id under which the sessions of the caller count, and Check
	// tells, where those are too many, whether the caller now has an id of their own.
	// Nil means that each caller has.
	Share func(context.Context) string
	Check func(context.Context) bool
	Log   *slog.Logger
}

// HTTP holds the handlers of both HTTP transports. They take the caller from the
// context; checks of Host and Origin, limits and authentication go in front.
type HTTP struct {
	// Streamable serves streamable HTTP on one path.
	Streamable http.Handler
	// Stream and Messages serve the older transport, HTTP+SSE: the event stream,
	// and the endpoint that takes messages.
	Stream, Messages http.Handler

	stateful   bool
	streamable *mcpserver.StreamableHTTPServer
	sessions   *sessions // of streamable HTTP
	streams    *sessions // of HTTP+SSE
	closing    context.Context
	close      context.CancelFunc
}

// MessagesPath is the path of HTTP.Messages.
const MessagesPath = "/messages"

// ToolMiddleware is what an mcp-go server needs for Transports and ServeStdio.
func ToolMiddleware(next mcpserver.ToolHandlerFunc) mcpserver.ToolHandlerFunc {
	return mcpfix.Arguments(mcpfix.EndWithClient(mcpfix.Progress(next)))
}

// HTTP returns the handlers of both HTTP transports.
func (s *Service) HTTP(o HTTPOptions) *HTTP {
	s.register()
	return Transports(s.mcp, o)
}

// Transports returns the handlers for an mcp-go server with ToolMiddleware.
func Transports(m *mcpserver.MCPServer, o HTTPOptions) *HTTP {
	o.KeepAlive = cmp.Or(o.KeepAlive, 25*time.Second) // proxies end connections that are silent for a minute
	h := &HTTP{
		stateful: o.Stateful,
		sessions: newSessions(o.MaxSessions, o.MaxSessionsPerCaller),
		streams:  newSessions(0, 0),
	}
	h.closing, h.close = context.WithCancel(context.Background())
	h.streamable = h.newStreamable(m, o)

	handler := mcpfix.StreamProgress(h.streamable, o.KeepAlive)
	handler = mcpfix.EndStreams(handler, h.closing)
	handler = h.reserveSession(handler, o.Share, o.Check)
	handler = mcpfix.RequireSession(handler, h.inSession, h.sessionOf)
	handler = mcpfix.DropCancellations(handler, h.inSession)
	handler = mcpfix.CheckMethodHeader(handler)
	h.Streamable = h.allowMethods(mcpfix.ReadMethod(handler))

	sse := mcpserver.NewSSEServer(m,
		mcpserver.WithMessageEndpoint(MessagesPath),
		mcpserver.WithStaticBasePath(o.BasePath),
		mcpserver.WithSSEDisableLocalhostProtection(true), // the guard checks Host
		mcpserver.WithKeepAliveInterval(o.KeepAlive),
		mcpserver.WithSessionIDGenerator(reservedID),
	)
	h.Stream = mcpfix.HideProtocolVersion(h.openStream(sse.SSEHandler()))
	h.Messages = mcpfix.HideProtocolVersion(h.postMessage(sse.MessageHandler(), o.Keep))
	return h
}

func (h *HTTP) newStreamable(m *mcpserver.MCPServer, o HTTPOptions) *mcpserver.StreamableHTTPServer {
	options := []mcpserver.StreamableHTTPOption{
		mcpserver.WithStreamableHTTPLogger(o.Log),
		mcpserver.WithDisableLocalhostProtection(true), // the guard checks Host
	}
	if !o.Stateful {
		return mcpserver.NewStreamableHTTPServer(m, append(options, mcpserver.WithStateLess(true), mcpserver.WithDisableStreaming(true))...)
	}
	return mcpserver.NewStreamableHTTPServer(m, append(options,
		mcpserver.WithSessionIdManagerResolver(h.sessions),
		mcpserver.WithSessionIdleTTL(o.SessionTTL),
		// A heartbeat on a stream also keeps its session.
		mcpserver.WithHeartbeatInterval(min(o.KeepAlive, o.SessionTTL/3)))...)
}

// SessionCount returns the number of sessions of both transports.
func (h *HTTP) SessionCount() int { return h.sessions.count() + h.streams.count() }

// Close ends all sessions and everything that only listens. Running calls
// continue, and an event stream ends with the last of its calls.
func (h *HTTP) Close(ctx context.Context) {
	h.close()
	_ = h.streamable.Shutdown(ctx) // it has no server of its own to shut down
}

// inSession reports whether a request belongs to a session of streamable HTTP.
// Protocol 2026-07-28 has none.
func (h *HTTP) inSession(r *http.Request) bool {
	return h.stateful && !mcp.IsModernProtocol(r.Header.Get("Mcp-Protocol-Version"))
}

// allowMethods refuses every method but POST and, in a session, GET and DELETE.
func (h *HTTP) allowMethods(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ofSession := r.Method == http.MethodGet || r.Method == http.MethodDelete
		if allowed := r.Method == http.MethodPost || ofSession && h.inSession(r); !allowed {
			w.Header().Set("Allow", http.MethodPost)
			jsonrpc.WriteError(w, http.StatusMethodNotAllowed, mcp.INVALID_REQUEST, "Method not allowed. Use POST.")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func callerID(r *http.Request) string { return caller.From(r.Context()).ID }

// openStream makes a session that lasts as long as its event stream.
func (h *HTTP) openStream(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, _ := h.streams.add(callerID(r), callerID(r)) // without limits it never fails; the guard limits streams
		defer h.streams.drop(s.id)
		s.stream = mcpfix.NewStream(s.ctx, w, s.end)         //nolint:contextcheck // the session's context, which ends with the stream
		defer context.AfterFunc(h.closing, s.stream.Drain)() //nolint:contextcheck // the end of the server is not that of the request
		defer s.stream.Close()
		r, cancel := mcpfix.Until(withReserved(r, s), s.ctx) //nolint:contextcheck // as above
		defer cancel()
		next.ServeHTTP(s.stream, r)
	})
}

// postMessage passes a message to the caller's stream that the query names.
func (h *HTTP) postMessage(next http.Handler, keep func(context.Context) (release func())) http.Handler {
	if keep == nil {
		keep = func(context.Context) func() { return func() {} }
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.URL.Query().Get("sessionId")
		if id == "" {
			jsonrpc.WriteError(w, http.StatusBadRequest, mcp.INVALID_PARAMS, "Missing sessionId. Open the stream, and post to the address that it names.")
			return
		}
		s := h.streams.find(callerID(r), id)
		if s == nil {
			jsonrpc.WriteError(w, http.StatusNotFound, mcp.INVALID_PARAMS, "Unknown session. Open the stream again.")
			return
		}
		s.stream.Post(w, r, next, func() (release func()) { return keep(r.Context()) }) //nolint:contextcheck // that of the request
	})
}
