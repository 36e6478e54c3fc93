package guard

import (
	"bytes"
	"context"
	"io"
	"mime"
	"net/http"

	"github.com/retool-mcp/retool-mcp/internal/server/jsonrpc"
)

// Limits returns next behind the limits: it gets a request only with its whole
// body, which is at most as large as allowed, and a POST or a GET only while there
// is room for it. The context names the caller, so authentication goes in front.
func (g *Guard) Limits(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && !isJSON(r) {
			// A web page may send text/plain to anyone without asking first.
			g.refuseUnread(w, r, &refusal{http.StatusUnsupportedMediaType, jsonrpc.InvalidRequest, "The Content-Type of a POST must be application/json."})
			return
		}
		body := &body{guard: g, of: g.identify(r)}
		defer body.retain()()
		if why := g.readBody(w, r, body); why != nil {
			g.refuseUnread(w, r, why)
			return
		}
		buffered := r.WithContext(context.WithValue(r.Context(), bodyKey{}, body))
		buffered.Body = io.NopCloser(bytes.NewReader(body.bytes.Bytes()))
		buffered.ContentLength = int64(body.bytes.Len())
		buffered.TransferEncoding = nil
		switch {
		case r.Method == http.MethodGet, isSubscription(r):
			g.serveStream(w, buffered, body, next)
		case r.Method == http.MethodPost:
			g.serveCall(w, buffered, body, next)
		default:
			next.ServeHTTP(w, buffered)
		}
	})
}

// isSubscription reports whether a POST is answered with a stream for as long as
// the client likes. Clients must name the method in this header, and the transport
// refuses a header that does not match the body.
func isSubscription(r *http.Request) bool {
	return r.Method == http.MethodPost && r.Header.Get("Mcp-Method") == "subscriptions/listen"
}

func isJSON(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "application/json"
}

func (g *Guard) serveCall(w http.ResponseWriter, r *http.Request, body *body, next http.Handler) {
	if isBatch(body.bytes.Bytes()) {
		g.refuse(w, r, &refusal{http.StatusBadRequest, jsonrpc.InvalidRequest, "Batches are not supported, in no protocol version. Send one message per request."})
		return
	}
	if why := g.acquire(w, r, body); why != nil {
		g.refuse(w, r, why)
		return
	}
	next.ServeHTTP(w, r)
}

func isBatch(body []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("["))
}

// acquire waits until there is memory for what a body becomes when it is decoded,
// and then for the turn of the call. Both are held as long as the body.
func (g *Guard) acquire(w http.ResponseWriter, r *http.Request, b *body) *refusal {
	names, timeout := g.options.SettingNames, g.options.QueueTimeout
	if b.decoded > g.options.MaxBody/smallDecoded {
		if got := g.decoded.acquire(r.Context(), b.of.share, b.decoded, timeout); got != admitted {
			return g.crowded(w, got, "large messages", names.MaxBody, names.MaxBody)
		}
		b.held = append(b.held, func() { g.decoded.release(b.of.share, b.decoded) })
	}
	calls, id := g.calls, b.of.id
	if b.of.isNew {
		calls, id = g.newcomers.calls, b.of.host
	}
	if got := calls.acquire(r.Context(), id, 1, timeout); got != admitted {
		return g.crowded(w, got, "calls", names.MaxCalls, names.MaxCallsPerCaller)
	}
	b.held = append(b.held, func() { calls.release(id, 1) })
	return nil
}

func (g *Guard) serveStream(w http.ResponseWriter, r *http.Request, body *body, next http.Handler) {
	got, share := g.streams.take(body.of.share, 1), body.of.share
	if got == callerLimit && body.of.isNew && g.Check(r.Context()) {
		share = body.of.id
		got = g.streams.take(share, 1)
	}
	if got != admitted {
		names := g.options.SettingNames
		g.refuse(w, r, g.crowded(w, got, "streams", names.MaxStreams, names.MaxStreamsPerCaller))
		return
	}
	defer g.streams.release(share, 1)
	next.ServeHTTP(w, r)
}
