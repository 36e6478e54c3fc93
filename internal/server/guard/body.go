package guard

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/server/jsonrpc"
)

// body is the body of a request as far as it has arrived. Its bytes count against
// the quota of the caller, except for the first ones: they take no more than the
// connection itself, and clients that send slowly must not keep others from sending
// little.
type body struct {
	guard   *Guard
	of      party
	until   <-chan time.Time // ends the wait for what others hold; set at the first
	bytes   bytes.Buffer
	decoded int64    // bytes of memory for what is decoded of it
	held    []func() // release what its request holds besides
	users   atomic.Int32
}

type bodyKey struct{}

// quotaError is the error of a body that exceeds the quota.
type quotaError admission

func (quotaError) Error() string { return "the quota for request bodies is exhausted" }

// What is small, as a part of the maximum size of a body: the bytes of a body that do
// not count, and what is decoded of a body that need not wait for memory.
const (
	smallBody    = 64
	smallDecoded = 16
)

// free is how many bytes of a body do not count.
func (b *body) free() int { return int(b.guard.options.MaxBody / smallBody) }

func (b *body) Write(p []byte) (int, error) {
	before := b.bytes.Len()
	free := max(0, min(len(p), b.free()-before))
	if got := b.take(int64(len(p) - free)); got != admitted {
		return 0, quotaError(got)
	}
	b.guard.small.take(b.of.share, int64(free))
	return b.bytes.Write(p)
}

// take takes bytes of the quota, and waits as long as a call may wait for its turn:
// those who fill it must not shut out the others.
func (b *body) take(n int64) admission {
	got := b.guard.bodies.take(b.of.share, n)
	if got != serverLimit {
		return got
	}
	if b.until == nil {
		b.until = time.After(b.guard.options.QueueTimeout)
	}
	return b.guard.bodies.await(b.of.share, n, b.until)
}

// retain keeps the body, and what its request holds, until release is called.
func (b *body) retain() (release func()) {
	b.users.Add(1)
	return func() {
		if b.users.Add(-1) == 0 {
			for _, release := range b.held {
				release()
			}
			free := min(b.bytes.Len(), b.free())
			b.guard.small.release(b.of.share, int64(free))
			b.guard.bodies.release(b.of.share, int64(b.bytes.Len()-free))
		}
	}
}

// Keep keeps what a request holds, its call and its memory, until release is called:
// for a message that is answered after its request. The context is that of the
// request.
func (g *Guard) Keep(ctx context.Context) (release func()) {
	if b, ok := ctx.Value(bodyKey{}).(*body); ok {
		return b.retain()
	}
	return func() {}
}

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
	return g.weigh(into)
}

// maxDepth is how deep the values of a message may be nested. Reading goes as deep
// on the stack.
const maxDepth = 500

// weigh counts what would be decoded of a body, before anything is, and refuses what
// is too much.
func (g *Guard) weigh(b *body) *refusal {
	if isBatch(b.bytes.Bytes()) {
		return nil // it is not decoded, and refused for what it is
	}
	size := jsonvalue.SizeOf(b.bytes.Bytes())
	b.decoded = decodedSize(size)
	switch most := g.decoded.maxPerCaller; {
	case size.Depth > maxDepth:
		return &refusal{http.StatusBadRequest, jsonrpc.InvalidRequest, fmt.Sprintf("The body is nested more than %d deep.", maxDepth)}
	case b.decoded > most:
		return &refusal{
			http.StatusRequestEntityTooLarge, jsonrpc.InvalidRequest,
			fmt.Sprintf("The body holds %d values, which need more memory than one body may%s. Send less at once.", size.Values, hint(", by the limit that %s sets", g.options.SettingNames.MaxBody)),
		}
	}
	return nil
}

// decodedSize is how many bytes of memory a message takes, besides its own, from the
// arguments of a call to the request or the dry run that they become: every value and
// member in the decoded forms, with room to grow, and copies of the text.
func decodedSize(s jsonvalue.Size) int64 {
	return 3*s.Bytes + 160*s.Values + 300*s.Objects + 50*s.Members
}
