package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/retool-mcp/retool-mcp/internal/sandbox"
)

// sandboxFlags are the flags of the command sandbox.
type sandboxFlags struct {
	listen, today, faults string
	tokens                []string
	options               sandbox.Options
}

// mostOfEach bounds the sizes, so that a typo does not fill the memory.
const mostOfEach = 100_000

func (f *sandboxFlags) table() []*setting {
	o := &f.options
	table := []*setting{
		{name: "listen", target: &f.listen, placeholder: "ADDRESS", def: "127.0.0.1:7777", help: "Address to listen on; port 0 takes a free one."},
		{name: "seed", target: &o.Seed, def: "1", help: "Seed of the organization: the same seed creates the same organization."},
		{name: "today", target: &f.today, placeholder: "DATE", help: "Date that the organization's clock starts at, such as 2026-11-02, or \"now\". Default: a fixed date, which keeps results the same from day to day."},
		{name: "state", target: &o.State, placeholder: "FILE", help: "File that keeps the organization between starts."},
		{name: "token", target: &f.tokens, placeholder: "TOKEN[=SCOPE,...]", lines: true, help: "Access token with all scopes, or with these; repeatable. Default: " + sandbox.DefaultToken + "."},
		{name: "users", target: &o.Sizes.Users, help: "Number of users; 0 for 250."},
		{name: "groups", target: &o.Sizes.Groups, help: "Number of groups; 0 for 14."},
		{name: "folders", target: &o.Sizes.Folders, help: "Number of folders; 0 for 90."},
		{name: "apps", target: &o.Sizes.Apps, help: "Number of apps; 0 for 180."},
		{name: "resources", target: &o.Sizes.Resources, help: "Number of resources; 0 for 40."},
		{name: "environments", target: &o.Sizes.Environments, help: "Number of environments; 0 for 3."},
		{name: "workflows", target: &o.Sizes.Workflows, help: "Number of workflows; 0 for 25."},
		{name: "spaces", target: &o.Sizes.Spaces, help: "Number of spaces; 0 for 3."},
		{name: "calls-per-minute", target: &o.CallsPerMinute, help: "Number of calls a token may make per minute before it gets status 429; 0 for no limit."},
		{name: "latency", target: &o.Latency, def: "0s", help: "Minimum duration of every answer."},
		{name: "faults", target: &f.faults, placeholder: "KIND:SHARE,...", help: "Faults to inject and how often, such as 429:0.1,500:0.02,cut:0.01,slow:0.05,html:0.01."},
	}
	for _, row := range table {
		row.flagOnly = true
		if _, ok := row.target.(*int); ok {
			row.def, row.max = "0", mostOfEach
		}
	}
	return table
}

// ofSandboxCommand are the settings that the command sandbox takes. Its --token is
// a flag of its own, which hides the setting.
var ofSandboxCommand = []string{"log-level", "log-format", "config"}

// sandboxCommand serves the sandbox by itself.
func (p *program) sandboxCommand() *cobra.Command {
	f := &sandboxFlags{}
	var settings []*setting
	cmd := &cobra.Command{
		Use: "sandbox", Short: "Serve an emulated organization over HTTP, for this program and other clients of the API", Args: arguments(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, row := range rows(p.general) {
				if slices.Contains(ofSandboxCommand, row.name) {
					settings = append(settings, row)
				} else if row.changed {
					return fmt.Errorf("--%s has no meaning for the command sandbox, which serves an organization and calls no instance", row.name)
				}
			}
			if _, err := p.settings.load(settings); err != nil {
				return err
			}
			return p.serveSandbox(cmd.Context(), f)
		},
	}
	cmd.Flags().SortFlags = false
	for _, row := range f.table() {
		row.addTo(cmd.Flags())
	}
	return cmd
}

// complete parses the flags with a syntax of their own.
func (f *sandboxFlags) complete() (o sandbox.Options, err error) {
	o = f.options
	if o.Today, err = today(f.today); err != nil {
		return o, err
	}
	if o.Faults, err = faults(o.Seed, f.faults); err != nil {
		return o, named("--faults", err)
	}
	for _, text := range f.tokens {
		token, err := sandbox.ParseToken(text)
		if err != nil {
			return o, named("--token", err)
		}
		o.Tokens = append(o.Tokens, token)
	}
	return o, nil
}

func today(text string) (time.Time, error) {
	switch text {
	case "":
		return time.Time{}, nil
	case "now":
		return time.Now(), nil
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return day, fmt.Errorf("--today must be a date such as 2026-11-02, or \"now\", not %q", text)
	}
	return day.Add(9 * time.Hour), nil
}

func faults(seedOf uint64, text string) (sandbox.Faults, error) {
	list, err := sandbox.ParseFaults(text)
	return sandbox.Faults{Seed: seedOf, List: list}, err
}

// sandboxDrain is the time for calls in progress to finish when the sandbox stops.
const sandboxDrain = 3 * time.Second

func (p *program) serveSandbox(ctx context.Context, f *sandboxFlags) error {
	options, err := f.complete()
	if err != nil {
		return err
	}
	options.Logger = p.settings.logger(p.streams)
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", f.listen)
	if err != nil {
		return named("--listen", err)
	}
	box, err := sandbox.New(options)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	fmt.Fprintf(p.streams.Err, sandboxGreeting, listener.Addr(), tokenNote(options.Tokens))
	server := &http.Server{Handler: box, ReadHeaderTimeout: 10 * time.Second}
	finished := make(chan struct{})
	stopped := context.AfterFunc(ctx, func() {
		defer close(finished)
		deadline, cancel := context.WithTimeout(context.WithoutCancel(ctx), sandboxDrain)
		defer cancel()
		_ = server.Shutdown(deadline) // open connections end with the process
	})
	defer stopped()
	if err = server.Serve(listener); errors.Is(err, http.ErrServerClosed) {
		<-finished // Serve ends when the shutdown begins
		err = nil
	}
	return errors.Join(err, box.Close())
}

const sandboxGreeting = `sandbox: http://%[1]s (the API is at /api/v2, its document at /api/v2/spec, counts at /api/sandbox)
sandbox: %[2]s
`

func tokenNote(tokens []sandbox.Token) string {
	if len(tokens) == 0 {
		return "the access token is " + sandbox.DefaultToken + ", which may do everything"
	}
	note := fmt.Sprintf("%d access tokens", len(tokens))
	if len(tokens) == 1 {
		note = "one access token"
	}
	if slices.ContainsFunc(tokens, func(t sandbox.Token) bool { return t.All }) {
		return note + ", of which some may do everything"
	}
	var scopes []string
	for _, t := range tokens {
		scopes = append(scopes, t.Scopes...)
	}
	slices.Sort(scopes)
	return note + ", with the scopes " + strings.Join(slices.Compact(scopes), ", ")
}
