package guard

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/server/jsonrpc"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

const requestIDHeader = "X-Request-Id"

// minSecret is the length from which a part of a token is secret.
const minSecret = 8

// What an allowed origin may send and read.
const (
	allowedMethods = "GET, POST, DELETE"
	allowedHeaders = "Authorization, Content-Type, Accept, Last-Event-ID, Mcp-Session-Id, Mcp-Protocol-Version, Mcp-Method, Mcp-Name, X-Request-Id, X-MCP-Toolsets, X-MCP-Readonly"
	exposedHeaders = "Mcp-Session-Id, X-Request-Id, WWW-Authenticate, Retry-After"
	preflightAge   = "600" // seconds for which a browser keeps the answer
)

// Surface returns next behind what holds for every route: a request id, which is
// the RequestID of the caller in the context; the checks of Host and Origin; CORS;
// safe headers; deadlines for clients that neither send nor read; and the recovery
// of panics. It must be the outermost handler.
func (g *Guard) Surface(next http.Handler) http.Handler {
	return http.HandlerFunc(func(inner http.ResponseWriter, r *http.Request) {
		c := caller.From(r.Context())
		c.RequestID = requestID(r)
		r = r.WithContext(caller.With(r.Context(), c))
		w := &writer{ResponseWriter: inner, control: http.NewResponseController(inner), timeout: g.options.WriteTimeout, id: c.RequestID}
		defer g.end(w, r)

		if r.ContentLength != 0 {
			// Also for a body that no handler reads: net/http reads it to its end after
			// the answer, and would wait forever.
			_ = w.control.SetReadDeadline(time.Now().Add(g.options.BodyTimeout))
		}
		if fields(r.Header) > maxFields {
			g.refuseUnread(w, r, &refusal{http.StatusRequestHeaderFieldsTooLarge, jsonrpc.InvalidRequest, fmt.Sprintf("The request has more than %d header fields.", maxFields)})
			return
		}
		if !g.allowed.host(r) {
			g.refuseUnread(w, r, &refusal{http.StatusForbidden, jsonrpc.InvalidRequest, "The host " + quote(r.Host) + " is not allowed." + hint(" To allow it, use %s.", g.options.SettingNames.Hosts)})
			return
		}
		allowed, foreign := g.allowed.origin(r)
		if !allowed {
			g.refuseUnread(w, r, &refusal{http.StatusForbidden, jsonrpc.InvalidRequest, "The origin " + quote(r.Header.Get("Origin")) + " is not allowed." + hint(" To allow it, use %s.", g.options.SettingNames.Origins)})
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

// maxFields is how many header fields a request may have. Many small ones take twenty
// times their text, for as long as the request lasts.
const maxFields = 100

func fields(h http.Header) (n int) {
	for _, values := range h {
		n += len(values)
	}
	return n
}

// end ends a request whose handler returned or panicked. The text of a panic may
// hold anything, so neither client nor log sees it.
func (g *Guard) end(w *writer, r *http.Request) {
	p := recover()
	if p == nil {
		w.finish()
		return
	}
	if p == http.ErrAbortHandler { //nolint:errorlint // net/http looks for this value
		panic(p)
	}
	g.options.Log.ErrorContext(r.Context(), "request panicked", "kind", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
	if w.headerSent {
		panic(http.ErrAbortHandler) // otherwise the answer would look complete
	}
	clear(w.Header())
	g.refuseUnread(w, r, &refusal{http.StatusInternalServerError, jsonrpc.InternalError, "Internal error."})
	w.finish()
}

// requestID returns the client's id of the request if it is safe in logs and
// headers, otherwise a new one. A part of the client's token is not.
func requestID(r *http.Request) string {
	given := r.Header.Get(requestIDHeader)
	secret := len(given) >= minSecret && strings.Contains(r.Header.Get("Authorization"), given)
	if given != "" && len(given) <= 64 && !secret && consistsOf(given, letters+strings.ToUpper(letters)+digits+"._-") {
		return given
	}
	return rand.Text()
}

// refusal is why a request is not served. The message is for the client, and tells
// an operator which setting to change.
type refusal struct {
	status  int
	code    int
	message string
}

func (g *Guard) refuse(w http.ResponseWriter, r *http.Request, why *refusal) {
	level := slog.LevelDebug // a flood of requests must not become a flood of lines
	if why.status == http.StatusForbidden {
		level = slog.LevelInfo // the operator may have to allow it
	}
	g.options.Log.Log(r.Context(), level, "request refused", "status", why.status, "reason", why.message)
	jsonrpc.WriteError(w, why.status, why.code, why.message)
}

// refuseUnread refuses a request whose body was not read to its end, and ends the
// connection.
func (g *Guard) refuseUnread(w http.ResponseWriter, r *http.Request, why *refusal) {
	jsonrpc.CloseConnection(w, r)
	g.refuse(w, r, why)
}

// crowded returns the refusal for a limit that is reached, and tells the client of w,
// unless it is nil, when to retry. The settings limit what the request needs for all callers and for each.
func (g *Guard) crowded(w http.ResponseWriter, got admission, what, setting, settingPerCaller string) *refusal {
	seconds := (g.options.QueueTimeout + time.Second - 1) / time.Second
	if w != nil {
		w.Header().Set("Retry-After", strconv.Itoa(int(seconds)))
	}
	status, who := http.StatusServiceUnavailable, "The server"
	switch got {
	case clientGone:
		return &refusal{status, jsonrpc.Overloaded, "The request ended before it could run."}
	case callerLimit:
		status, who, setting = http.StatusTooManyRequests, "This caller", settingPerCaller
	}
	return &refusal{status, jsonrpc.Overloaded, fmt.Sprintf("%s has too many %s at once. Retry later%s.", who, what, hint(", or raise %s", setting))}
}

// hint fills a setting into a format, and is empty without one.
func hint(format, setting string) string {
	if setting == "" {
		return ""
	}
	return fmt.Sprintf(format, setting)
}

// maxQuote is how many characters of a header a message quotes.
const maxQuote = 100

func quote(s string) string { return text.Quote(s, maxQuote) }

// maxWrite is how many bytes of an answer a client must accept within the timeout:
// a client that is slow but reads gets the longest answer.
const maxWrite = 256 << 10

// writer completes the header of an answer and sets a deadline for each of its
// parts.
type writer struct {
	http.ResponseWriter
	control    *http.ResponseController // of the ResponseWriter
	timeout    time.Duration
	id         string // of the request
	origin     string // the allowed origin that may read the answer, "" for none
	preflight  bool   // a browser asks what that origin may do
	headerSent bool
}

// Unwrap lets http.ResponseController find what writer does not do itself.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *writer) WriteHeader(status int) {
	w.completeHeader(status)
	w.ResponseWriter.WriteHeader(status)
}

func (w *writer) Write(p []byte) (n int, err error) {
	w.completeHeader(http.StatusOK)
	defer w.clearDeadline()
	for {
		w.setDeadline()
		part, err := w.ResponseWriter.Write(p[n:min(len(p), n+maxWrite)])
		n += part
		if err != nil || n == len(p) {
			return n, err
		}
	}
}

// Flush sends what was written so far. A client that does not accept it ends the
// context of the request.
func (w *writer) Flush() { _ = w.FlushError() }

// FlushError is Flush, for http.ResponseController.
func (w *writer) FlushError() error {
	w.completeHeader(http.StatusOK)
	w.setDeadline()
	defer w.clearDeadline()
	return w.control.Flush()
}

// finish ends the answer: what the handler wrote may still have to be sent.
func (w *writer) finish() {
	w.completeHeader(http.StatusOK)
	w.setDeadline()
}

// setDeadline and clearDeadline go around whatever waits for the client. Between two
// writes there is no deadline: HTTP/2 ends a stream when one passes, even if nothing
// waits.
func (w *writer) setDeadline()   { _ = w.control.SetWriteDeadline(time.Now().Add(w.timeout)) }
func (w *writer) clearDeadline() { _ = w.control.SetWriteDeadline(time.Time{}) }

func (w *writer) completeHeader(status int) {
	if w.headerSent {
		return
	}
	w.headerSent = status >= http.StatusOK || status == http.StatusSwitchingProtocols
	h := w.Header()
	for name := range h {
		// Only the guard decides who may read an answer.
		if strings.HasPrefix(strings.ToLower(name), "access-control-") {
			delete(h, name)
		}
	}
	if w.origin != "" {
		h.Set("Access-Control-Allow-Origin", w.origin)
		h.Set("Access-Control-Expose-Headers", exposedHeaders)
	}
	if w.preflight {
		h.Set("Access-Control-Allow-Methods", allowedMethods)
		h.Set("Access-Control-Allow-Headers", allowedHeaders)
		h.Set("Access-Control-Max-Age", preflightAge)
	}
	if !slices.Contains(h.Values("Vary"), "Origin") {
		h.Add("Vary", "Origin")
	}
	h.Set(requestIDHeader, w.id)
	h.Set("X-Content-Type-Options", "nosniff")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	if strings.HasPrefix(strings.ToLower(h.Get("Content-Type")), "text/event-stream") {
		h.Set("X-Accel-Buffering", "no") // nginx would buffer events
	}
}
