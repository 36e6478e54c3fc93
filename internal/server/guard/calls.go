package guard

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/server/jsonrpc"
)

// Calls is next behind the limits: it gets a request only with its whole body,
// which is no larger than allowed, and a POST or a GET only while there is room
// for it. Callers are told apart by the id of the caller in the context, so it
// stands behind authentication, and Surface in front of both.
func (g *Guard) Limits(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && !isJSON(r) {
			// A web page may send text/plain to anybody without asking first.
			g.hangUp(w, r, refusal{http.StatusUnsupportedMediaType, jsonrpc.InvalidRequest, "the Content-Type of a POST has to be application/json"})
			return
		}
		id := caller.From(r.Context()).ID
		body := &body{caller: id, share: g.bodies}
		defer body.giveBack()
		if why := g.read(w, r, body); why != nil {
			g.hangUp(w, r, *why)
			return
		}
		whole := r.WithContext(r.Context())
		whole.Body = io.NopCloser(bytes.NewReader(body.bytes.Bytes()))
		whole.ContentLength = int64(body.bytes.Len())
		whole.TransferEncoding = nil
		switch {
		case r.Method == http.MethodGet, listens(r):
			g.stream(w, whole, id, next)
		case r.Method == http.MethodPost:
			g.call(w, whole, id, body, next)
		default:
			next.ServeHTTP(w, whole)
		}
	})
}

// listens tells a POST that is answered with a stream for as long as the client
// likes. Clients have to name the method in this header, too, and a header that
// does not fit the body is refused behind us.
func listens(r *http.Request) bool {
	return r.Method == http.MethodPost && r.Header.Get("Mcp-Method") == "subscriptions/listen"
}

func (g *Guard) call(w http.ResponseWriter, r *http.Request, id string, body *body, next http.Handler) {
	if start := bytes.TrimLeft(body.bytes.Bytes(), " \t\r\n"); len(start) > 0 && start[0] == '[' {
		g.refuse(w, r, refusal{http.StatusBadRequest, jsonrpc.InvalidRequest, "MCP has no batches: send one message in each request"})
		return
	}
	if got := g.calls.enter(r.Context(), id, g.options.QueueTimeout); got != granted {
		tryLater(w, g.options.QueueTimeout)
		g.refuse(w, r, g.crowded(got, callsAtOnce))
		return
	}
	defer g.calls.leave(id)
	next.ServeHTTP(w, r)
}

// Turn waits for a call's turn where the call does not end with its request, and
// tells whether it came. The caller is the one in ctx; leave gives it back.
func (g *Guard) AcquireCall(ctx context.Context) (leave func(), ok bool) {
	id := caller.From(ctx).ID
	if g.calls.enter(ctx, id, g.options.QueueTimeout) != granted {
		return nil, false
	}
	return func() { g.calls.leave(id) }, true
}

func (g *Guard) stream(w http.ResponseWriter, r *http.Request, id string, next http.Handler) {
	if got := g.streams.take(id, 1); got != granted {
		tryLater(w, g.options.QueueTimeout)
		g.refuse(w, r, g.crowded(got, streamsAtOnce))
		return
	}
	defer g.streams.giveBack(id, 1)
	next.ServeHTTP(w, r)
}

// scarce is what there is only so much of, and which settings say how much for
// all callers and for each.
type scarce struct {
	name      string
	all, each func(SettingNames) string
}

var (
	callsAtOnce = scarce{
		"calls",
		func(n SettingNames) string { return n.MaxCalls },
		func(n SettingNames) string { return n.MaxCallsPerCaller },
	}
	streamsAtOnce = scarce{
		"streams",
		func(n SettingNames) string { return n.MaxStreams },
		func(n SettingNames) string { return n.MaxStreamsPerCaller },
	}
	bodiesAtOnce = scarce{
		"bytes of bodies",
		func(n SettingNames) string { return n.MaxBody },
		func(n SettingNames) string { return n.MaxBody },
	}
)

// crowded says who has too much at once.
func (g *Guard) crowded(v verdict, of scarce) refusal {
	status, message, setting := http.StatusServiceUnavailable, "the server has too many "+of.name+" at once", of.all
	switch v {
	case callerFull:
		status, message, setting = http.StatusTooManyRequests, "too many "+of.name+" of this caller at once", of.each
	case gone:
		return refusal{status, jsonrpc.Overloaded, "the request ended before its turn came"}
	}
	return refusal{status, jsonrpc.Overloaded, message + ": try again later, or see " + setting(g.options.SettingNames)}
}

func isJSON(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "application/json"
}

// body is that of a request, as far as it has arrived; its bytes count as the
// caller's.
type body struct {
	caller string
	share  *share
	bytes  bytes.Buffer
}

// crowdedError is that of a body for which there is no room in memory.
type crowdedError verdict

func (crowdedError) Error() string { return "no room for the body" }

// Write keeps a part that arrived.
func (b *body) Write(p []byte) (int, error) {
	if got := b.share.take(b.caller, int64(len(p))); got != granted {
		return 0, crowdedError(got)
	}
	return b.bytes.Write(p)
}

func (b *body) giveBack() { b.share.giveBack(b.caller, int64(b.bytes.Len())) }

// mostUncounted is how much of a body is read before it counts as the caller's.
const mostUncounted = 4 << 10

// read reads the body of r, to its end, or says why it cannot be had.
func (g *Guard) read(w http.ResponseWriter, r *http.Request, into *body) *refusal {
	most := g.options.MaxBody
	tooLarge := &refusal{http.StatusRequestEntityTooLarge, jsonrpc.InvalidRequest, fmt.Sprintf("the body is larger than %d bytes: see %s", most, g.options.SettingNames.MaxBody)}
	switch {
	case r.ContentLength > most:
		return tooLarge
	case r.ContentLength == 0:
		return nil
	}
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(g.options.BodyTimeout)) // that of a server has deadlines
	n, err := io.CopyBuffer(into, io.LimitReader(r.Body, most+1), make([]byte, mostUncounted))
	var noRoom crowdedError
	switch {
	case errors.As(err, &noRoom):
		tryLater(w, g.options.QueueTimeout)
		why := g.crowded(verdict(noRoom), bodiesAtOnce)
		return &why
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &refusal{http.StatusRequestTimeout, jsonrpc.InvalidRequest, fmt.Sprintf("the body did not arrive within %s", g.options.BodyTimeout)}
	case err != nil:
		return &refusal{http.StatusBadRequest, jsonrpc.InvalidRequest, "the body could not be read"}
	case n > most:
		return tooLarge
	}
	_ = control.SetReadDeadline(time.Time{}) // a stream may last
	return nil
}
