package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/sandbox"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/seed"
)

// sandboxCommand serves the sandbox by itself. Of the settings it takes those
// of the log, and --token, as often as there are tokens.
type sandboxCommand struct {
	Listen string `name:"listen" placeholder:"ADDRESS" default:"127.0.0.1:7777" help:"Address to listen on; port 0 takes a free one."`
	Seed   uint64 `name:"seed" default:"1" help:"Number that the organization is made from: the same number makes the same organization."`
	Today  string `name:"today" placeholder:"DATE" help:"What the organization's clock shows at first, such as 2026-11-02, or \"now\"; a fixed day by default, so that nothing changes from one day to the next."`
	State  string `name:"state" placeholder:"FILE" help:"File that keeps the organization from one start to the next."`

	Users        int `name:"users" default:"0" help:"How many users there are; 0 means 250."`
	Groups       int `name:"groups" default:"0" help:"How many groups; 0 means 14."`
	Folders      int `name:"folders" default:"0" help:"How many folders; 0 means 90."`
	Apps         int `name:"apps" default:"0" help:"How many apps; 0 means 180."`
	Resources    int `name:"resources" default:"0" help:"How many resources; 0 means 40."`
	Environments int `name:"environments" default:"0" help:"How many environments; 0 means 3."`
	Workflows    int `name:"workflows" default:"0" help:"How many workflows; 0 means 25."`
	Spaces       int `name:"spaces" default:"0" help:"How many spaces; 0 means 3."`

	Latency        time.Duration `name:"latency" default:"0s" help:"How long every answer takes at least."`
	Faults         string        `name:"faults" placeholder:"KIND:SHARE" help:"What goes wrong and how often, such as 429:0.1,500:0.02,cut:0.01,slow:0.05,html:0.01."`
	CallsPerMinute int           `name:"calls-per-minute" default:"0" help:"How many calls a token may make in a minute before it gets status 429; 0 means any number."`
}

// mostOfEach bounds the sizes, so that a slip does not fill the memory.
const mostOfEach = 100_000

// options checks the flags.
func (c *sandboxCommand) options(s *Settings) (o sandbox.Options, err error) {
	o = sandbox.Options{
		Seed: c.Seed, State: c.State, Latency: c.Latency, CallsPerMinute: c.CallsPerMinute,
		Sizes: seed.Sizes{
			Users: c.Users, Groups: c.Groups, Folders: c.Folders, Apps: c.Apps, Resources: c.Resources,
			Environments: c.Environments, Workflows: c.Workflows, Spaces: c.Spaces,
		},
	}
	for _, size := range []struct {
		flag  string
		value int
	}{
		{"users", c.Users},
		{"groups", c.Groups},
		{"folders", c.Folders},
		{"apps", c.Apps},
		{"resources", c.Resources},
		{"environments", c.Environments},
		{"workflows", c.Workflows},
		{"spaces", c.Spaces},
		{"calls-per-minute", c.CallsPerMinute},
	} {
		if size.value < 0 || size.value > mostOfEach {
			return o, fmt.Errorf("--%s must be from 0 to %d, not %d", size.flag, mostOfEach, size.value)
		}
	}
	if c.Latency < 0 {
		return o, fmt.Errorf("--latency must not be less than zero, but is %s", c.Latency)
	}
	if o.Today, err = today(c.Today); err != nil {
		return o, err
	}
	if o.Faults, err = faults(c.Seed, c.Faults); err != nil {
		return o, named("--faults", err)
	}
	if s.given["token"] {
		for _, text := range s.Token {
			token, err := sandbox.ParseToken(text)
			if err != nil {
				return o, named("--token", err)
			}
			o.Tokens = append(o.Tokens, token)
		}
	}
	for _, flag := range slices.Sorted(maps.Keys(s.given)) {
		if _, ok := settingField(flag); ok && !slices.Contains(settingsOfSandbox, flag) {
			return o, fmt.Errorf("--%s has no meaning for the command sandbox, which serves an organization and calls none", flag)
		}
	}
	return o, nil
}

// settingsOfSandbox are the settings that mean something to an organization that
// calls none.
var settingsOfSandbox = []string{"token", "log-level", "log-format", "config"}

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

// farewell is how long calls in progress may take once the sandbox has to stop.
const farewell = 3 * time.Second

func (c *sandboxCommand) Run(ctx context.Context, s *Settings, streams Streams) error {
	if err := checkLevel(s.LogLevel); err != nil {
		return err
	}
	options, err := c.options(s)
	if err != nil {
		return err
	}
	options.Logger = s.logger(streams)
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return named("--listen", err)
	}
	box, err := sandbox.New(options)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	fmt.Fprintf(streams.Err, sandboxGreeting, listener.Addr(), tokenNote(options.Tokens))
	server := &http.Server{Handler: box, ReadHeaderTimeout: 10 * time.Second}
	finished := make(chan struct{})
	stopped := context.AfterFunc(ctx, func() {
		defer close(finished)
		deadline, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
		defer cancel()
		_ = server.Shutdown(deadline) // what is still open then ends with the process
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
		return "the access token is " + sandbox.DefaultToken + ", and may do everything"
	}
	all := slices.IndexFunc(tokens, func(t sandbox.Token) bool { return t.All })
	note := fmt.Sprintf("%d access tokens", len(tokens))
	if len(tokens) == 1 {
		note = "one access token"
	}
	if all >= 0 {
		return note + ", of which some may do everything"
	}
	var scopes []string
	for _, t := range tokens {
		scopes = append(scopes, t.Scopes...)
	}
	slices.Sort(scopes)
	return note + ", with the scopes " + strings.Join(slices.Compact(scopes), ", ")
}
