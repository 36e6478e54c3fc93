package retool

import (
	"fmt"
	"net/http"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// StatusError is a response that is not a success: any status but a 2xx, or a
// web page where the API should have responded.
type StatusError struct {
	// Status is the HTTP status. It is a 2xx only together with HTML.
	Status int
	// Message is the API's own message, word for word, with the reasons beside
	// it. Without one it is what the web page says in short, or the first 500
	// bytes of the body.
	Message string
	// RetryAfter is how long the server asks to wait; 0 if it does not.
	RetryAfter time.Duration
	// HTML says that the body is a web page: it comes from a proxy or a login
	// page, not from the API.
	HTML bool
	// API says that the body has the form of Retool's API, {"success":false,…}.
	API bool
	// Unreadable says that the body is in an encoding that is not read.
	Unreadable bool
	// Plain says that Message is the bare text of a body in no known form.
	Plain bool
	// Retries is how often the request was retried before this response.
	Retries int
	// Waited is how long the call waited, for its turn and between attempts.
	Waited time.Duration
	// NotRetried is why the request was not retried, or not again, although it
	// could have been; empty if the status is the reason.
	NotRetried string
}

// Error is one line: HTTP 404 Not Found: "App does not exist". What the response
// says is in quotes, since people may have written it.
func (e *StatusError) Error() string {
	said := fmt.Sprintf("HTTP %d", e.Status)
	if name := http.StatusText(e.Status); name != "" {
		said += " " + name
	}
	if e.Message != "" {
		said += ": " + text.Cite(e.Message)
	}
	if e.HTML {
		said += " (a web page, not a response of the API)"
	}
	return said + retryNote(e.Retries, e.NotRetried)
}

// noRoute is what web frameworks say of a path that they do not serve.
var noRoute = text.Pattern(`(?i)^(cannot (get|post|put|patch|delete) /|route .{0,200}not found|no route|no such route|unknown (route|endpoint)|404 page not found)`)

// NoRoute reports whether a 404 is about the path, and not about an object: the
// release lacks the operation, or the address is wrong.
func (e *StatusError) NoRoute() bool {
	return e.Status == http.StatusNotFound && (e.HTML || noRoute().MatchString(e.Message))
}

// RefusesToken reports whether the API, and not a page before it, does not accept
// the access token.
func (e *StatusError) RefusesToken() bool {
	return e.Status == http.StatusUnauthorized && !e.HTML
}

// retryNote is what an error says about retries.
func retryNote(retries int, notRetried string) string {
	done := "after 1 retry"
	if retries != 1 {
		done = fmt.Sprintf("after %d retries", retries)
	}
	switch {
	case notRetried == "" && retries == 0:
		return ""
	case notRetried == "":
		return " (" + done + ")"
	case retries == 0:
		return " (not retried: " + notRetried + ")"
	default:
		return " (" + done + "; no further retry: " + notRetried + ")"
	}
}

// Kind is what went wrong in a TransportError.
type Kind string

// The kinds of TransportError. After Timeout, Canceled, CutOff, Encoding and Other the
// server may have done what was asked, and after TooLarge and Busy it has.
const (
	NoToken  Kind = "no_token"  // no access token is configured; nothing was sent
	Timeout  Kind = "timeout"   // no complete response within the deadline
	Canceled Kind = "canceled"  // canceled by the caller
	DNS      Kind = "dns"       // the host name does not resolve
	Refused  Kind = "refused"   // no connection: nothing listens there, or no route
	TLS      Kind = "tls"       // the certificate is not trusted, or the peer does not use TLS
	Redirect Kind = "redirect"  // a redirect that is not followed
	TooLarge Kind = "too_large" // a response of more than MaxResponse bytes or memory.Most
	Busy     Kind = "busy"      // no memory for the response: too many calls have large ones
	Encoding Kind = "encoding"  // a response in a content encoding that is not read
	CutOff   Kind = "cut_off"   // the connection ended before the response did
	Other    Kind = "other"     // anything else; see Err

	// Refused by the settings of this program; nothing was sent.
	RateLimited Kind = "rate_limited"   // Options.PerMinute: its turn would come after the deadline
	QueueFull   Kind = "queue_full"     // Options.MaxConcurrent: no slot before the deadline, or too many wait
	Paused      Kind = "paused"         // Options.Breaker: the instance is failing
	Forbidden   Kind = "forbidden_here" // Options.Allow: refused
)

// TransportError is a call without a usable response.
type TransportError struct {
	Kind Kind
	// Host is the host that failed, with any port: that of the address, or the
	// one that does not resolve.
	Host string
	// Safe says that the request was a GET or known to be safe: whatever went
	// wrong, nothing changed.
	Safe bool
	// NoEffect says that certainly no attempt of the call had an effect: if any
	// was sent, it was rejected. False may mean that it is not known.
	NoEffect bool
	// Status is the HTTP status of a response that could not be read; 0 if none came.
	Status int
	// Waited is the time from the start of the call to its failure.
	Waited time.Duration
	// RetryAfter is how long to wait before calling again, where that is known:
	// for RateLimited and Paused.
	RetryAfter time.Duration
	// Retries is how often the request was retried before it failed like this.
	Retries int
	// NotRetried is why the request was not retried, or not again, although it
	// could have been; empty if the kind is the reason.
	NotRetried string
	// Err is the cause.
	Err error

	names SettingNames
}

// Unwrap is the cause.
func (e *TransportError) Unwrap() error { return e.Err }

// Error is one line: what happened, which setting to check, and the cause. It
// contains no path or query.
func (e *TransportError) Error() string { return e.describe() + retryNote(e.Retries, e.NotRetried) }

func (e *TransportError) describe() string {
	names := e.names.withDefaults()
	switch e.Kind {
	case NoToken:
		return "Not sent: no access token is configured; set " + names.Token
	case RateLimited, QueueFull, Paused:
		return fmt.Sprintf("Not sent: %v", e.Err)
	case Forbidden:
		return fmt.Sprintf("Not sent: this server refuses the request: %v", e.Err)
	case Timeout:
		return fmt.Sprintf("no complete response from %s within %s%s; check %s or raise %s", e.Host, e.Waited, e.mayHaveTakenEffect(), names.Address, names.Timeout)
	case Canceled:
		return fmt.Sprintf("the request to %s was canceled after %s%s", e.Host, e.Waited, e.mayHaveTakenEffect())
	case DNS:
		return fmt.Sprintf("the host %s cannot be resolved; check %s (%v)", e.Host, names.Address, e.Err)
	case Refused:
		return fmt.Sprintf("no connection to %s; check %s and that Retool is running there (%v)", e.Host, names.Address, e.Err)
	case TLS:
		return fmt.Sprintf("no secure connection to %s; check scheme and host of %s, and that this machine trusts the certificate (%v)", e.Host, names.Address, e.Err)
	case Redirect:
		return fmt.Sprintf("%s redirects to another address%s; correct %s (%v)", e.Host, e.mayHaveTakenEffect(), names.Address, e.Err)
	case TooLarge:
		return fmt.Sprintf("the response of %s is too large to read%s (%v)", e.Host, e.tookEffect(""), e.Err)
	case Busy:
		return fmt.Sprintf("the response of %s could not be read%s (%v)", e.Host, e.tookEffect("; retry in a few seconds, or request less at once"), e.Err)
	case Encoding:
		return fmt.Sprintf("the response of %s cannot be read: %v; a server in front of Retool adds the encoding%s", e.Host, e.Err, e.mayHaveTakenEffect())
	case CutOff:
		return fmt.Sprintf("the connection to %s ended before the response was complete%s (%v)", e.Host, e.mayHaveTakenEffect(), e.Err)
	default:
		return fmt.Sprintf("the request to %s failed%s; check %s (%v)", e.Host, e.mayHaveTakenEffect(), names.Address, e.Err)
	}
}

// tookEffect is what the caller must know about a write whose response could not be
// read, or the advice for a read.
func (e *TransportError) tookEffect(advice string) string {
	if e.Safe {
		return advice
	}
	return fmt.Sprintf(": the write took effect (HTTP %d); do not repeat it, read what it changed", e.Status)
}

// mayHaveTakenEffect is what the caller must know about a write without a
// response.
func (e *TransportError) mayHaveTakenEffect() string {
	if e.Safe || e.NoEffect {
		return ""
	}
	return ": the write may have taken effect"
}
