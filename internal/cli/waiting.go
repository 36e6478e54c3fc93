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
// server that could not start: serve is the command, and its transport is stdio or
// unknown, as far as the settings could be read.
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
	transports, err := p.transports(args)
	return err != nil || slices.Contains(transports, transportStdio)
}

// transports are those that were asked for, even if the settings contradict each
// other or a flag is unknown.
func (p *program) transports(args []string) ([]string, error) {
	if _, resolved := p.settings.origins["transport"]; resolved {
		return p.settings.HTTP.Transport, nil
	}
	row := rowOf("transport")
	given := strings.Join(flagValues(p.command, args, row.name), ",")
	given, err := cleaned(cmp.Or(given, os.Getenv(row.env()), transportStdio))
	if err != nil {
		return nil, err
	}
	return row.items(cmp.Or(given, transportStdio))
}

// flagValues are the values of a flag on a command line that may be wrong
// elsewhere.
func flagValues(cmd *cobra.Command, args []string, name string) (values []string) {
	for i := 0; i < len(args) && args[i] != "--"; i++ {
		flag, value, joined := strings.Cut(args[i], "=")
		flag, isFlag := strings.CutPrefix(flag, "--")
		if !isFlag {
			continue
		}
		known := cmd.Flags().Lookup(flag)
		if takesNext := known != nil && known.NoOptDefVal == "" || flag == name; takesNext && !joined && i+1 < len(args) {
			i++
			value = args[i]
		}
		if flag == name {
			values = append(values, value)
		}
	}
	return values
}

// leastSecret is the length from which a text counts as a secret.
const leastSecret = 8

// secrets are the values that no message may repeat, wherever they were written by
// mistake.
func (p *program) secrets() (all []string) {
	all = []string{p.settings.Token, p.settings.HTTP.AuthToken}
	for _, row := range []*setting{rowOf("token"), rowOf("auth-token")} {
		for _, v := range variables(row.variables()...) {
			all = append(all, v.value)
		}
	}
	return slices.DeleteFunc(all, func(s string) bool { return len(s) < leastSecret })
}
