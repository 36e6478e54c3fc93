package guard

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/server/jsonrpc"
)

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

// Write adds a part that has arrived.
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
