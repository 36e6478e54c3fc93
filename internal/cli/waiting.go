package cli

import (
	"cmp"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// refusalTime is how long a client on standard input has to send the request that
// is answered with the reason why nothing is served.
const refusalTime = 10 * time.Second

// hasWaitingClient reports whether an MCP client may wait on standard input for a
// server that could not start: serve is the command, and its transport stdio, as
// far as the settings could be read.
func (p *program) hasWaitingClient(args []string) bool {
	if p.serving || p.streams.Terminal || p.command == nil {
		return false
	}
	isCommand := func(arg string) bool {
		return slices.ContainsFunc(p.command.Commands(), func(c *cobra.Command) bool { return c.Name() == arg && arg != "serve" })
	}
	switch { // behind an unknown flag, a command looks like its value
	case p.command.HasParent() && p.command.Name() != "serve":
		return false
	case slices.ContainsFunc(args, isCommand):
		return false
	}
	return p.transport(args) == transportStdio
}

// transport is the transport that was asked for, even if the settings contradict
// each other or a flag is unknown.
func (p *program) transport(args []string) string {
	if _, resolved := p.settings.origins["transport"]; resolved {
		return strings.Join(p.settings.HTTP.Transport, ",")
	}
	given := ""
	for i, arg := range args {
		if value, ok := strings.CutPrefix(arg, "--transport="); ok {
			given = value
		} else if arg == "--transport" && i+1 < len(args) {
			given = args[i+1]
		}
	}
	return cmp.Or(given, strings.TrimSpace(os.Getenv(rowOf("transport").env())), transportStdio)
}

// leastSecret is the length from which a text counts as a secret.
const leastSecret = 8

// secrets are the values that no message may repeat, wherever they were written by
// mistake.
func (p *program) secrets() (all []string) {
	all = []string{p.settings.Token, p.settings.HTTP.AuthToken}
	for _, row := range []*setting{rowOf("token"), rowOf("auth-token")} {
		for _, v := range variables(append([]string{row.env()}, row.aliases...)...) {
			all = append(all, v.value)
		}
	}
	return slices.DeleteFunc(all, func(s string) bool { return len(s) < leastSecret })
}
