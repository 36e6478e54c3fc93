package retool

import (
	"cmp"
	"fmt"
	"time"
)

// SettingNames are what users call the settings that messages mention, such as
// "--timeout (RETOOL_MCP_TIMEOUT)". Empty ones are described in words.
type SettingNames struct {
	Address, Token, Timeout, PerMinute, MaxConcurrent string
}

func (n SettingNames) withDefaults() SettingNames {
	return SettingNames{
		Address:       cmp.Or(n.Address, "the address"),
		Token:         cmp.Or(n.Token, "an access token"),
		Timeout:       cmp.Or(n.Timeout, "the timeout"),
		PerMinute:     cmp.Or(n.PerMinute, "the limit of requests per minute"),
		MaxConcurrent: cmp.Or(n.MaxConcurrent, "the limit of concurrent requests"),
	}
}

// The errors below refuse a request before it is sent. Their texts follow
// "Not sent: ", or say why a request is not retried.

// rateLimitError refuses a request whose turn comes after the deadline.
type rateLimitError struct {
	limit *rateLimiter
	in    time.Duration // until the turn
	left  time.Duration // until the deadline
}

func (e *rateLimitError) Error() string {
	return fmt.Sprintf("the limit of %d requests per minute allows the next request in %s, after the deadline in %s; retry in %[2]s, or raise %[4]s",
		e.limit.perMinute, inSeconds(e.in), e.left.Round(time.Millisecond), e.limit.setting)
}

// queueFullError refuses a request for which no slot became free.
type queueFullError struct {
	limit *concurrencyLimiter
	full  bool // too many wait already; otherwise the deadline came first
}

func (e *queueFullError) Error() string {
	reason := "and none ended before the deadline"
	if e.full {
		reason = fmt.Sprintf("and %d are waiting, the maximum", e.limit.maxWaiting)
	}
	return fmt.Sprintf("concurrent requests are limited to %d, %s; retry in a few seconds, or raise %s", e.limit.limit, reason, e.limit.setting)
}

// circuitOpenError refuses a request to a failing instance. It does not repeat
// what the instance said to others.
type circuitOpenError struct {
	since   time.Time
	last    error
	retryAt time.Time
	in      time.Duration // until retryAt; 0 while the instance is being tested
}

func (e *circuitOpenError) Error() string {
	text := fmt.Sprintf("the instance is failing: no request has succeeded since %s, the last failure was %v; ", e.since.UTC().Format(time.RFC3339), e.last)
	if e.in == 0 {
		return text + "one call is testing it now, retry in a few seconds"
	}
	return text + fmt.Sprintf("it is tested again at %s, retry in %s", e.retryAt.UTC().Format(time.RFC3339), inSeconds(e.in))
}

// forbiddenError refuses a request on behalf of Options.Allow.
type forbiddenError struct{ error }

// Unwrap returns what Options.Allow returned.
func (e *forbiddenError) Unwrap() error { return e.error }
