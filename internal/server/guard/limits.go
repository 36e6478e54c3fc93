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
		id := caller.From(r.Context()).ID
		body := &body{caller: id, quota: g.bodies}
		defer body.release()
		if why := g.readBody(w, r, body); why != nil {
			g.refuseUnread(w, r, why)
			return
		}
		buffered := r.WithContext(r.Context())
		buffered.Body = io.NopCloser(bytes.NewReader(body.bytes.Bytes()))
		buffered.ContentLength = int64(body.bytes.Len())
		buffered.TransferEncoding = nil
		switch {
		case r.Method == http.MethodGet, isSubscription(r):
			g.serveStream(w, buffered, id, next)
		case r.Method == http.MethodPost:
			g.serveCall(w, buffered, id, body, next)
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

func (g *Guard) serveCall(w http.ResponseWriter, r *http.Request, id string, body *body, next http.Handler) {
	if start := bytes.TrimLeft(body.bytes.Bytes(), " \t\r\n"); len(start) > 0 && start[0] == '[' {
		g.refuse(w, r, &refusal{http.StatusBadRequest, jsonrpc.InvalidRequest, "Batches are not supported, in no protocol version. Send one message per request."})
		return
	}
	if got := g.calls.acquire(r.Context(), id, g.options.QueueTimeout); got != admitted {
		names := g.options.SettingNames
		g.refuse(w, r, g.crowded(w, got, "calls", names.MaxCalls, names.MaxCallsPerCaller))
		return
	}
	defer g.calls.release(id)
	next.ServeHTTP(w, r)
}

// AcquireCall waits until a call may run that does not end with its request, and
// reports whether it may. The context names the caller.
func (g *Guard) AcquireCall(ctx context.Context) (release func(), ok bool) {
	id := caller.From(ctx).ID
	if g.calls.acquire(ctx, id, g.options.QueueTimeout) != admitted {
		return nil, false
	}
	return func() { g.calls.release(id) }, true
}

func (g *Guard) serveStream(w http.ResponseWriter, r *http.Request, id string, next http.Handler) {
	if got := g.streams.take(id, 1); got != admitted {
		names := g.options.SettingNames
		g.refuse(w, r, g.crowded(w, got, "streams", names.MaxStreams, names.MaxStreamsPerCaller))
		return
	}
	defer g.streams.release(id, 1)
	next.ServeHTTP(w, r)
}

// body is the body of a request as far as it has arrived. Its bytes count against
// the quota of the caller.
type body struct {
	caller string
	quota  *quota
	bytes  bytes.Buffer
}

// quotaError is the error of a body that exceeds the quota.
type quotaError admission

func (quotaError) Error() string { return "the quota for request bodies is exhausted" }

func (b *body) Write(p []byte) (int, error) {
	if got := b.quota.take(b.caller, int64(len(p))); got != admitted {
		return 0, quotaError(got)
	}
	return b.bytes.Write(p)
}

func (b *body) release() { b.quota.release(b.caller, int64(b.bytes.Len())) }

// chunk is how much of a body is read before it counts against the quota.
const chunk = 4 << 10

// readBody reads the body of r to its end, or returns why it cannot.
func (g *Guard) readBody(w http.ResponseWriter, r *http.Request, into *body) *refusal {
	most := g.options.MaxBody
	tooLarge := &refusal{
		http.StatusRequestEntityTooLarge, jsonrpc.InvalidRequest,
		fmt.Sprintf("The body is larger than %d bytes%s.", most, hint(", the limit that %s sets", g.options.SettingNames.MaxBody)),
	}
	switch {
	case r.ContentLength > most:
		return tooLarge
	case r.ContentLength == 0:
		return nil
	}
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(g.options.BodyTimeout)) // a server's response has deadlines
	n, err := io.CopyBuffer(into, io.LimitReader(r.Body, most+1), make([]byte, chunk))
	var exhausted quotaError
	switch {
	case errors.As(err, &exhausted):
		names := g.options.SettingNames
		return g.crowded(w, admission(exhausted), "bytes in request bodies", names.MaxBody, names.MaxBody)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &refusal{http.StatusRequestTimeout, jsonrpc.InvalidRequest, fmt.Sprintf("The body did not arrive within %s.", g.options.BodyTimeout)}
	case err != nil:
		return &refusal{http.StatusBadRequest, jsonrpc.InvalidRequest, "Cannot read the request body."}
	case n > most:
		return tooLarge
	}
	_ = control.SetReadDeadline(time.Time{}) // a stream may last
	return nil
}
