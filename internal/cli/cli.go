package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/retool-mcp/retool-mcp/internal/audit"
	"github.com/retool-mcp/retool-mcp/internal/caller"
	configfile "github.com/retool-mcp/retool-mcp/internal/config"
	"github.com/retool-mcp/retool-mcp/internal/confirm"
	"github.com/retool-mcp/retool-mcp/internal/memory"
	"github.com/retool-mcp/retool-mcp/internal/script"
	"github.com/retool-mcp/retool-mcp/internal/server"
	"github.com/retool-mcp/retool-mcp/internal/state"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Streams are a process's standard streams.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
	// Terminal says that In is a terminal.
	Terminal bool
}

// Main runs the command line and returns the exit code. SIGINT and SIGTERM stop
// it.
func Main(args []string, streams Streams) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	p := newProgram(streams)
	err := p.run(ctx, args)
	if err == nil {
		return exitOK
	}
	if p.wantsJSON(args) {
		err = p.reportJSON(err)
	}
	code, line := report(err, p.secrets(), streams.Err)
	if code == exitUsage && ctx.Err() == nil && p.hasWaitingClient(args) {
		server.RefuseStdio(ctx, streams.In, streams.Out, line, refusalTime)
	}
	return code
}

// program is one run of the command line.
type program struct {
	streams   Streams
	settings  *Settings
	general   []settingGroup // of all commands
	http      settingGroup   // of serve
	instances []configfile.Instance
	log       *slog.Logger
	command   *cobra.Command // what runs or failed
	serving   bool           // on standard input and output
	audit     *audit.Log     // nil without --audit-log
	// agreements are the confirmations that users have given.
	agreements *confirm.Agreements
	scripts    *script.Runner // nil until the settings are read
	scripted   bool           // results are for a program: call --output json
	uncut      bool           // results have no ceiling unless it is asked for
	state      *state.Folder  // of plans, nil for none
	memory     *memory.Budget
	hidden     []string // see tokens; nil until they are needed
	// wrap goes around the transport of requests to Retool; nil for none.
	wrap func(http.RoundTripper) http.RoundTripper
	// accepted tells whether Retool has accepted the token of the caller in a context;
	// nil if callers bring none.
	accepted func(context.Context) bool
	// within returns the context for a call of a tool; nil leaves it as it is.
	within func(context.Context, *tools.Tool) context.Context
	// sandboxes are those to continue with, by instance, when everything else is
	// read again.
	sandboxes map[string]*inProcess
}

func newProgram(streams Streams) *program {
	s := &Settings{}
	p := &program{streams: streams, settings: s, general: s.table(), http: s.HTTP.group(), memory: memory.NewBudget()}
	p.readTokensAgain()
	return p
}

func (p *program) run(ctx context.Context, args []string) error {
	root := p.rootCommand() //nolint:contextcheck // commands get it from cobra
	root.SetArgs(args)
	var err error
	p.command, err = root.ExecuteContextC(ctx)
	return err
}

// rootCommand is the command line. Without a command it is serve.
func (p *program) rootCommand() *cobra.Command {
	cobra.EnableCommandSorting = false
	cobra.MousetrapHelpText = "" // looking for it costs time at every start on Windows
	serve := p.serveCommand()
	root := &cobra.Command{
		Use:     "retool-mcp",
		Short:   "An MCP server for the Retool API: every operation is a tool.",
		Version: version(),
		Args: func(cmd *cobra.Command, args []string) error {
			if after, _, err := cmd.Find(args); err == nil && after != cmd {
				return nil
			}
			return noCommand(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return runAfterDashes(cmd, args)
			}
			return serve.RunE(cmd, args)
		},
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetIn(p.streams.In)
	root.SetOut(p.streams.Out)
	root.SetErr(p.streams.Err)
	root.SetFlagErrorFunc(flagError)
	root.SetUsageFunc(p.usage)
	for _, row := range rows(p.general) {
		row.addTo(root.PersistentFlags())
	}
	for _, row := range p.http.settings {
		row.addTo(serve.Flags())
	}
	root.Flags().AddFlagSet(serve.Flags())
	root.AddCommand(serve, p.toolsCommand(), p.callCommand(), p.scriptCommand(), p.doctorCommand(), p.sandboxCommand(), p.healthCommand(),
		p.auditCommand(), p.specCommand(), p.versionCommand())
	refuseUnknownTopics(root)
	return root
}

// runAfterDashes runs the command that follows --, with all that follows it as
// arguments: cobra looks for commands before -- only.
func runAfterDashes(root *cobra.Command, args []string) error {
	cmd, rest, err := root.Find(args)
	if err != nil {
		return err
	}
	root.SetArgs(slices.Concat(strings.Fields(cmd.CommandPath())[1:], []string{"--"}, rest))
	return root.ExecuteContext(root.Context())
}

// refuseUnknownTopics makes cobra's own commands refuse what they do not know.
func refuseUnknownTopics(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "completion":
			cmd.Args = noCommand
			cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
			for _, shell := range cmd.Commands() {
				shell.Args = arguments(0)
			}
		case "help":
			cmd.Args = func(_ *cobra.Command, args []string) error {
				topic, rest, err := root.Find(args)
				if err != nil {
					return err
				}
				return noCommand(topic, rest)
			}
		}
	}
}

// with loads the settings before a command runs.
func (p *program) with(run func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) (err error) {
		settings := rows(p.general)
		if cmd.Flags().Lookup("transport") != nil {
			settings = append(settings, p.http.settings...)
		}
		if p.instances, err = p.settings.load(settings); err != nil {
			return err
		}
		p.log = p.settings.logger(p.streams)
		return run(cmd.Context(), args)
	}
}

// parent makes a command that consists of others.
func parent(use, short string, commands ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Args: noCommand, RunE: func(cmd *cobra.Command, _ []string) error {
		return fmt.Errorf("%s needs a command: %q lists them", nameOf(cmd), cmd.CommandPath()+" --help")
	}}
	cmd.AddCommand(commands...)
	return cmd
}

var levels = map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}

// logger writes to standard error: standard output belongs to the protocol.
func (s *Settings) logger(streams Streams) *slog.Logger {
	options := &slog.HandlerOptions{Level: levels[s.LogLevel]}
	if s.LogFormat == "json" {
		return slog.New(requestLog{slog.NewJSONHandler(streams.Err, options)})
	}
	return slog.New(requestLog{slog.NewTextHandler(streams.Err, options)})
}

// requestLog adds the id of the request, and who calls, to log records.
type requestLog struct{ slog.Handler }

// Handle implements slog.Handler.
func (h requestLog) Handle(ctx context.Context, r slog.Record) error {
	if who := caller.From(ctx); who.RequestID != "" {
		r = r.Clone()
		r.AddAttrs(slog.String("request", who.RequestID))
		if who.ID != "" {
			r.AddAttrs(slog.String("caller", who.ID))
		}
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h requestLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return requestLog{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h requestLog) WithGroup(name string) slog.Handler { return requestLog{h.Handler.WithGroup(name)} }
