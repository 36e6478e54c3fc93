package retool

import (
	"fmt"
	"net/http"
	"time"
)

// StatusError is an answer that is not a success: any status but a 2xx, or a
// web page where the API should have answered.
type StatusError struct {
	// Status is the HTTP status. It is a 2xx only together with HTML.
	Status int
	// Message is the API's own message, word for word. Where there is none it
	// is the title of the web page or the first 500 bytes of the body.
	Message string
	// RetryAfter is how long the server asks to wait; 0 if it does not.
	RetryAfter time.Duration
	// HTML says that the body is a web page: it comes from a proxy or a login,
	// not from the API.
	HTML bool
	// Plain says that Message is the bare text of a body in no known form.
	Plain bool
	// Retries is how often the request was repeated before this answer came.
	Retries int
	// Waited is how long the call waited, for its turn and between its tries.
	Waited time.Duration
	// NotRetried is why the request was not repeated, or not again, although it
	// might have been; empty if there is no more to say than the status does.
	NotRetried string
}

// Error is, for example, "HTTP 404 Not Found: App does not exist".
func (e *StatusError) Error() string {
	text := fmt.Sprintf("HTTP %d", e.Status)
	if name := http.StatusText(e.Status); name != "" {
		text += " " + name
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	if e.HTML {
		text += " (a web page, not an answer of the API)"
	}
	return text + retryNote(e.Retries, e.NotRetried)
}

// effort is what an error says about repeats.
func retryNote(retries int, unrepeated string) string {
	done := "after 1 repeat"
	if retries != 1 {
		done = fmt.Sprintf("after %d repeats", retries)
	}
	switch {
	case unrepeated == "" && retries == 0:
		return ""
	case unrepeated == "":
		return " (" + done + ")"
	case retries == 0:
		return " (not repeated: " + unrepeated + ")"
	default:
		return " (" + done + "; not again: " + unrepeated + ")"
	}
}

// Kind is what went wrong in a TransportError.
type Kind string

// The kinds of TransportError. After Timeout, Canceled, CutOff, TooLarge and Other
// the server may have done what was asked.
const (
	NoToken  Kind = "no_token"  // no access token is configured; nothing was sent
	Timeout  Kind = "timeout"   // no complete answer within the deadline
	Canceled Kind = "canceled"  // the caller gave up
	DNS      Kind = "dns"       // the host name does not resolve
	Refused  Kind = "refused"   // no connection: nothing listens there, or no route
	TLS      Kind = "tls"       // the certificate is not trusted, or the peer does not speak TLS
	Redirect Kind = "redirect"  // a redirect that is not followed
	TooLarge Kind = "too_large" // an answer of more than MaxAnswer bytes
	CutOff   Kind = "cut_off"   // the connection ended before the answer did
	Other    Kind = "other"     // anything else; Err tells

	// What the settings of this program stop; none of these was sent.
	RateLimited Kind = "rate_limited"   // Options.PerMinute: its turn would come after the deadline
	QueueFull   Kind = "queue_full"     // Options.MaxConcurrent: no place before the deadline, or too many wait
	Paused      Kind = "paused"         // Options.Breaker: the instance is down and left alone
	Forbidden   Kind = "forbidden_here" // Options.Allow: refused
)

// TransportError is a call without a usable answer.
type TransportError struct {
	Kind Kind
	// Host is the host that failed, with any port: that of the address, or the
	// one that does not resolve.
	Host string
	// Safe says that the request was a GET or known to read: whatever went wrong,
	// nothing changed.
	Safe bool
	// NoEffect says that surely no try of the call had an effect: what was sent of
	// it, if anything, was turned away. False may mean that it is not known.
	NoEffect bool
	// Waited is the time from the start of the call to its failure.
	Waited time.Duration
	// RetryAfter is how long to wait before calling again, where that is known: for
	// RateLimited and Paused.
	RetryAfter time.Duration
	// Retries is how often the request was repeated before it failed like this.
	Retries int
	// NotRetried is why the request was not repeated, or not again, although it
	// might have been; empty if there is no more to say than the kind does.
	NotRetried string
	// Err is the cause.
	Err error
}

// Unwrap is the cause.
func (e *TransportError) Unwrap() error { return e.Err }

// Error is one line: what happened, which setting to check, and the cause. It
// contains no path or query.
func (e *TransportError) Error() string { return e.describe() + retryNote(e.Retries, e.NotRetried) }

func (e *TransportError) describe() string {
	switch e.Kind {
	case NoToken:
		return "no access token is configured: set --token-file (RETOOL_ACCESS_TOKEN_FILE) or --token (RETOOL_ACCESS_TOKEN)"
	case Timeout:
		return fmt.Sprintf("%s gave no complete answer within %s%s; check --url (RETOOL_URL) or raise --timeout (RETOOL_MCP_TIMEOUT)", e.Host, e.Waited, e.mayHaveTakenEffect())
	case Canceled:
		return fmt.Sprintf("the call to %s was canceled after %s%s", e.Host, e.Waited, e.mayHaveTakenEffect())
	case DNS:
		return fmt.Sprintf("the host %s cannot be resolved: check --url (RETOOL_URL) (%v)", e.Host, e.Err)
	case Refused:
		return fmt.Sprintf("no connection to %s: check --url (RETOOL_URL) and that Retool is running there (%v)", e.Host, e.Err)
	case TLS:
		return fmt.Sprintf("no secure connection to %s: check scheme and host of --url (RETOOL_URL), "+
			"and that this machine trusts the certificate (%v)", e.Host, e.Err)
	case Redirect:
		return fmt.Sprintf("%s is not the address Retool answers at: correct --url (RETOOL_URL) (%v)", e.Host, e.Err)
	case TooLarge:
		return fmt.Sprintf("the answer of %s is too large to be read: ask for less at once, such as a smaller page (%v)", e.Host, e.Err)
	case RateLimited, QueueFull, Paused:
		return fmt.Sprintf("nothing was sent to %s: %v", e.Host, e.Err)
	case Forbidden:
		return fmt.Sprintf("nothing was sent to %s, the request is refused here: %v", e.Host, e.Err)
	case CutOff:
		return fmt.Sprintf("the connection to %s ended before the answer was complete%s (%v)", e.Host, e.mayHaveTakenEffect(), e.Err)
	default:
		return fmt.Sprintf("the request to %s failed: check --url (RETOOL_URL) (%v)", e.Host, e.Err)
	}
}

// doubt is what the caller must know after a write without an answer.
func (e *TransportError) mayHaveTakenEffect() string {
	if e.Safe || e.NoEffect {
		return ""
	}
	return ": a write may have taken effect all the same"
}
