package telemetry

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/retool-mcp/retool-mcp/internal/caller"
)

// requestIDHeader carries the request ID of our logs.
const requestIDHeader = "X-Request-Id"

// Transport counts and traces the requests of next, and adds the headers
// X-Request-Id and traceparent. A request ends with the last byte of its response:
// bodies must be closed, as for next.
func (t *Telemetry) Transport(next http.RoundTripper) http.RoundTripper { return upstream{t, next} }

type upstream struct {
	t    *Telemetry
	next http.RoundTripper
}

func (u upstream) RoundTrip(req *http.Request) (*http.Response, error) {
	e := &exchange{metrics: u.t.metrics, method: methodOf(req), began: time.Now()}
	var ctx context.Context
	ctx, e.span = u.t.startRequest(req, e.method)
	resp, err := u.next.RoundTrip(u.t.withHeaders(ctx, req))
	if err != nil {
		e.end(err)
		return resp, err
	}
	e.code = resp.StatusCode
	if resp.Body == nil || resp.Body == http.NoBody {
		e.end(nil)
		return resp, nil
	}
	resp.Body = &body{resp.Body, e}
	return resp, nil
}

// withHeaders returns a copy of req with ctx and our headers: a RoundTripper must
// not change the original.
func (t *Telemetry) withHeaders(ctx context.Context, req *http.Request) *http.Request {
	id, parent := caller.From(ctx).RequestID, t.traceparent(ctx)
	if id == "" && parent == "" {
		return req
	}
	req = req.WithContext(ctx)
	if req.Header = req.Header.Clone(); req.Header == nil {
		req.Header = http.Header{}
	}
	if id != "" {
		req.Header.Set(requestIDHeader, id)
	}
	if parent != "" {
		req.Header.Set(traceparentField, parent)
	}
	return req
}

// exchange is a request to Retool and its response.
type exchange struct {
	metrics *meter
	span    trace.Span
	method  string
	began   time.Time
	code    int // 0 before the response
	once    sync.Once
}

// end counts the exchange at its first call. After a response, io.EOF is no error.
func (e *exchange) end(err error) {
	e.once.Do(func() {
		if errors.Is(err, io.EOF) && e.code != 0 {
			err = nil
		}
		if e.code != 0 {
			e.span.SetAttributes(semconv.HTTPResponseStatusCode(e.code))
		}
		status, failure := class(e.code), ""
		switch {
		case err != nil:
			status, failure = classError, typeOf(err)
		case e.code >= http.StatusBadRequest:
			failure = strconv.Itoa(e.code)
		}
		e.metrics.request(e.method, status, time.Since(e.began))
		end(e.span, failure)
	})
}

// body ends an exchange when it was read or closed, whichever is first.
type body struct {
	io.ReadCloser
	exchange *exchange
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.exchange.end(err)
	}
	return n, err
}

func (b *body) Close() error {
	err := b.ReadCloser.Close()
	b.exchange.end(nil)
	return err
}

// otherMethod is the conventions' label for a method that HTTP does not define.
const otherMethod = "_OTHER"

func methodOf(req *http.Request) string {
	switch m := req.Method; m {
	case "":
		return http.MethodGet
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodOptions, http.MethodConnect, http.MethodTrace:
		return m
	default:
		return otherMethod
	}
}

// classError is the label of an exchange without a complete response or with a
// status that HTTP does not define as final.
const classError = "error"

// class returns the label of a status. 429 has its own: it asks for fewer requests.
func class(code int) string {
	switch {
	case code == http.StatusTooManyRequests:
		return "429"
	case code >= 200 && code < 600:
		return strconv.Itoa(code/100) + "xx"
	default:
		return classError
	}
}

// typeOf returns the error.type of err: a class of errors, never a message, which
// may hold an address or an ID.
func typeOf(err error) string {
	if errors.Is(err, context.Canceled) {
		return "canceled"
	}
	if n, ok := errors.AsType[net.Error](err); ok && n.Timeout() {
		return "timeout"
	}
	return semconv.ErrorType(err).Value.AsString()
}
