package doctor

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// contact is the first request to the instance, and all that it shows: one serves
// the checks of TLS, health and clock.
type response struct {
	status   int
	header   http.Header
	body     []byte
	err      error // no answer
	sent     time.Time
	received time.Time

	state *tls.ConnectionState // of the last handshake that came to certificates
	trust error                // why they are not trusted
}

// meet asks for the instance's health, without the token, the first time that it
// is called. It follows no redirect.
func (d *doctor) firstResponse(ctx context.Context) *response {
	if d.first != nil {
		return d.first
	}
	d.first = &response{}
	d.first.err = d.request(ctx, d.first)
	return d.first
}

func (d *doctor) request(ctx context.Context, c *response) error {
	// The API is at …/api/v2, its health one level up.
	target := strings.TrimSuffix(d.Address.String(), "/v2") + "/checkHealth"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, http.NoBody)
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", cmp.Or(d.UserAgent, "retool-mcp"))
	transport := d.inspectingTransport(c)
	defer transport.CloseIdleConnections()
	c.sent = time.Now()
	resp, err := d.transport.wrap(transport).RoundTrip(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	c.status, c.header, c.received = resp.StatusCode, resp.Header, time.Now()
	c.body, _ = io.ReadAll(resp.Body) // a body that ends early says enough
	return nil
}

// inspecting is a transport that keeps what a server shows of itself, also where
// that is no reason to trust it. It takes the same way as every other request.
func (d *doctor) inspectingTransport(c *response) *http.Transport {
	dialer := &net.Dialer{}
	t := &http.Transport{
		Proxy:             http.ProxyFromEnvironment,
		DialContext:       dialer.DialContext,
		ForceAttemptHTTP2: true,
		TLSClientConfig: &tls.Config{
			// The verification below is the same one, and keeps the certificates
			// that it refuses. Nothing is sent before it.
			InsecureSkipVerify: true, //nolint:gosec // see above
			RootCAs:            d.RootCAs,
			VerifyConnection: func(state tls.ConnectionState) error {
				c.state, c.trust = &state, d.verify(state)
				return c.trust
			},
		},
	}
	switch {
	case d.Dial != nil:
		t.Proxy, t.DialContext = nil, d.Dial
	case d.UnixSocket != "":
		t.Proxy = nil
		t.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", d.UnixSocket)
		}
	}
	return t
}

// verify does what crypto/tls does of itself. A proxy that speaks TLS goes by its
// own name.
func (d *doctor) verify(state tls.ConnectionState) error {
	options := x509.VerifyOptions{Roots: d.RootCAs, DNSName: cmp.Or(state.ServerName, d.host), Intermediates: x509.NewCertPool()}
	for _, above := range state.PeerCertificates[1:] {
		options.Intermediates.AddCert(above)
	}
	_, err := state.PeerCertificates[0].Verify(options)
	return err
}
