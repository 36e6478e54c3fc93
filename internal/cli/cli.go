package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // the tool failed
	exitUsage  = 2 // bad settings or arguments: nothing was started
)

// commands is the command line. Its tags are the only list of settings: help
// and the tables in docs are made from them.
type commands struct {
	Serve serveCommand `cmd:"" default:"withargs" help:"Serve the tools over MCP, on standard input and output or over HTTP (the default)."`
	common
	Sandbox sandboxCommand `cmd:"" help:"Serve an emulated organization over HTTP, for this program and any other client of the API."`
}

// common is what both command lines have.
type common struct {
	Settings

	Tools   toolsCommand   `cmd:"" help:"List the tools, or show one."`
	Call    callCommand    `cmd:"" help:"Call one tool and print its result."`
	Doctor  doctorCommand  `cmd:"" help:"Find out why the instance, the token or this machine does not work, and what to do about it."`
	Health  healthCommand  `cmd:"" help:"Ask a server of this program how it is, and exit with 1 where it is not well."`
	Audit   auditCommand   `cmd:"" help:"Work with audit logs."`
	Spec    specCommand    `cmd:"" help:"Compare documents, or save the instance's own."`
	Version versionCommand `cmd:"" help:"Print the versions of all that matters."`
}

// everyday is the command line without the settings of servers over HTTP, which
// are most of them: a client that starts the program need not wait until they
// are all understood. What does not fit it is read by the whole one.
type everyday struct {
	Serve stdioCommand `cmd:"" default:"withargs"`
	common
}

// Streams are a process's standard streams.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
	// Terminal says that a person sits at In.
	Terminal bool
}

// failure ends a command whose tool failed; what there is to say is printed.
var errToolFailed = errors.New("the tool failed")

// Main runs the command line and returns the exit code. SIGINT and SIGTERM end
// it at once.
func Main(args []string, streams Streams) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, args, streams)
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errToolFailed):
		return exitFailed
	default:
		fmt.Fprintf(streams.Err, "retool-mcp: %v\n", err)
		return exitUsage
	}
}

func run(ctx context.Context, args []string, streams Streams) error {
	config, err := readConfig(args)
	if err != nil {
		return err
	}
	config.readOnly = config.readOnly || saysYes(os.Getenv("RETOOL_MCP_READ_ONLY"))
	if os.Getenv("RETOOL_MCP_TRANSPORT") == "" {
		var e everyday
		if parsed, exited, err := parse(&e, args, Streams{Out: io.Discard, Err: io.Discard}); err == nil && !exited {
			e.configured = config
			return execute(ctx, parsed, &e.Settings, streams)
		}
	}
	var c commands
	parsed, exited, err := parse(&c, args, streams)
	if exited || err != nil { // help was asked for and printed, or the arguments are wrong
		return err
	}
	c.configured = config
	return execute(ctx, parsed, &c.Settings, streams)
}

func parse(grammar any, args []string, streams Streams) (_ *kong.Context, exited bool, err error) {
	parser, ended, err := newParser(grammar, streams)
	if err != nil {
		return nil, false, fmt.Errorf("command line: %w", err)
	}
	unsetBlanks(parser)
	parsed, err := parser.Parse(args)
	if *ended {
		return nil, true, nil
	}
	return parsed, false, err
}

func execute(ctx context.Context, parsed *kong.Context, s *Settings, streams Streams) error {
	s.given = map[string]bool{}
	for _, p := range parsed.Path {
		if p.Flag != nil {
			s.given[p.Flag.Name] = true
		}
	}
	s.ReadOnly = s.ReadOnly || s.readOnly
	parsed.BindTo(ctx, (*context.Context)(nil))
	parsed.Bind(streams, s)
	return parsed.Run()
}

// unsetBlanks makes a variable that is set to nothing count as not set.
func unsetBlanks(parser *kong.Kong) {
	for _, node := range append([]*kong.Node{parser.Model.Node}, parser.Model.Children...) {
		for _, flag := range node.Flags {
			for _, name := range flag.Envs {
				if strings.TrimSpace(os.Getenv(name)) == "" {
					_ = os.Unsetenv(name)
				}
			}
		}
	}
}

func newParser(grammar any, streams Streams) (*kong.Kong, *bool, error) {
	exited := false
	parser, err := kong.New(grammar,
		kong.Name("retool-mcp"),
		kong.Description("An MCP server for the Retool API: every operation is a tool."),
		kong.Writers(streams.Out, streams.Err),
		kong.Exit(func(int) { exited = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
	)
	return parser, &exited, err
}
