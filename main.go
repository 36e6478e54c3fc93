// Command retool-mcp is an MCP server for the Retool API.
package main

import (
	"os"

	"golang.org/x/term"

	"github.com/retool-mcp/retool-mcp/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], cli.Streams{
		In:       os.Stdin,
		Out:      os.Stdout,
		Err:      os.Stderr,
		Terminal: term.IsTerminal(int(os.Stdin.Fd())),
	}))
}
