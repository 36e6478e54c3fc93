package retool

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/redact"
	"github.com/retool-mcp/retool-mcp/tools"
)

// DefaultTimeout is the deadline of a call when Options name none. The slowest
// operations known, creating a space or an environment, take 4 s.
const DefaultTimeout = 60 * time.Second

// Options are the settings of a Client. Of those from PerMinute on, the zero
// value is off: nothing is limited, repeated or refused.
type Options struct {
	// Address is where the API is. It is required.
	Address Address
	// Token is the access token; blanks around it are dropped. Without one
	// every call fails with NoToken, before anything is sent.
	Token string
	// Timeout is the deadline of one call, to the last byte of the answer, with
	// all that it waits and repeats. Zero means DefaultTimeout.
	Timeout time.Duration
	// UnixSocket is the path of a socket through which every connection goes,
	// whatever the address; the proxies of the environment then do not count.
	UnixSocket string
	// Dial makes every connection, whatever the address, without proxies; nil
	// means the network.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Wrap goes around the transport of every request, to measure and to add
	// headers; nil leaves it as it is.
	Wrap func(http.RoundTripper) http.RoundTripper
	// UserAgent is sent as the header of that name; empty means "retool-mcp".
	UserAgent string
	// RootCAs are the authorities trusted to certify the host; nil means those
	// of the system.
	RootCAs *x509.CertPool

	// PerMinute is how many requests go out in any minute with one access token,
	// repeats among them, redirects not. Further ones wait for their turn, first come first
	// served; a call whose turn would come after its deadline fails at once, with
	// RateLimited.
	PerMinute int
	// Burst is how many of these may go out at once after a rest; the others
	// follow evenly. Zero means DefaultBurst, or PerMinute if that is less.
	Burst int
	// MaxConcurrent is how many requests are under way at once, whatever their
	// tokens. Further ones wait, first come first served, until their deadline.
	MaxConcurrent int
	// MaxWaiting is how many may wait for one of MaxConcurrent. One more fails at
	// once, with QueueFull. Zero means DefaultMaxWaiting.
	MaxWaiting int
	// Retries is how often a request may be repeated that failed in passing, where
	// a repeat can do no harm; RetrySemantics tells where.
	Retries int
	// Breaker spares an instance that is down, and those who call it.
	Breaker CircuitBreaker
	// Allow is asked before every single request: each repeat, each redirect, the
	// document and the health check too. Its error refuses the request, which
	// fails with Forbidden; nothing is sent then. The path is percent-encoded, without
	// query, and relative to the API's base as in a tools.Request. Of what lies
	// elsewhere it is the URL, so that it never looks like a path of the API.
	Allow func(method, path string) error
}

// Client calls one Retool API. It is safe for concurrent use and keeps its
// connections for later calls, so one Client should serve the whole process.
type Client struct {
	address    Address
	base       string // address as text, to which a request's path is appended
	token      string
	account    account // whose requests are counted together: those of token
	userAgent  string
	timeout    time.Duration
	maxRetries int
	transport  http.RoundTripper
	scrub      redact.AccessToken
	// What all clients of one New share, nil where there is no limit.
	pace    *pacer
	places  *places
	breaker *breaker
}

// As returns a client that differs in the access token alone. Both share their
// connections, which carry no token of their own, the places for requests under
// way and what is known of the instance. Clients of one token share its limit of
// requests per minute.
func (c *Client) WithToken(token string) *Client {
	as := *c
	as.token = strings.TrimSpace(token)
	as.account = c.pace.account(as.token)
	as.scrub = redact.NewAccessToken(as.token)
	return &as
}

// Response is an answer with a status from 200 to 299.
type Response struct {
	Status      int
	ContentType string // as sent; empty if there was none
	Body        []byte // decompressed; empty if there was none
	// Retries is how often the request was repeated before this answer came.
	Retries int
	// Waited is how long the call waited, for its turn and between its tries.
	Waited time.Duration
	// Note is what the caller has to be told about how this answer came to be;
	// empty in all but one case, that of a deletion which a repeat found done.
	Note string
}

// New makes a Client. It opens no connection.
func New(o Options) *Client {
	token := strings.TrimSpace(o.Token)
	c := &Client{
		address:    o.Address,
		base:       o.Address.String(),
		token:      token,
		userAgent:  cmp.Or(o.UserAgent, "retool-mcp"),
		timeout:    o.Timeout,
		maxRetries: o.Retries,
		transport:  newTransport(o),
		scrub:      redact.NewAccessToken(token),
		pace:       newPacer(o.PerMinute, o.Burst),
		places:     newPlaces(o.MaxConcurrent, o.MaxWaiting),
		breaker:    newBreaker(o.Breaker),
	}
	if c.timeout <= 0 {
		c.timeout = DefaultTimeout
	}
	c.account = c.pace.account(token)
	return c
}

// Do is DoWith for a request of which no more is known than its method: a GET
// reads, and anything else is a write that must not be done twice.
func (c *Client) Do(ctx context.Context, r tools.Request) (*Response, error) {
	return c.DoWith(ctx, r, RetrySemantics{})
}

// DoWith sends r and reads the whole answer. Path and query reach the server byte
// for byte as r gives them, below the path of the address. What nature allows
// is repeated if it fails in passing, as often as Options.Retries and as long
// as the deadline permit.
//
// Any answer but a 2xx is a *StatusError, as is a web page in place of one;
// every other failure is a *TransportError. Nothing returned contains the
// access token.
func (c *Client) DoWith(ctx context.Context, r tools.Request, nature RetrySemantics) (*Response, error) {
	if c.token == "" {
		return nil, c.failure(time.Now(), NoToken, errors.New("the access token is empty"))
	}
	response, _, err := c.exchange(ctx, r, nature, nil)
	return response, err
}
