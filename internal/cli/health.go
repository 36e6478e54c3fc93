package cli

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/retool-mcp/retool-mcp/internal/netaddr"
)

const (
	healthTimeout = 5 * time.Second
	healthAddress = "http://127.0.0.1:8000/healthz"
)

// healthCommand checks a server of this program, in containers that have no other
// client to do so.
func (p *program) healthCommand() *cobra.Command {
	return &cobra.Command{
		Use: "health [url]", Short: "Check a server of this program, and exit with 1 if it is not healthy", Args: arguments(0),
		Long: "Check a server of this program, and exit with 1 if it is not healthy. The default url is " + healthAddress + ".",
		RunE: func(cmd *cobra.Command, args []string) error {
			return checkHealth(cmd.Context(), cmp.Or(first(args), healthAddress), p.streams)
		},
	}
}

func checkHealth(ctx context.Context, address string, streams Streams) error {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return fmt.Errorf("%q is not a URL", address)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return err
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{
		// The certificate is for the public name and proves nothing about this
		// machine itself. The request holds no secret.
		InsecureSkipVerify: netaddr.IsLoopback(u.Hostname()), //nolint:gosec // for loopback addresses alone
	}}
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil { // containers keep the exit code 2 for themselves
		fmt.Fprintf(streams.Err, "retool-mcp: %v\n", err)
		return errToolFailed
	}
	defer resp.Body.Close()
	line, _ := io.ReadAll(io.LimitReader(resp.Body, 200))
	if resp.StatusCode != http.StatusOK {
		fmt.Fprintf(streams.Err, "%d %s", resp.StatusCode, line)
		return errToolFailed
	}
	_, err = streams.Out.Write(line)
	return err
}
