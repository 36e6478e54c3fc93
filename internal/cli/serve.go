package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/retool-mcp/retool-mcp/internal/docsource"
	"github.com/retool-mcp/retool-mcp/internal/scripttool"
	"github.com/retool-mcp/retool-mcp/internal/server"
)

// drainGrace is the time after a call's deadline to write the last answers to a
// client that has closed its input.
const drainGrace = 2 * time.Second

// longestCall is how long a call may take: to apply a plan, a script runs twice.
func (s *Settings) longestCall() time.Duration { return max(s.Timeout, 2*s.ScriptTimeout) }

func (p *program) serveCommand() *cobra.Command {
	return &cobra.Command{
		Use: "serve", Short: "Serve the tools over MCP on standard input and output, or over HTTP; the default command", Args: arguments(0),
		RunE: p.with(func(ctx context.Context, _ []string) error { return p.serve(ctx) }),
	}
}

func (p *program) serve(ctx context.Context) error {
	transports := p.settings.HTTP.Transport
	switch stdio := slices.Contains(transports, transportStdio); {
	case !stdio:
		return p.serveHTTP(ctx)
	case len(transports) > 1:
		return fmt.Errorf("%s: stdio cannot be combined with another transport", label("transport"))
	}
	for _, row := range p.http.settings {
		if p.settings.origins[row.name].level == byFlag && row.name != "transport" {
			return fmt.Errorf("--%s is for serving over HTTP: add --transport http", row.name)
		}
	}
	return p.serveStdio(ctx)
}

func (p *program) serveStdio(ctx context.Context) error {
	return p.withApp(ctx, func(a *app) error {
		c := a.catalog
		if n := len(c.Problems); n > 0 {
			p.log.Warn("operations left out: \"retool-mcp tools\" lists them", "count", n)
		}
		if p.streams.Terminal {
			fmt.Fprintf(p.streams.Err, greeting, c.API, c.Version, len(c.Listed().Tools), a.addresses())
		}
		if a.instances[0].document.Location == docsource.Auto {
			refresh := time.AfterFunc(refreshAfter, func() { a.fetched(ctx) }) // for the next start
			defer refresh.Stop()
		}
		service := server.NewService(c, a.runner, server.ServiceOptions{Version: version(), Instructions: a.instructions(), Log: p.log})
		p.serving = true
		err := service.ServeStdio(ctx, p.streams.In, p.streams.Out, server.StdioOptions{
			Drain: p.settings.longestCall() + drainGrace, Logger: p.log,
			Brief: func(params []byte) bool { return scripttool.OnlyReads(params, p.settings.ToolPrefix) }, BriefDrain: scriptDrain,
		})
		if errors.Is(err, context.Canceled) {
			return nil // a signal
		}
		return err
	})
}

// scriptDrain is how long a script that writes nothing runs on when its client is gone.
const scriptDrain = 5 * time.Second

// refreshAfter keeps the network quiet until a client has had its first answers.
const refreshAfter = 2 * time.Second

const greeting = `retool-mcp speaks MCP on standard input and output; it is started by MCP clients.
It serves %[1]s %[2]s: %[3]d tools for %[4]s.
Connect a client with the same flags and variables as here, for example Claude Code:
  claude mcp add --env RETOOL_URL=https://example.retool.com \
    --env RETOOL_ACCESS_TOKEN_FILE=$HOME/.config/retool/token --transport stdio retool -- retool-mcp serve
Cursor, VS Code and Claude Desktop take the same command in their MCP settings.
To try it in this terminal, press Ctrl-C and run "retool-mcp tools" or "retool-mcp call NAME".
`
