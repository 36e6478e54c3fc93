package retool

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/retool-mcp/retool-mcp/tools"
)

// exchange sends r with further headers, as often as it takes and may, and reads
// the whole answer. It also returns the answer's headers.
func (c *Client) exchange(ctx context.Context, r tools.Request, nature RetrySemantics, further http.Header) (*Response, http.Header, error) {
	nature.Safe = nature.Safe || r.Method == http.MethodGet
	x := &upstreamRequest{Client: c, request: r, header: further, semantics: nature, start: time.Now(), noEffect: true}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	return x.do(ctx)
}

// call is one call: the tries of one request.
type upstreamRequest struct {
	*Client
	request   tools.Request
	header    http.Header
	semantics RetrySemantics
	start     time.Time
	retries   int
	waited    time.Duration
	noEffect  bool // surely no try had an effect
}

// run tries until there is an answer, or no repeat may follow.
func (x *upstreamRequest) do(ctx context.Context) (*Response, http.Header, error) {
	var last error // of the try before
	for {
		end, err := x.acquire(ctx)
		if err != nil {
			return nil, nil, x.refused(ctx, err, last)
		}
		if last != nil {
			x.retries++
		}
		response, header, m, err := x.attempt(ctx, end)
		if err == nil {
			if response != nil {
				response.Retries, response.Waited = x.retries, x.waited.Round(time.Millisecond)
			}
			return response, header, nil
		}
		if m == permanent || x.retries >= x.maxRetries || !x.semantics.allows(x.request.Method, m) {
			return nil, nil, x.annotate(err, "")
		}
		wait, reason := pause(ctx, x.retries, err)
		if reason != "" {
			return nil, nil, x.annotate(err, reason)
		}
		last = err
		if ended := x.sleep(ctx, wait); ended != nil {
			return nil, nil, x.refused(ctx, ended, last)
		}
	}
}

// turn waits until a request may go out. Whoever gets a turn must end it, with
// what the request tells about the instance.
//
// The turn of the minute comes before the place: a call that waits for the
// former must not keep those of other tokens from the latter. The instance is
// asked about twice: at first so that nobody waits in vain, and at last because
// it may have been given up in the meantime.
func (x *upstreamRequest) acquire(ctx context.Context) (end func(health), err error) {
	if err := x.breaker.check(); err != nil {
		return nil, err
	}
	began := time.Now()
	defer func() { x.waited += time.Since(began) }()
	if err := x.pace.take(ctx, x.account); err != nil {
		return nil, err
	}
	if err := x.places.take(ctx); err != nil {
		return nil, err
	}
	round, err := x.breaker.begin()
	if err != nil {
		x.places.leave()
		return nil, err
	}
	return func(v health) {
		x.breaker.end(round, v)
		x.places.leave()
	}, nil
}

// turnless is the error of a call that got no turn because of err. If that was
// one for a repeat, what Retool did the time before is the news.
func (x *upstreamRequest) refused(ctx context.Context, err, last error) error {
	failure := x.failed(ctx, x.start, Other, err)
	switch refusal := err.(type) { //nolint:errorlint // they come straight from where they are made
	case *lateError:
		failure.Kind, failure.RetryAfter = RateLimited, refusal.in
	case *crowdedError:
		failure.Kind = QueueFull
	case *pausedError:
		failure.Kind, failure.RetryAfter = Paused, refusal.in
	default:
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

// try sends the request once.
func (x *upstreamRequest) attempt(ctx context.Context, end func(health)) (_ *Response, _ http.Header, m failureClass, _ error) {
	var v health
	defer func() { end(v) }() // also if what stands around the transport panics
	t, began := &attempt{}, time.Now()
	response, header, err := x.roundTrip(context.WithValue(ctx, attemptKey{}, t))
	v = x.verdictOf(err, time.Since(began), t)
	if err == nil {
		return response, header, permanent, nil
	}
	if response := x.alreadyDeleted(err); response != nil {
		return response, nil, permanent, nil
	}
	m = classify(ctx, err, t)
	if failure, ok := errors.AsType[*TransportError](err); !ok || failure.Kind != Forbidden {
		x.noEffect = x.noEffect && x.semantics.hadNoEffect(m, t)
	}
	return nil, nil, m, err
}

// gone is the answer to a deletion whose repeat finds nothing to delete: an
// earlier try may have done it although no answer came, and then the caller has
// what was asked for. Even if not, because the id was wrong from the start,
// nothing is there any more.
func (x *upstreamRequest) alreadyDeleted(err error) *Response {
	status, ok := errors.AsType[*StatusError](err)
	if !ok || status.Status != http.StatusNotFound || status.HTML || x.request.Method != http.MethodDelete || x.noEffect {
		return nil
	}
	return &Response{
		Status: http.StatusNoContent,
		Note: "An earlier try of this call broke off without an answer, and the repeat found nothing there (HTTP 404): " +
			"it is gone, most likely by that try.",
	}
}

func (x *upstreamRequest) sleep(ctx context.Context, d time.Duration) error {
	began := time.Now()
	defer func() { x.waited += time.Since(began) }()
	return sleep(ctx, d)
}

// told is err with what the call did before it failed with it.
func (x *upstreamRequest) annotate(err error, unrepeated string) error {
	if status, ok := errors.AsType[*StatusError](err); ok {
		status.Retries, status.Waited, status.NotRetried = x.retries, x.waited.Round(time.Millisecond), unrepeated
	}
	if failure, ok := errors.AsType[*TransportError](err); ok {
		failure.Safe, failure.NoEffect = x.semantics.Safe, x.noEffect
		failure.Retries, failure.NotRetried = x.retries, unrepeated
		failure.Waited = time.Since(x.start).Round(time.Millisecond)
	}
	return err
}

// once sends the request and reads the answer.
func (x *upstreamRequest) roundTrip(ctx context.Context) (*Response, http.Header, error) {
	req, err := x.newRequest(ctx, x.request)
	if err != nil {
		return nil, nil, x.failure(x.start, Other, err)
	}
	maps.Copy(req.Header, x.header)
	resp, err := x.send(req)
	if err != nil {
		return nil, nil, x.failed(ctx, x.start, Other, err)
	}
	defer resp.Body.Close()

	if resp.StatusCode == http.StatusNotModified && x.header.Get("If-None-Match") != "" {
		return nil, resp.Header, nil
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		// How the body ends does not matter any more: the status is the news.
		body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
		return nil, nil, newStatusError(resp, body, x.scrub)
	}
	body, err := readBody(resp)
	if err != nil {
		return nil, nil, x.failed(ctx, x.start, CutOff, err)
	}
	if isWebPage(resp.Header.Get("Content-Type"), body) {
		return nil, nil, newStatusError(resp, body, x.scrub)
	}
	return &Response{
		Status:      resp.StatusCode,
		ContentType: x.scrub.Text(resp.Header.Get("Content-Type")),
		Body:        x.scrub.Body(body),
	}, resp.Header, nil
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
	// net/url keeps an encoding it understands and replaces any other. Rather
	// than send something else than was asked for, such a request is refused;
	// the error is not wrapped, as it would repeat the URL.
	if err != nil || !strings.HasPrefix(r.Path, "/") || strings.Contains(target, " ") ||
		req.URL.RequestURI() != c.address.path+target {
		return nil, errors.New("the method is invalid, or path and query are not percent-encoded")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent)
	if r.Body != nil && r.ContentType != "" {
		req.Header.Set("Content-Type", r.ContentType)
	}
	return req, nil
}
