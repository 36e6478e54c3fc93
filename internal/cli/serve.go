package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/retool-mcp/retool-mcp/internal/docsource"
	"github.com/retool-mcp/retool-mcp/internal/server"
)

// drainGrace is what is left, beyond a call's own deadline, to write the last
// answers once the client has closed its side.
const drainGrace = 2 * time.Second

func (p *program) serveCommand() *cobra.Command {
	return &cobra.Command{
		Use: "serve", Short: "Serve the tools over MCP, on standard input and output or over HTTP (the default)", Args: arguments(0),
		RunE: p.with(func(ctx context.Context, _ []string) error { return p.serve(ctx) }),
	}
}

func (p *program) serve(ctx context.Context) error {
	overHTTP, err := p.settings.HTTP.overHTTP()
	if err != nil {
		return err
	}
	if overHTTP {
		return p.serveHTTP(ctx)
	}
	for _, row := range p.http.settings {
		if p.settings.origins[row.name].level == byFlag && row.name != "transport" {
			return fmt.Errorf("--%s is for serving over HTTP: add --transport http", row.name)
		}
	}
	return p.serveStdio(ctx)
}

func (p *program) serveStdio(ctx context.Context) error {
	s, streams := p.settings, p.streams
	closeAudit, err := p.openAudit()
	if err != nil {
		return err
	}
	a, err := p.newApp(ctx)
	if err != nil {
		return closeAudit(err)
	}
	if n := len(a.catalog.Problems); n > 0 {
		a.log.Warn("operations left out: the command \"tools\" names them", "count", n)
	}
	if streams.Terminal {
		fmt.Fprintf(streams.Err, greeting, a.catalog.API, a.catalog.Version, len(a.catalog.Tools), a.addresses())
	}
	if a.spec.Location == docsource.Auto {
		go a.refresh(ctx)
	}
	service := server.NewService(a.catalog, a.runner, server.ServiceOptions{Version: version(), Instructions: a.switches(), Log: a.log})
	err = service.ServeStdio(ctx, streams.In, streams.Out, server.StdioOptions{Drain: s.Timeout + drainGrace, Logger: a.log})
	if errors.Is(err, context.Canceled) {
		err = nil // told to stop
	}
	return closeAudit(a.close(err))
}

// refreshAfter keeps the network quiet until a client has had its first answers.
const refreshAfter = 2 * time.Second

// refresh fetches the instance's own document for the next start.
func (a *app) refresh(ctx context.Context) {
	select {
	case <-time.After(refreshAfter):
	case <-ctx.Done():
		return
	}
	a.fetched(ctx)
}

// fetched asks the instances for their documents, and tells whether one is now
// known as it is.
func (a *app) fetched(ctx context.Context) (fresh bool) {
	for _, instance := range a.each() {
		if err := docsource.Refresh(ctx, instance.spec); err != nil {
			a.log.Info("the tools stay as they are", "reason", err)
			continue
		}
		fresh = true
	}
	return fresh
}

const greeting = `retool-mcp speaks MCP on standard input and output; it is meant to be started by a client, not by hand.
It serves %[1]s %[2]s: %[3]d tools for %[4]s.
Connect a client, for example Claude Code:
  claude mcp add --env RETOOL_ACCESS_TOKEN=retool_... --transport stdio retool -- retool-mcp serve
Cursor, VS Code and Claude Desktop take the same command in their MCP settings.
To try it here, stop it with Ctrl-C and run "retool-mcp tools" or "retool-mcp call NAME".
`
