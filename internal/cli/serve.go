package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/docsource"
	"github.com/retool-mcp/retool-mcp/internal/server"
)

type serveCommand struct {
	Remote remoteFlags `embed:"" group:"Remote"`
}

// drainGrace is what is left, beyond a call's own deadline, to write the last
// answers once the client has closed its side.
const drainGrace = 2 * time.Second

func (c *serveCommand) Run(ctx context.Context, s *Settings, streams Streams) error {
	remote, err := c.Remote.transports()
	if err != nil {
		return err
	}
	if remote {
		return c.Remote.serve(ctx, s, streams)
	}
	for field := range reflect.TypeFor[remoteFlags]().Fields() {
		if name := field.Tag.Get("name"); s.given[name] && name != "transport" {
			return fmt.Errorf("--%s is for serving over HTTP: add --transport http", name)
		}
	}
	return serveStdio(ctx, s, streams)
}

// stdioCommand is serve on standard input and output alone.
type stdioCommand struct{}

func (stdioCommand) Run(ctx context.Context, s *Settings, streams Streams) error {
	return serveStdio(ctx, s, streams)
}

func serveStdio(ctx context.Context, s *Settings, streams Streams) error {
	closeAudit, err := s.openAudit()
	if err != nil {
		return err
	}
	a, err := newApp(ctx, s, streams)
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
	mcp, prepare := server.NewDeferred(a.catalog, a.runner, server.ServiceOptions{Version: version(), Instructions: a.switches(), Log: a.log})
	err = server.ServeStdio(ctx, mcp, streams.In, streams.Out, server.StdioOptions{
		Prepare: prepare,
		Drain:   s.Timeout + drainGrace,
		List:    sync.OnceValue(func() json.RawMessage { return server.List(a.catalog) }),
		Logger:  a.log,
	})
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
