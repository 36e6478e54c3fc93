package server

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/server/jsonrpc"
)

// HTTPOptions are the settings of the HTTP transports.
type HTTPOptions struct {
	// Stateful makes streamable HTTP keep sessions. Without, every request
	// stands for itself and any replica can answer it.
	Stateful bool
	// SessionTTL is how long a session lives without a request.
	SessionTTL time.Duration
	// MaxSessions is how many sessions there may be at once, and
	// MaxSessionsPerCaller how many of them one caller may have; 0 for any number.
	MaxSessions, MaxSessionsPerCaller int
	// KeepAlive is how often a stream says that it lives; 0 means 25 s.
	KeepAlive time.Duration
	// BasePath is what a proxy puts in front of the paths, "" for nothing.
	BasePath string
	// Turn waits for the turn of a call that goes on after its request was
	// answered, as all do with server-sent events; nil lets all begin at once.
	AcquireCall func(context.Context) (leave func(), ok bool)
	Log         *slog.Logger
}

// keepAlive is how often a stream says that it lives, where nothing else was
// asked for: proxies end those that are silent for a minute.
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
	h := &HTTP{owners: newOwners(o.MaxSessions, o.MaxSessionsPerCaller), streams: newOwners(0, 0)}
	o.KeepAlive = cmp.Or(o.KeepAlive, keepAlive)
	h.closing, h.close = context.WithCancel(context.Background())
	options := []mcpserver.StreamableHTTPOption{
		mcpserver.WithStreamableHTTPLogger(o.Log),
		// The guard in front knows the names under which the server may be called.
		mcpserver.WithDisableLocalhostProtection(true),
	}
	if o.Stateful {
		options = append(options, mcpserver.WithSessionIdManagerResolver(h.owners), mcpserver.WithSessionIdleTTL(o.SessionTTL),
			// Every sign of life on a stream also keeps its session.
			mcpserver.WithHeartbeatInterval(min(o.KeepAlive, o.SessionTTL/3)))
	} else {
		options = append(options, mcpserver.WithStateLess(true), mcpserver.WithDisableStreaming(true))
	}
	h.streamable = mcpserver.NewStreamableHTTPServer(m, options...)
	h.Streamable = h.admitted(reported(h.streamable, o.KeepAlive), o.Stateful)

	sse := mcpserver.NewSSEServer(m,
		mcpserver.WithMessageEndpoint(MessagesPath),
		mcpserver.WithStaticBasePath(o.BasePath),
		mcpserver.WithSSEDisableLocalhostProtection(true),
		mcpserver.WithKeepAliveInterval(o.KeepAlive),
		mcpserver.WithSessionIDGenerator(issue),
	)
	h.Stream = plain(h.stream(sse.SSEHandler()))
	h.Messages = plain(h.messages(inTurn(sse.MessageHandler(), o.AcquireCall)))
	return h
}

// Sessions is how many sessions there are, of both transports.
func (h *HTTP) Sessions() int { return h.owners.count() + h.streams.count() }

// Close ends all sessions and everything that only listens. Calls in progress
// go on, and a stream of server-sent events ends with the last of its own.
func (h *HTTP) Close(ctx context.Context) {
	h.close()
	_ = h.streamable.Shutdown(ctx) // it has no server of its own to shut down
}

// reported lets a call report to where its answer is written.
func reported(next http.Handler, keepAlive time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to := newAnswer(w, keepAlive)
		defer to.end()
		next.ServeHTTP(to, exchange{r.Context(), to.report}.in(r))
	})
}

// admitted looks at a request before the library does. It drops what would
// cancel a request of somebody else: without a session the library knows a
// request by its id alone, which two clients easily share, and a client that
// wants to cancel closes the connection. It makes no session beyond the most
// that there may be, and ends what only listens when the server does.
func (h *HTTP) admitted(next http.Handler, stateful bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sessions := stateful && !mcp.IsModernProtocol(r.Header.Get("Mcp-Protocol-Version"))
		switch {
		case r.Method == http.MethodPost:
			h.post(w, r, sessions, next)
		case sessions && (r.Method == http.MethodGet || r.Method == http.MethodDelete):
			// The library would let anybody listen, under any id.
			s := h.owners.find(who(r), r.Header.Get(mcpserver.HeaderKeySessionID))
			if s == nil {
				jsonrpc.Refuse(w, http.StatusNotFound, mcp.INVALID_REQUEST, "There is no such session: initialize again.")
				return
			}
			if r.Method == http.MethodGet {
				var cancel context.CancelFunc
				r, cancel = until(r, h.closing, s.over)
				defer cancel()
			}
			next.ServeHTTP(w, r)
		default:
			w.Header().Set("Allow", http.MethodPost)
			jsonrpc.Refuse(w, http.StatusMethodNotAllowed, mcp.INVALID_REQUEST, "Only POST is served here.")
		}
	})
}

func (h *HTTP) post(w http.ResponseWriter, r *http.Request, sessions bool, next http.Handler) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		jsonrpc.Refuse(w, http.StatusBadRequest, mcp.PARSE_ERROR, "The request's body could not be read.")
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	switch name := method(body); {
	case name != string(mcp.MethodSubscriptionsListen) && r.Header.Get(mcp.HeaderMethod) == string(mcp.MethodSubscriptionsListen):
		// What stands in front counts a stream by this header, which the library
		// checks for newer clients alone.
		jsonrpc.Refuse(w, http.StatusBadRequest, mcp.HEADER_MISMATCH, "The header Mcp-Method does not fit the body.")
		return
	case name == string(mcp.MethodNotificationCancelled) && !sessions:
		w.WriteHeader(http.StatusAccepted)
		return
	case name == string(mcp.MethodInitialize) && sessions:
		s, crowded := h.owners.add(who(r), nil)
		if s == nil {
			status := http.StatusServiceUnavailable
			if crowded == ownerHasTooMany {
				status = http.StatusTooManyRequests
			}
			w.Header().Set("Retry-After", "30")
			jsonrpc.Refuse(w, status, mcp.INTERNAL_ERROR, crowded)
			return
		}
		defer h.owners.dropUnused(s)
		r = r.WithContext(context.WithValue(r.Context(), reserved{}, s))
	case name == string(mcp.MethodSubscriptionsListen):
		var cancel context.CancelFunc
		r, cancel = until(r, h.closing)
		defer cancel()
	}
	next.ServeHTTP(w, r)
}

// until gives a request a context that also ends with the others.
func until(r *http.Request, others ...context.Context) (*http.Request, context.CancelFunc) {
	ctx, cancel := context.WithCancel(r.Context())
	stop := make([]func() bool, len(others))
	for i, other := range others {
		stop[i] = context.AfterFunc(other, cancel) //nolint:contextcheck // that is its purpose
	}
	return r.WithContext(ctx), func() {
		for _, f := range stop {
			f()
		}
		cancel()
	}
}

// method is the method of a message, "" where there is none. It is read as the
// library reads it, which takes a name in any case and the last of several: what
// the two understood differently would get past.
func method(message []byte) string {
	var m struct {
		Method string `json:"method"`
	}
	_ = json.Unmarshal(message, &m) // what is no message is refused by the library
	return m.Method
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
