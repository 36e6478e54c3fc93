package server

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/retool-mcp/retool-mcp/internal/caller"
)

// HTTPOptions are the settings of the HTTP transports.
type HTTPOptions struct {
	// Stateful makes streamable HTTP keep sessions. Without, every request
	// stands for itself and any replica can answer it.
	Stateful bool
	// SessionTTL is how long a session lives without a request.
	SessionTTL time.Duration
	// MaxSessions is how many sessions there may be at once.
	MaxSessions int
	// BasePath is what a proxy puts in front of the paths, "" for nothing.
	BasePath string
	// Turn waits for the turn of a call that goes on after its request was
	// answered, as all do with server-sent events; nil lets all begin at once.
	Turn func(context.Context) (leave func(), ok bool)
	Log  *slog.Logger
}

// keepAlive is how often a stream says that it lives: proxies end those that
// are silent for a minute.
const keepAlive = 25 * time.Second

// HTTP holds the handlers of both HTTP transports. What they need in front of
// them, such as the check of Host and Origin, limits and authentication, is
// not theirs; who asks they take from the context.
type HTTP struct {
	// Streamable is streamable HTTP, for one path.
	Streamable http.Handler
	// Stream and Messages are the older transport of server-sent events: the
	// stream, and where messages are posted to.
	Stream, Messages http.Handler

	streamable *mcpserver.StreamableHTTPServer
	sse        *mcpserver.SSEServer
	owners     *owners // of sessions of streamable HTTP
	streams    *owners // of streams of server-sent events
	closing    context.Context
	close      context.CancelFunc
}

// MessagesPath is where the older transport takes messages.
const MessagesPath = "/messages"

// HTTP makes the handlers of both HTTP transports.
func (s *Service) HTTP(o HTTPOptions) *HTTP { return Transports(s.mcp, o) }

// Transports makes the handlers for any server of the library, which should
// have Settle among its middlewares.
func Transports(m *mcpserver.MCPServer, o HTTPOptions) *HTTP {
	h := &HTTP{owners: newOwners(o.MaxSessions), streams: newOwners(0)}
	h.closing, h.close = context.WithCancel(context.Background())
	options := []mcpserver.StreamableHTTPOption{
		mcpserver.WithStreamableHTTPLogger(o.Log),
		// The guard in front knows the names under which the server may be called.
		mcpserver.WithDisableLocalhostProtection(true),
		mcpserver.WithHeartbeatInterval(keepAlive),
	}
	if o.Stateful {
		options = append(options, mcpserver.WithSessionIdManagerResolver(h.owners), mcpserver.WithSessionIdleTTL(o.SessionTTL))
	} else {
		options = append(options, mcpserver.WithStateLess(true), mcpserver.WithDisableStreaming(true))
	}
	h.streamable = mcpserver.NewStreamableHTTPServer(m, options...)
	h.Streamable = marked(h.admitted(h.streamable, o.Stateful))

	h.sse = mcpserver.NewSSEServer(m,
		mcpserver.WithMessageEndpoint(MessagesPath),
		mcpserver.WithStaticBasePath(o.BasePath),
		mcpserver.WithSSEDisableLocalhostProtection(true),
		mcpserver.WithKeepAliveInterval(keepAlive),
		mcpserver.WithSessionIDGenerator(h.streams.issue),
	)
	h.Stream = marked(plain(h.streams.released(h.sse.SSEHandler())))
	h.Messages = marked(plain(h.streams.only(inTurn(h.sse.MessageHandler(), o.Turn))))
	return h
}

// Sessions is how many sessions there are, of both transports.
func (h *HTTP) Sessions() int { return h.owners.count() + h.streams.count() }

// Close ends all sessions and everything that only listens. Calls in progress
// go on.
func (h *HTTP) Close(ctx context.Context) {
	h.close()
	_ = h.streamable.Shutdown(ctx) // it has no server of its own to shut down
	h.sse.CloseSessions()
}

// marked tells what is called below that it is called over HTTP.
func marked(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), overHTTP{}, true)))
	})
}

// admitted looks at a message before the library does. It drops what would
// cancel a request of somebody else: without a session the library knows a
// request by its id alone, which two clients easily share, and a client that
// wants to cancel closes the connection. And it makes no session beyond the most
// that there may be.
func (h *HTTP) admitted(next http.Handler, stateful bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			refuse(w, http.StatusBadRequest, mcp.PARSE_ERROR, "The request's body could not be read.")
			return
		}
		sessions := stateful && !mcp.IsModernProtocol(r.Header.Get("Mcp-Protocol-Version"))
		switch name := method(body); {
		case name == "notifications/cancelled" && !sessions:
			w.WriteHeader(http.StatusAccepted)
			return
		case name == string(mcp.MethodInitialize) && sessions && h.owners.full():
			w.Header().Set("Retry-After", "30")
			refuse(w, http.StatusServiceUnavailable, mcp.INTERNAL_ERROR, "There are too many sessions: try again later.")
			return
		}
		if method(body) == string(mcp.MethodSubscriptionsListen) {
			ctx, cancel := context.WithCancel(r.Context())
			defer cancel()
			defer context.AfterFunc(h.closing, cancel)()
			r = r.WithContext(ctx)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

// refuse answers with an error in the form that clients of MCP read.
func refuse(w http.ResponseWriter, status, code int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	text, _ := jsontext.AppendQuote(nil, message) // our own words are valid text
	_, _ = fmt.Fprintf(w, `{"jsonrpc":"2.0","id":null,"error":{"code":%d,"message":%s}}`, code, text)
}

// method is the method of a message, "" where there is none.
func method(message []byte) (name string) {
	d := jsontext.NewDecoder(bytes.NewReader(message))
	if first, err := d.ReadToken(); err != nil || first.Kind() != '{' {
		return ""
	}
	for {
		key, err := d.ReadToken()
		if err != nil || key.Kind() != '"' {
			return name
		}
		if key.String() != "method" {
			if d.SkipValue() != nil {
				return name
			}
			continue
		}
		value, err := d.ReadToken()
		if err != nil || value.Kind() != '"' {
			return name
		}
		name = value.String()
	}
}

// plain takes away the header by which newer clients state their version: this
// transport is older than the header, and the library would then ask for more.
func plain(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("Mcp-Protocol-Version")
		next.ServeHTTP(w, r)
	})
}

// who is the caller of a request, by id.
func who(r *http.Request) string { return caller.From(r.Context()).ID }
