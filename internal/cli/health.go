package cli

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// healthCommand asks a server of ours how it is. It is there for containers
// that have nothing else to ask with.
type healthCommand struct {
	URL string `arg:"" optional:"" default:"http://127.0.0.1:8000/healthz" help:"Address to ask."`
}

const healthTime = 5 * time.Second

func (c *healthCommand) Run(ctx context.Context, streams Streams) error {
	ctx, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" {
		return fmt.Errorf("%q is no address to ask", c.URL)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL, http.NoBody)
	if err != nil {
		return err
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{
		// The certificate is for the public name. To this machine itself it says
		// nothing, and nothing is sent that could be stolen.
		InsecureSkipVerify: own(u.Hostname()), //nolint:gosec // for loopback addresses alone
	}}
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil { // containers keep the exit code 2 for themselves
		fmt.Fprintf(streams.Err, "retool-mcp: %v\n", err)
		return errToolFailed
	}
	defer resp.Body.Close()
	line, _ := io.ReadAll(io.LimitReader(resp.Body, 200)) // what it says is for people
	if resp.StatusCode != http.StatusOK {
		fmt.Fprintf(streams.Err, "%d %s", resp.StatusCode, line)
		return errToolFailed
	}
	_, err = streams.Out.Write(line)
	return err
}

func own(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
