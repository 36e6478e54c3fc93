// Command retool-mcp is an MCP server for the Retool API.
package main

import (
	"os"

	"golang.org/x/term"

	"github.com/retool-mcp/retool-mcp/internal/cli"
	"github.com/retool-mcp/retool-mcp/internal/memory"
	"github.com/retool-mcp/retool-mcp/internal/script/engine"
)

func main() {
	engine.RunIfChild() // before all that a child does not need
	memory.LimitGarbage()
	os.Exit(cli.Main(os.Args[1:], cli.Streams{
		In:       os.Stdin,
		Out:      os.Stdout,
		Err:      os.Stderr,
		Terminal: term.IsTerminal(int(os.Stdin.Fd())),
	}))
}
