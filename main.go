// Command retool-mcp is an MCP server for the Retool API.
package main

import (
	"os"
	"runtime/debug"

	"golang.org/x/term"

	"github.com/retool-mcp/retool-mcp/internal/cli"
)

func main() {
	// Little is ever in use: collecting four times as seldom costs a few
	// megabytes and saves a fifth of the work of a large answer, and of the start.
	debug.SetGCPercent(400)
	os.Exit(cli.Main(os.Args[1:], cli.Streams{
		In:       os.Stdin,
		Out:      os.Stdout,
		Err:      os.Stderr,
		Terminal: term.IsTerminal(int(os.Stdin.Fd())),
	}))
}
