package retool

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
)

// RetrySemantics is what the caller knows of a request beyond its method. It decides
// what may be repeated; the zero value is a write that must not be done twice,
// unless its method is GET.
//
//	What happened                        What is repeated
//	no connection: refused, no such      everything: nothing was sent
//	  host, no TLS handshake
//	429                                  everything but a plain write that reaches out
//	502, 503, 504                        reads; idempotent PUT and DELETE
//	broken before a byte of the answer   the same
//	broken within the answer             reads
//	any other status, a redirect,        nothing
//	  a deadline, an untrusted
//	  certificate, too large an answer
//
// A 429 is repeated even for a write: the status says that the request was not
// taken, and what counts requests usually stands before what carries them out.
// That Retool does so is inferred, as nobody has recorded a 429 of it. The
// exception are operations that may hand on a 429 of somebody else, when half of
// the work is done.
type RetrySemantics struct {
	// Safe says that the request changes nothing, whatever its method.
	Safe bool
	// Idempotent says that a second time changes nothing more. It counts for PUT
	// and DELETE alone: no hint makes a POST or a PATCH run twice.
	Idempotent bool
	// ThirdParty says that the instance asks others to do it, such as a Git
	// provider or a mail server, so that a 429 may be theirs.
	ThirdParty bool
}

// mishap is how a try failed, as far as it matters to a repeat.
type failureClass int

const (
	permanent       failureClass = iota // the same would happen again, or nobody knows
	notSent                             // nothing was sent
	rateLimited                         // the status 429
	gatewayError                        // the status 502, 503 or 504
	noResponse                          // the connection broke before a byte of the answer came
	partialResponse                     // the connection broke within the answer
)

// may tells whether a request that met with m may be sent again.
func (n RetrySemantics) allows(method string, m failureClass) bool {
	idempotent := n.Idempotent && (method == http.MethodPut || method == http.MethodDelete)
	switch m {
	case notSent:
		return true
	case rateLimited:
		return n.Safe || idempotent || !n.ThirdParty
	case gatewayError, noResponse:
		return n.Safe || idempotent
	case partialResponse:
		return n.Safe
	case permanent:
	}
	return false
}

// undone tells whether a try that came so far and met with m surely had no
// effect.
func (n RetrySemantics) hadNoEffect(m failureClass, t *attempt) bool {
	return n.Safe || t.notSent() || m == rateLimited && !n.ThirdParty
}

// mishapOf reads the mishap off the error of a try and how far it came.
func classify(ctx context.Context, err error, t *attempt) failureClass {
	if status, ok := errors.AsType[*StatusError](err); ok {
		switch status.Status {
		case http.StatusTooManyRequests:
			return rateLimited
		case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return gatewayError
		}
		return permanent
	}
	switch {
	case t.notSent():
		if ctx.Err() == nil && isConnectionFailure(err) {
			return notSent
		}
	case ctx.Err() != nil || !isConnectionFailure(err):
	case t.noResponse():
		return noResponse
	default:
		return partialResponse
	}
	return permanent
}

// isOfConnection tells whether err is a failure of the connection that may pass.
// An untrusted certificate and a peer that speaks no TLS do not.
func isConnectionFailure(err error) bool {
	failure, ok := errors.AsType[*TransportError](err)
	if !ok {
		return false
	}
	switch failure.Kind {
	case Refused, DNS, CutOff, Timeout:
		return true
	case TLS:
		return !isUntrusted(err)
	case Other:
		return isConnectionLoss(err)
	}
	return false
}

func isUntrusted(err error) bool {
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	_, plain := errors.AsType[tls.RecordHeaderError](err)
	return untrusted || plain
}

// isBreak tells whether err is the end of a connection that has no kind of its
// own. net/http does not show what it names these errors, so that of some only
// the text is left to go by.
func isConnectionLoss(err error) bool {
	if _, ok := errors.AsType[streamError](err); ok || errors.Is(err, io.ErrClosedPipe) {
		return true
	}
	text := err.Error()
	return slices.ContainsFunc([]string{
		"http: server closed idle connection",
		"http2: client connection lost",
		"http2: server sent GOAWAY",
		"http2: Transport received Server's graceful shutdown GOAWAY",
	}, func(part string) bool { return strings.Contains(text, part) })
}

// streamError has the fields of x/net/http2.StreamError, to which net/http's
// own one converts itself.
type streamError struct {
	StreamID uint32
	Code     uint32
	Cause    error
}

// Error is never shown: the original is.
func (e streamError) Error() string { return "HTTP/2 stream error" }
