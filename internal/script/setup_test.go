package script_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/plan"
	"github.com/retool-mcp/retool-mcp/internal/script"
	"github.com/retool-mcp/retool-mcp/internal/script/engine"
	"github.com/retool-mcp/retool-mcp/internal/script/wire"
	"github.com/retool-mcp/retool-mcp/internal/testprocess"
)

func TestMain(m *testing.M) {
	if kind := os.Getenv(hostile); kind != "" {
		runHostile(kind)
	}
	engine.RunIfChild()
	os.Exit(m.Run())
}

// date is that of the API.
var date = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

// tools calls tools for scripts: an organization of groups. It is the function that a
// script.Host is, with what happened in it.
type tools struct {
	mu     sync.Mutex
	sent   []string // reads and writes, in the order in which they came
	groups []map[string]any
	polls  int
	now    time.Time

	// before is called with every call outside the lock, if it is set.
	before func(ctx context.Context, kind, name, args string) error
}

func (o *tools) Functions() []wire.Function {
	out := []wire.Function{{Name: "list_members", Instead: "list_members is now list_users"}}
	for _, name := range []string{"list_groups", "get_group", "list_users", "get_job", "echo", "large", "noted"} {
		out = append(out, wire.Function{Name: name})
	}
	for _, name := range []string{"create_group", "update_group", "add_member", "start_job", "reset_user_2fa"} {
		out = append(out, wire.Function{Name: name, Writes: true})
	}
	return out
}

func (o *tools) begin(ctx context.Context, kind, name string, args []byte) (map[string]any, error) {
	if o.before != nil {
		if err := o.before(ctx, kind, name, string(args)); err != nil {
			return nil, err
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	o.mu.Lock()
	if kind != "check" {
		o.sent = append(o.sent, kind+" "+name+" "+string(args))
	}
	var given map[string]any
	err := json.Unmarshal(args, &given)
	return given, err
}

func (o *tools) Read(ctx context.Context, name string, args []byte) (script.Value, error) {
	given, err := o.begin(ctx, "read", name, args)
	if err != nil {
		return script.Value{}, err
	}
	defer o.mu.Unlock()
	var v any
	switch name {
	case "list_groups":
		v = append([]map[string]any{}, o.groups...)
	case "list_users":
		users := make([]map[string]any, 60)
		for i := range users {
			users[i] = map[string]any{"id": i, "name": fmt.Sprintf("user %d", i)}
		}
		v = users
	case "get_group":
		at := slices.IndexFunc(o.groups, func(g map[string]any) bool { return g["id"] == given["id"] })
		if at < 0 {
			return script.Value{}, &script.Failure{Operation: name, Status: 404, Message: fmt.Sprintf("get_group: there is no group %v", given["id"])}
		}
		v = o.groups[at]
	case "get_job":
		o.polls++
		v = map[string]any{"id": given["id"], "done": o.polls >= 3, "result": fmt.Sprintf("result %d", o.polls)}
	case "noted": // a list that is not read to its end, which the child notes
		v = []int{1}
	case "echo":
		v = given
	case "large":
		v = strings.Repeat("x", int(given["bytes"].(float64)))
	}
	text, err := json.Marshal(v)
	out := script.Value{JSON: text, Date: date}
	if text[0] == '[' {
		out.List = &wire.List{More: name == "noted", Total: 2}
	}
	return out, err
}

func (o *tools) Now(context.Context) time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sent = append(o.sent, "now ")
	return o.now
}

func (o *tools) Check(ctx context.Context, name string, args []byte) (plan.Step, wire.Placeholder, error) {
	given, err := o.begin(ctx, "check", name, args)
	if err != nil {
		return plan.Step{}, wire.Placeholder{}, err
	}
	defer o.mu.Unlock()
	if given["name"] == "" {
		return plan.Step{}, wire.Placeholder{}, &script.Failure{Operation: name, Message: "Not sent: name must not be empty"}
	}
	words := plan.Words{Title: name}
	for key, v := range given {
		words.Changes = append(words.Changes, fmt.Sprintf("%s: %v", key, v))
	}
	slices.Sort(words.Changes)
	return plan.Step{Arguments: args, Words: words, Uncertain: plan.Marked(args)}, wire.Placeholder{Fields: []string{"id", "name", "members", "number", "job"}}, nil
}

func (o *tools) CheckAgain(ctx context.Context, name string, args []byte) (plan.Step, error) {
	step, _, err := o.Check(ctx, name, args)
	return step, err
}

func (o *tools) Write(ctx context.Context, name string, args []byte, _ script.Permit) (script.Value, error) {
	given, err := o.begin(ctx, "write", name, args)
	if err != nil {
		return script.Value{}, err
	}
	defer o.mu.Unlock()
	var v any = map[string]any{}
	if name == "create_group" {
		g := map[string]any{"id": fmt.Sprintf("g%d", len(o.groups)+1), "name": given["name"], "number": 7, "members": []int{}}
		o.groups, v = append(o.groups, g), g
	}
	if name == "start_job" {
		v = map[string]any{"job": map[string]any{"id": "j1"}}
	}
	text, err := json.Marshal(v)
	return script.Value{JSON: text, Date: date}, err
}

func (o *tools) Shown(string, []byte) []string { return nil }

func (o *tools) Save(_ context.Context, _ string, _ []byte) (string, error) {
	return "", script.ErrNoFolder
}

// take returns what was sent since the last time: only what begins with a prefix.
func (o *tools) take(prefix string) (sent []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, s := range o.sent {
		if rest, ok := strings.CutPrefix(s, prefix+" "); ok {
			sent = append(sent, rest)
		}
	}
	o.sent = nil
	return sent
}

// clock is the time of a Runner, which tests set.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// newRunner returns a Runner with real children.
func newRunner(t testing.TB, o script.Options) *script.Runner {
	if o.Command == nil {
		o.Command = func() *exec.Cmd { return testprocess.Command(t, nil, script.ChildArgument) }
	}
	return script.NewRunner(o)
}

func program(code string) script.Program {
	return script.Program{Code: code, Caller: "ada", Instance: "production"}
}

// yes approves every plan.
func yes(context.Context, *script.Outcome) script.Approval {
	return script.Approval{Confirmation: "confirmed"}
}

// planned plans a program that has to have a plan.
func planned(t testing.TB, r *script.Runner, p script.Program, o *tools) *script.Outcome {
	t.Helper()
	out := r.Plan(t.Context(), p, o)
	require.Empty(t, out.Stopped)
	require.NotEmpty(t, out.ID, "%+v", out.Error)
	return out
}

// steps are the writes of a plan, a line each.
func steps(p *plan.Plan) (lines []string) {
	for _, s := range p.Steps {
		lines = append(lines, plan.Print(s.Name+" "+string(s.Arguments)))
	}
	return lines
}

// commands starts children and knows the last one.
type commands struct {
	t    testing.TB
	mu   sync.Mutex
	last *exec.Cmd
}

func (c *commands) next() *exec.Cmd {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = testprocess.Command(c.t, nil, script.ChildArgument)
	return c.last
}

func (c *commands) pid() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last.Process.Pid
}
