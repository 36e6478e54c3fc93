package retool

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/redact"
	"github.com/retool-mcp/retool-mcp/tools"
)

// DefaultTimeout is Options.Timeout when it is zero. The slowest operations
// known, creating a space or an environment, take 4 s.
const DefaultTimeout = 60 * time.Second

// Options are the settings of a Client. From PerMinute on, the zero value is
// off: nothing is limited, retried or refused.
type Options struct {
	// Address is where the API is. It is required.
	Address Address
	// Token is the access token; spaces around it are dropped. Without one every
	// call fails with NoToken, before anything is sent.
	Token string
	// Secrets are further tokens of this process. Like the access token, they are
	// removed from whatever a server sends.
	Secrets []string
	// Timeout is the deadline of one call, up to the last byte of the response,
	// waits and retries included. Zero means DefaultTimeout.
	Timeout time.Duration
	// UnixSocket is the path of a socket for all connections, whatever the
	// address; the proxies of the environment are then ignored.
	UnixSocket string
	// Dial makes all connections, whatever the address, without proxies; nil
	// means the network.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Wrap wraps the transport of every request, to measure and to add headers;
	// nil leaves it as it is.
	Wrap func(http.RoundTripper) http.RoundTripper
	// UserAgent is the header of that name; empty means "retool-mcp".
	UserAgent string
	// RootCAs are the authorities trusted to certify the host; nil means those
	// of the system.
	RootCAs *x509.CertPool
	// SettingNames are the names of settings in error messages.
	SettingNames SettingNames

	// PerMinute limits the requests in any minute with one access token, retries
	// included, redirects not. Further requests wait, first come first served; a
	// call whose turn would come after its deadline fails at once, with
	// RateLimited.
	PerMinute int
	// Burst is how many of these may be sent at once after a rest; the others
	// follow evenly. Zero means DefaultBurst, or PerMinute if that is less.
	Burst int
	// MaxConcurrent limits the requests in progress, whatever their tokens.
	// Further requests wait, first come first served, until their deadline.
	MaxConcurrent int
	// MaxWaiting limits how many wait for MaxConcurrent. One more fails at once,
	// with QueueFull. Zero means DefaultMaxWaiting.
	MaxWaiting int
	// Retries is how often a transient failure may be retried, where
	// RetrySemantics allow it.
	Retries int
	// Breaker stops requests to an instance that is failing.
	Breaker CircuitBreaker
	// Allow is asked before every single request: each retry, each redirect, the
	// document and the health check too. Its error refuses the request, which
	// fails with Forbidden; nothing is sent then. The path is percent-encoded,
	// without query, and relative to the API's base as in a tools.Request.
	// Elsewhere it is the URL, which never looks like a path of the API.
	Allow func(method, path string) error
}

// Client calls one Retool API. It is safe for concurrent use and keeps its
// connections for later calls, so one Client should serve the whole process.
type Client struct {
	address    Address
	base       string // address as text, to which a request's path is appended
	token      string
	tokenHash  tokenHash // for the rate limit
	userAgent  string
	timeout    time.Duration
	maxRetries int
	transport  http.RoundTripper
	secrets    []string // of Options
	redactor   redact.AccessToken
	settings   SettingNames
	// Shared by all clients of one New; nil where there is no limit.
	rate    *rateLimiter
	slots   *concurrencyLimiter
	breaker *breaker
}

// WithToken returns a client that differs in the access token alone. Both share
// their connections, which carry no token of their own, the limit of concurrent
// requests and the circuit breaker. Clients of one token share its limit of
// requests per minute.
func (c *Client) WithToken(token string) *Client {
	with := *c
	with.token = strings.TrimSpace(token)
	with.tokenHash = sha256.Sum256([]byte(with.token))
	with.redactor = redact.NewAccessToken(with.token, with.secrets...)
	return &with
}

// Address is where the API is.
func (c *Client) Address() Address { return c.address }

// Shown removes the access token and Options.Secrets from a text that goes to a
// reader, as the last step. Arguments may have held them.
func (c *Client) Shown(text string) string { return c.redactor.Shown(text) }

// ShownBytes is Shown for JSON, or for a document from elsewhere.
func (c *Client) ShownBytes(body []byte) []byte { return c.redactor.Body(body) }

// Response is a response with a status from 200 to 299.
type Response struct {
	Status      int
	ContentType string // as sent; empty if there was none
	Body        []byte // decompressed; empty if there was none
	// Location is where the new object of a 201, or the state of the work of a 202,
	// is; empty if the response does not say.
	Location string
	// Retries is how often the request was retried before this response.
	Retries int
	// Waited is how long the call waited, for its turn and between attempts.
	Waited time.Duration
	// Note tells the caller how this response came about. It is empty except
	// for a deletion whose retry found nothing to delete.
	Note string

	header http.Header
}

// Date is the instance's time when it answered; zero if it did not say.
func (r *Response) Date() time.Time {
	date, _ := http.ParseTime(r.header.Get("Date"))
	return date
}

// New makes a Client. It opens no connection.
func New(o Options) *Client {
	names := o.SettingNames.withDefaults()
	c := &Client{
		address:    o.Address,
		base:       o.Address.String(),
		userAgent:  cmp.Or(o.UserAgent, "retool-mcp"),
		timeout:    o.Timeout,
		maxRetries: o.Retries,
		transport:  newTransport(o),
		settings:   names,
		secrets:    o.Secrets,
		rate:       newRateLimiter(o.PerMinute, o.Burst, names.PerMinute),
		slots:      newConcurrencyLimiter(o.MaxConcurrent, o.MaxWaiting, names.MaxConcurrent),
		breaker:    newBreaker(o.Breaker),
	}
	if c.timeout <= 0 {
		c.timeout = DefaultTimeout
	}
	return c.WithToken(o.Token)
}

// Do is DoWith for a request of which only the method is known: a GET is safe,
// and anything else is a write that must not be done twice.
func (c *Client) Do(ctx context.Context, r tools.Request) (*Response, error) {
	return c.DoWith(ctx, r, RetrySemantics{})
}

// DoWith sends r and reads the whole response. Path and query reach the server
// byte for byte as r gives them, below the path of the address. Transient
// failures are retried as the semantics, Options.Retries and the deadline allow.
//
// Any status but a 2xx is a *StatusError, as is a web page in place of a
// response; every other failure is a *TransportError. Nothing returned contains
// the access token.
func (c *Client) DoWith(ctx context.Context, r tools.Request, semantics RetrySemantics) (*Response, error) {
	if c.token == "" {
		return nil, c.failure(time.Now(), NoToken, errors.New("the access token is empty"))
	}
	return c.exchange(ctx, r, semantics, nil)
}
