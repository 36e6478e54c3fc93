// Command retool-mcp is an MCP server for the Retool API.
package main

import (
	"os"
	"runtime/debug"

	"golang.org/x/term"

	"github.com/retool-mcp/retool-mcp/internal/cli"
	"github.com/retool-mcp/retool-mcp/internal/script/engine"
)

func main() {
	engine.RunIfChild() // before all that a child does not need
	// The heap is small: collecting a quarter as often costs a few megabytes and
	// saves a fifth of the work at the start and for a large answer.
	debug.SetGCPercent(400)
	os.Exit(cli.Main(os.Args[1:], cli.Streams{
		In:       os.Stdin,
		Out:      os.Stdout,
		Err:      os.Stderr,
		Terminal: term.IsTerminal(int(os.Stdin.Fd())),
	}))
}
