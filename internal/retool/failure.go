package retool

import (
	"context"
	"errors"
	"io"
	"net"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/memory"
)

// failed makes the error of a request that began at start and failed with err.
// The kind is otherwise where err does not determine it.
func (c *Client) failed(ctx context.Context, start time.Time, otherwise Kind, err error) *TransportError {
	// An ended context surfaces in many forms: a failed lookup, a closed
	// connection, or the cause its owner gave.
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return c.failure(start, kindOf(err, otherwise), err)
}

func (c *Client) failure(start time.Time, kind Kind, err error) *TransportError {
	host := c.address.host
	// With a proxy it may be the proxy's name that does not resolve.
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		host = dns.Name
	}
	return &TransportError{
		Kind:   kind,
		Host:   c.redactor.Text(host),
		Waited: time.Since(start).Round(time.Millisecond),
		Err:    c.redactor.Err(err),
		names:  c.settings,
	}
}

// kindOf returns the kind of err. It looks at the operation that failed rather
// than at errno, which differs between systems.
func kindOf(err error, otherwise Kind) Kind {
	timeout, _ := errors.AsType[net.Error](err)
	op, _ := errors.AsType[*net.OpError](err)
	switch {
	case errors.Is(err, context.Canceled):
		return Canceled
	case isA[*forbiddenError](err):
		return Forbidden
	case errors.Is(err, errTooLarge), errors.Is(err, memory.ErrTooMuch):
		return TooLarge
	case errors.Is(err, memory.ErrBusy):
		return Busy
	case isA[*redirectError](err):
		return Redirect
	case isA[*encodingError](err):
		return Encoding
	case isA[*net.DNSError](err):
		return DNS
	case timeout != nil && timeout.Timeout():
		return Timeout
	case isUntrusted(err):
		return TLS
	case op != nil && (op.Op == "dial" || op.Op == "proxyconnect"):
		return Refused
	case op != nil && (op.Op == "remote error" || op.Op == "local error"): // alerts of crypto/tls
		return TLS
	case op != nil && (op.Op == "read" || op.Op == "write"), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return CutOff
	}
	return otherwise
}

// isA reports whether err is or wraps an E.
func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
