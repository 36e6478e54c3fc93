package retool

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// exchange sends r with further headers, retrying as allowed, and reads the whole
// response.
func (c *Client) exchange(ctx context.Context, r tools.Request, semantics RetrySemantics, header http.Header) (*Response, error) {
	semantics.Safe = semantics.Safe || r.Method == http.MethodGet
	x := &upstreamRequest{Client: c, request: r, header: header, semantics: semantics, start: time.Now(), noEffect: true}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	x.deadline, _ = ctx.Deadline()
	return x.do(ctx)
}

// upstreamRequest is one request with all its attempts.
type upstreamRequest struct {
	*Client
	request   tools.Request
	header    http.Header
	semantics RetrySemantics
	start     time.Time
	deadline  time.Time
	retries   int
	waited    time.Duration
	noEffect  bool // certainly no attempt had an effect
}

// do makes attempts until there is a response or no further attempt is allowed.
func (x *upstreamRequest) do(ctx context.Context) (*Response, error) {
	var last error // of the previous attempt
	backoff := newRetryBackoff()
	for {
		done, err := x.acquire(ctx)
		if err != nil {
			return nil, x.refused(ctx, err, last)
		}
		if last != nil {
			x.retries++
		}
		response, class, err := x.attempt(ctx, done)
		if err == nil {
			response.Retries, response.Waited = x.retries, x.waited.Round(time.Millisecond)
			return response, nil
		}
		if class == permanent || x.retries >= x.maxRetries || !x.semantics.allows(x.request.Method, class) {
			return nil, x.annotate(err, "")
		}
		wait, reason := backoff.next(ctx, err)
		if reason != "" {
			return nil, x.annotate(err, reason)
		}
		last = err
		start := time.Now()
		err = sleep(ctx, wait)
		x.waited += time.Since(start)
		if err != nil {
			return nil, x.refused(ctx, err, last)
		}
	}
}

// acquire waits until an attempt may begin. Afterwards done must be called with
// what the attempt shows about the instance.
//
// The rate limit comes before the slot: a call that waits for its token's turn
// must not keep a slot from others. The circuit breaker is asked twice: first so
// that no call waits in vain, and last because it may have opened meanwhile.
func (x *upstreamRequest) acquire(ctx context.Context) (done func(health error), err error) {
	if err := x.breaker.check(); err != nil {
		return nil, err
	}
	start := time.Now()
	defer func() { x.waited += time.Since(start) }()
	if err := x.rate.wait(ctx, x.tokenHash); err != nil {
		return nil, err
	}
	if err := x.slots.acquire(ctx); err != nil {
		return nil, err
	}
	report, err := x.breaker.allow()
	if err != nil {
		x.slots.release()
		return nil, err
	}
	return func(health error) {
		report(health)
		x.slots.release()
	}, nil
}

// refused is the error of a request for which no attempt could begin because of
// err. Before a retry, the error of the previous attempt says more.
func (x *upstreamRequest) refused(ctx context.Context, err, last error) error {
	failure := x.failed(ctx, x.start, Other, err)
	if r, ok := err.(*refusal); ok { //nolint:errorlint // it comes straight from where it is made
		failure.Kind, failure.RetryAfter = r.kind, r.retryAfter
	} else {
		if last == nil || failure.Kind == Canceled {
			return x.annotate(failure, "")
		}
		err = errors.New("the deadline has passed")
	}
	if last != nil {
		return x.annotate(last, err.Error())
	}
	failure.Err = err
	return x.annotate(failure, "")
}

// attempt sends the request once.
func (x *upstreamRequest) attempt(ctx context.Context, done func(health error)) (_ *Response, class failureClass, _ error) {
	health := errUnknownHealth
	defer func() { done(health) }() // even if Options.Wrap panics
	a, start := &attempt{}, time.Now()
	response, err := x.roundTrip(context.WithValue(ctx, attemptKey{}, a))
	health = x.healthOf(err, time.Since(start), a)
	if err == nil {
		return response, permanent, nil
	}
	if response := x.alreadyDeleted(err); response != nil {
		return response, permanent, nil
	}
	class = classify(ctx, err, a)
	if failure, ok := errors.AsType[*TransportError](err); !ok || failure.Kind != Forbidden {
		x.noEffect = x.noEffect && x.semantics.hadNoEffect(class, a)
	}
	return nil, class, err
}

// alreadyDeleted is the response to a deletion whose retry finds nothing: an
// earlier attempt may have succeeded although no response came, and then the
// caller has what was asked for. Even if the id was wrong from the start,
// nothing is there.
func (x *upstreamRequest) alreadyDeleted(err error) *Response {
	status, ok := errors.AsType[*StatusError](err)
	if !ok || status.Status != http.StatusNotFound || status.HTML || x.request.Method != http.MethodDelete || x.noEffect {
		return nil
	}
	return &Response{
		Status: http.StatusNoContent,
		Note: "An earlier attempt of this call got no response, and the retry found nothing to delete (HTTP 404): " +
			"the object is gone, most likely deleted by that attempt.",
	}
}

// annotate adds to err what the call did before it failed.
func (x *upstreamRequest) annotate(err error, notRetried string) error {
	if status, ok := errors.AsType[*StatusError](err); ok {
		status.Retries, status.Waited, status.NotRetried = x.retries, x.waited.Round(time.Millisecond), notRetried
	}
	if failure, ok := errors.AsType[*TransportError](err); ok {
		failure.Safe, failure.NoEffect = x.semantics.Safe, x.noEffect
		failure.Retries, failure.NotRetried = x.retries, notRetried
		waited := time.Since(x.start)
		if failure.Kind == Timeout {
			waited = min(waited, x.deadline.Sub(x.start)) // the time allowed, which is noticed late
		}
		failure.Waited = waited.Round(time.Millisecond)
	}
	return err
}

// roundTrip sends the request and reads the response.
func (x *upstreamRequest) roundTrip(ctx context.Context) (*Response, error) {
	req, err := x.newRequest(ctx, x.request)
	if err != nil {
		return nil, x.failure(x.start, Other, err)
	}
	maps.Copy(req.Header, x.header)
	resp, err := x.send(req)
	if err != nil {
		return nil, x.failed(ctx, x.start, Other, err)
	}
	defer resp.Body.Close()
	x.redactor.Header(resp.Header)

	if resp.StatusCode == http.StatusNotModified && x.header.Get("If-None-Match") != "" {
		return &Response{Status: resp.StatusCode, header: resp.Header}, nil
	}
	unreadable := decode(resp)
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		if unreadable != nil {
			refused := newStatusError(resp, nil, x.redactor) //nolint:contextcheck // at most 256 KiB are read
			refused.Unreadable = true
			return nil, refused
		}
		// A failure to read the body does not matter: the status says enough.
		body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
		return nil, newStatusError(resp, body, x.redactor) //nolint:contextcheck // at most 256 KiB are read
	}
	if unreadable != nil {
		return nil, x.failed(ctx, x.start, Other, unreadable)
	}
	body, err := readBody(ctx, resp)
	if err != nil {
		failure := x.failed(ctx, x.start, CutOff, err)
		failure.Status = resp.StatusCode
		return nil, failure
	}
	body = text.TrimMark(body)
	if isWebPage(resp.Header.Get("Content-Type"), body) {
		return nil, newStatusError(resp, body, x.redactor) //nolint:contextcheck // at most 256 KiB are read
	}
	return &Response{
		Status:      resp.StatusCode,
		ContentType: resp.Header.Get("Content-Type"),
		Body:        x.redactor.Body(body),
		Location:    x.redactor.Text(location(resp)),
		header:      resp.Header,
	}, nil
}

// location is where 201 and 202 say that the new object or the state of the work
// is, as it was sent but for a password.
func location(resp *http.Response) string {
	if resp.StatusCode != http.StatusCreated && resp.StatusCode != http.StatusAccepted {
		return ""
	}
	target, err := resp.Location()
	if err != nil {
		return ""
	}
	if target.User != nil {
		target.User = nil
		return target.String()
	}
	return resp.Header.Get("Location")
}

func (c *Client) newRequest(ctx context.Context, r tools.Request) (*http.Request, error) {
	target := r.Path
	if r.Query != "" {
		target += "?" + r.Query
	}
	var body io.Reader
	if r.Body != nil {
		body = bytes.NewReader(r.Body)
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, c.base+target, body)
	// net/url keeps an encoding it understands and replaces any other. A request
	// that it would change is refused. The error is not wrapped, as it would
	// repeat the URL.
	if err != nil || !strings.HasPrefix(r.Path, "/") || strings.Contains(target, " ") ||
		req.URL.RequestURI() != c.address.path+target {
		return nil, errors.New("the method is invalid, or path and query are not percent-encoded")
	}
	for _, h := range r.Headers {
		req.Header.Set(h.Name, h.Value)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	req.Header.Set("Accept", cmp.Or(r.Accept, "application/json"))
	req.Header.Set("User-Agent", c.userAgent)
	if r.Body != nil && r.ContentType != "" {
		req.Header.Set("Content-Type", r.ContentType)
	}
	return req, nil
}
