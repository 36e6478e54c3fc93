package guard

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"regexp"
	"runtime/debug"
	"sync"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/server/jsonrpc"
)

const requestIDHeader = "X-Request-Id"

// What a listed origin may send and read.
const (
	allowedMethods = "GET, POST, DELETE"
	allowedHeaders = "Authorization, Content-Type, Accept, Last-Event-ID, Mcp-Session-Id, Mcp-Protocol-Version, Mcp-Method, Mcp-Name, X-Request-Id, X-MCP-Toolsets, X-MCP-Readonly"
	exposedHeaders = "Mcp-Session-Id, X-Request-Id, WWW-Authenticate, Retry-After"
	preflightAge   = "600" // seconds for which a browser need not ask again
)

// Surface is next behind everything that holds for every route: an id for the
// request, which is the Request of the caller in its context; the checks of Host
// and Origin; CORS; safe headers; deadlines for clients that neither send nor
// read; and an end to panics. It has to be the outermost handler.
func (g *Guard) Surface(next http.Handler) http.Handler {
	return http.HandlerFunc(func(plain http.ResponseWriter, r *http.Request) {
		asks := caller.From(r.Context())
		asks.RequestID = requestID(r)
		r = r.WithContext(caller.With(r.Context(), asks))
		w := newWriter(plain, g.options.WriteTimeout, asks.RequestID)
		defer g.end(w, r)

		if r.ContentLength != 0 {
			// Holds even if nobody reads the body: net/http reads it to its end
			// after the answer, and would wait for ever.
			_ = w.control.SetReadDeadline(time.Now().Add(g.options.BodyTimeout))
		}
		if !g.names.host(r) {
			g.hangUp(w, r, refusal{http.StatusForbidden, jsonrpc.InvalidRequest, "the host " + echo(r.Host) + " is not allowed: see " + g.options.SettingNames.Hosts})
			return
		}
		may, foreign := g.names.origin(r)
		if !may {
			g.hangUp(w, r, refusal{http.StatusForbidden, jsonrpc.InvalidRequest, "the origin " + echo(r.Header.Get("Origin")) + " is not allowed: see " + g.options.SettingNames.Origins})
			return
		}
		if foreign {
			w.origin = r.Header.Get("Origin")
			if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
				w.preflight = true
				w.WriteHeader(http.StatusNoContent)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// end finishes a request whose handler returned or panicked. The text of a panic
// may hold anything, so neither client nor log sees it.
func (g *Guard) end(w *writer, r *http.Request) {
	p := recover()
	if p == nil {
		w.finish()
		return
	}
	if p == http.ErrAbortHandler { //nolint:errorlint // this very value is what net/http looks for
		panic(p)
	}
	g.log.ErrorContext(r.Context(), "a request panicked", "kind", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
	if w.begun {
		panic(http.ErrAbortHandler) // else the answer would look whole
	}
	clear(w.Header())
	g.hangUp(w, r, refusal{http.StatusInternalServerError, jsonrpc.InternalError, "the server failed inside"})
	w.finish()
}

var idLike = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`) })

// requestID is the id that the client gave the request if it can stand in a log
// and a header as it is, else a new one.
func requestID(r *http.Request) string {
	if given := r.Header.Get(requestIDHeader); idLike().MatchString(given) {
		return given
	}
	return rand.Text()
}
