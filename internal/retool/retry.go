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

// RetrySemantics say what is known of a request beyond its method. They decide
// what may be retried; the zero value is a write that must not be done twice,
// unless its method is GET.
//
//	Failure                              What is retried
//	no connection: refused, no such      everything: nothing was sent
//	  host, no TLS handshake
//	429                                  everything but a plain write with
//	                                       third-party effects
//	502, 503, 504                        safe requests; idempotent PUT and DELETE
//	connection lost before the response  the same
//	connection lost within the response  safe requests
//	any other status, a redirect,        nothing
//	  a deadline, an untrusted
//	  certificate, too large a response
//
// A 429 is retried even for a write: the status says that the request was
// rejected, and rate limiters usually come before what carries requests out.
// That Retool does so is inferred: no 429 of Retool has been recorded. The
// exception are operations that may pass on a 429 of a third party when half of
// the work is done.
type RetrySemantics struct {
	// Safe says that the request changes nothing, whatever its method.
	Safe bool
	// Idempotent says that a second time changes nothing more. It counts for PUT
	// and DELETE alone: no hint makes a POST or a PATCH run twice.
	Idempotent bool
	// ThirdParty says that the instance calls others, such as a Git provider or a
	// mail server, so that a 429 may be theirs.
	ThirdParty bool
}

// failureClass is how an attempt failed, as far as it matters to a retry.
type failureClass int

const (
	permanent       failureClass = iota // a retry would fail too, or nothing is known
	notSent                             // nothing was sent
	rateLimited                         // the status 429
	gatewayError                        // the status 502, 503 or 504
	noResponse                          // the connection was lost before the response
	partialResponse                     // the connection was lost within the response
)

// allows reports whether a request that failed with class may be retried.
func (s RetrySemantics) allows(method string, class failureClass) bool {
	idempotent := s.Idempotent && (method == http.MethodPut || method == http.MethodDelete)
	switch class {
	case notSent:
		return true
	case rateLimited:
		return s.Safe || idempotent || !s.ThirdParty
	case gatewayError, noResponse:
		return s.Safe || idempotent
	case partialResponse:
		return s.Safe
	case permanent:
	}
	return false
}

// hadNoEffect reports whether an attempt that failed with class certainly had no
// effect.
func (s RetrySemantics) hadNoEffect(class failureClass, a *attempt) bool {
	return s.Safe || a.notSent() || class == rateLimited && !s.ThirdParty
}

// classify returns the class of the error of an attempt.
func classify(ctx context.Context, err error, a *attempt) failureClass {
	if status, ok := errors.AsType[*StatusError](err); ok {
		switch {
		case status.Status == http.StatusTooManyRequests:
			return rateLimited
		case isGatewayError(status.Status):
			return gatewayError
		}
		return permanent
	}
	switch {
	case ctx.Err() != nil || !isConnectionFailure(err):
		return permanent
	case a.notSent():
		return notSent
	case a.noResponse():
		return noResponse
	default:
		return partialResponse
	}
}

// isConnectionFailure reports whether err is a failure of the connection that
// may be transient, unlike an untrusted certificate or a peer without TLS.
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
	return isA[*tls.CertificateVerificationError](err) || isA[tls.RecordHeaderError](err)
}

// isConnectionLoss reports whether err is the end of a connection that has no
// kind of its own. net/http does not export some of these errors, so their text
// decides.
func isConnectionLoss(err error) bool {
	if isA[streamError](err) || errors.Is(err, io.ErrClosedPipe) {
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

// streamError has the fields of x/net/http2.StreamError, to which the one of
// net/http converts itself.
type streamError struct {
	StreamID uint32
	Code     uint32
	Cause    error
}

// Error is never shown; the original error is.
func (e streamError) Error() string { return "HTTP/2 stream error" }
