package retool

import (
	"context"
	"errors"
	"io"
	"net"
	"time"
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
	if errors.Is(err, context.Canceled) {
		return Canceled
	}
	if _, ok := errors.AsType[*forbiddenError](err); ok {
		return Forbidden
	}
	if errors.Is(err, errTooLarge) {
		return TooLarge
	}
	if _, ok := errors.AsType[*redirectError](err); ok {
		return Redirect
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return DNS
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return Timeout
	}
	if isUntrusted(err) {
		return TLS
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		switch op.Op {
		case "dial", "proxyconnect":
			return Refused
		case "remote error", "local error": // how crypto/tls marks its alerts
			return TLS
		case "read", "write":
			return CutOff
		}
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return CutOff
	}
	return otherwise
}
