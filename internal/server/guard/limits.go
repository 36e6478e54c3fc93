package guard

import (
	"bytes"
	"context"
	"errors"
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
	if b.decoded > g.options.MaxBody/smallDecoded {
		release, got := g.wait(r.Context(), b, place{g.decoded, shareOfNewcomers}, g.decoded, b.decoded)
		if got != admitted {
			name := g.options.SettingNames.MaxBody
			return g.crowded(w, got, "large messages", name, name)
		}
		b.held = append(b.held, release)
	}
	why := g.startCall(r.Context(), w, b)
	b.held = append(b.held, b.turn.end)
	return why
}

func (g *Guard) startCall(ctx context.Context, w http.ResponseWriter, b *body) *refusal {
	release, got := g.wait(ctx, b, place{g.newcomers.calls, b.of.host}, g.calls, 1)
	if got == admitted && !b.turn.take(release) {
		got = clientGone
	}
	if got != admitted {
		return g.crowded(w, got, "calls", g.options.SettingNames.MaxCalls, g.options.SettingNames.MaxCallsPerCaller)
	}
	return nil
}

// place is where newcomers wait, and the id under which they do.
type place struct {
	*queue
	id string
}

// wait waits for a turn. Where those of the newcomers are used up, a token is checked:
// whoever has a real one waits among the known callers.
func (g *Guard) wait(ctx context.Context, b *body, newcomers place, known *queue, weight int64) (release func(), got admission) {
	if g.isNew(b.of.id) {
		got = newcomers.acquire(ctx, newcomers.id, weight, 0)
		if got != admitted && !g.Check(ctx) {
			got = newcomers.acquire(ctx, newcomers.id, weight, g.options.QueueTimeout)
			if got == callerLimit || got == serverLimit {
				return nil, newcomerLimit
			}
		}
		if got == admitted || got == clientGone && ctx.Err() != nil {
			return func() { newcomers.release(newcomers.id, weight) }, got
		}
	}
	return func() { known.release(b.of.id, weight) }, known.acquire(ctx, b.of.id, weight, g.options.QueueTimeout)
}

// Pause gives up the turn of a call that waits for its user, and counts it as a
// stream until resume, which waits for a turn again. An error says what there are too
// many of. The context is that of the request.
func (g *Guard) Pause(ctx context.Context) (resume func() error, err error) {
	b, ok := ctx.Value(bodyKey{}).(*body)
	if !ok {
		return func() error { return nil }, nil
	}
	share, why := g.takeStream(ctx, nil, b.of)
	if why != nil {
		return nil, errors.New(why.message)
	}
	b.turn.giveUp()
	return func() error {
		g.streams.release(share, 1)
		if why := g.startCall(ctx, nil, b); why != nil {
			return errors.New(why.message)
		}
		return nil
	}, nil
}

func (g *Guard) serveStream(w http.ResponseWriter, r *http.Request, body *body, next http.Handler) {
	share, why := g.takeStream(r.Context(), w, body.of)
	if why != nil {
		g.refuse(w, r, why)
		return
	}
	defer g.streams.release(share, 1)
	next.ServeHTTP(w, r)
}

// takeStream returns the id under which a stream is counted.
func (g *Guard) takeStream(ctx context.Context, w http.ResponseWriter, of party) (share string, why *refusal) {
	names := g.options.SettingNames
	got, share := g.streams.take(of.share, 1), of.share
	if got == callerLimit && of.isNew {
		if !g.Check(ctx) {
			return "", g.crowded(w, newcomerLimit, "streams", names.MaxStreamsPerCaller, "")
		}
		share = of.id
		got = g.streams.take(share, 1)
	}
	if got != admitted {
		return "", g.crowded(w, got, "streams", names.MaxStreams, names.MaxStreamsPerCaller)
	}
	return share, nil
}
