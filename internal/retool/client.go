package retool

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/retool-mcp/retool-mcp/tools"
)

// DefaultTimeout is the deadline of a call when Options name none. The slowest
// operations known, creating a space or an environment, take 4 s.
const DefaultTimeout = 60 * time.Second

// maxIdleConns is how many connections are kept open for the next calls. An
// agent may send that many at once; the two that net/http keeps by default
// would make most of them dial anew.
const maxIdleConns = 64

// Options are the settings of a Client.
type Options struct {
	// Address is where the API is. It is required.
	Address Address
	// Token is the access token; blanks around it are dropped. Without one
	// every call fails with NoToken, before anything is sent.
	Token string
	// Timeout is the deadline of one call, from dialling to the last byte of
	// the answer. Zero means DefaultTimeout.
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
}

// Client calls one Retool API. It is safe for concurrent use and keeps its
// connections for later calls, so one Client should serve the whole process.
type Client struct {
	address   Address
	base      string // address as text, to which a request's path is appended
	token     string
	userAgent string
	timeout   time.Duration
	transport http.RoundTripper
	scrub     scrubber
}

// As returns a client that differs in the access token alone. Both share their
// connections, which carry no token of their own.
func (c *Client) As(token string) *Client {
	as := *c
	as.token = strings.TrimSpace(token)
	as.scrub = newScrubber(as.token)
	return &as
}

// Response is an answer with a status from 200 to 299.
type Response struct {
	Status      int
	ContentType string // as sent; empty if there was none
	Body        []byte // decompressed; empty if there was none
}

// New makes a Client. It opens no connection.
func New(o Options) *Client {
	token := strings.TrimSpace(o.Token)
	c := &Client{
		address:   o.Address,
		base:      o.Address.String(),
		token:     token,
		userAgent: cmp.Or(o.UserAgent, "retool-mcp"),
		timeout:   o.Timeout,
		transport: newTransport(o),
		scrub:     newScrubber(token),
	}
	if c.timeout <= 0 {
		c.timeout = DefaultTimeout
	}
	return c
}

func newTransport(o Options) http.RoundTripper {
	dialer := &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}
	t := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
		TLSClientConfig:     &tls.Config{RootCAs: o.RootCAs},
		TLSHandshakeTimeout: 10 * time.Second,
		ForceAttemptHTTP2:   true, // off by default next to DialContext or TLSClientConfig
		MaxIdleConnsPerHost: maxIdleConns,
		IdleConnTimeout:     90 * time.Second,
	}
	if o.Dial != nil {
		t.Proxy, t.DialContext = nil, o.Dial
	}
	if o.UnixSocket != "" {
		t.Proxy = nil
		t.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", o.UnixSocket)
		}
	}
	if o.Wrap != nil {
		return o.Wrap(t)
	}
	return t
}

// Do sends r and reads the whole answer. Path and query reach the server byte
// for byte as r gives them, below the path of the address.
//
// Any answer but a 2xx is a *StatusError, as is a web page in place of one;
// every other failure is a *TransportError. Nothing returned contains the
// access token.
func (c *Client) Do(ctx context.Context, r tools.Request) (*Response, error) {
	if c.token == "" {
		return nil, c.failure(time.Now(), NoToken, errors.New("the access token is empty"))
	}
	response, _, err := c.exchange(ctx, r, nil)
	return response, err
}

// exchange sends r with further headers and reads the whole answer. It also
// returns the answer's headers.
func (c *Client) exchange(ctx context.Context, r tools.Request, further http.Header) (_ *Response, _ http.Header, err error) {
	start := time.Now()
	defer func() {
		if failure, ok := errors.AsType[*TransportError](err); ok {
			failure.Read = r.Method == http.MethodGet
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()

	req, err := c.newRequest(ctx, r)
	if err != nil {
		return nil, nil, c.failure(start, Other, err)
	}
	maps.Copy(req.Header, further)
	resp, err := c.send(req)
	if err != nil {
		return nil, nil, c.failed(ctx, start, Other, err)
	}
	defer resp.Body.Close()

	if resp.StatusCode == http.StatusNotModified && further.Get("If-None-Match") != "" {
		return nil, resp.Header, nil
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		// How the body ends does not matter any more: the status is the news.
		body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
		return nil, nil, newStatusError(resp, body, c.scrub)
	}
	body, err := readBody(resp)
	if err != nil {
		return nil, nil, c.failed(ctx, start, CutOff, err)
	}
	if isWebPage(resp.Header.Get("Content-Type"), body) {
		return nil, nil, newStatusError(resp, body, c.scrub)
	}
	return &Response{
		Status:      resp.StatusCode,
		ContentType: c.scrub.text(resp.Header.Get("Content-Type")),
		Body:        c.scrub.body(body),
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
