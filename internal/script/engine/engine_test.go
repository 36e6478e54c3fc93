package engine_test

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
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
	engine.RunIfChild()
	os.Exit(m.Run())
}

// tool answers a call of a script.
type tool func(m wire.Message) wire.Reply

// told is what a child told its parent.
type told struct {
	last  wire.Message
	calls []wire.Message // and saves
	logs  []string
}

// outcome is the last message in one line: what it returned, or why it failed.
func (o told) outcome() string {
	line := ""
	switch m := o.last; m.Kind {
	case wire.Done:
		line = string(m.Args)
		if m.Form == wire.Text {
			var s string
			_ = json.Unmarshal(m.Args, &s)
			line = "text " + s
		}
		if m.Form == wire.Nothing {
			line = "nothing"
		}
		for _, n := range m.Notes {
			line += " | " + n
		}
	case wire.Failed:
		line = fmt.Sprintf("failed: %s (line %d)", m.Error.Message, m.Error.Line)
		for _, n := range m.Notes {
			line += " | " + n
		}
	case wire.Ended:
		line = fmt.Sprintf("ended: %s (line %d)", m.Text, m.Line)
	}
	return line
}

// run runs a script in a child, whose calls answer has.
func run(t testing.TB, b *wire.Begin, answer tool) told {
	t.Helper()
	return runHeld(t, b, answer, 1)
}

// runHeld is run with a parent that answers so many calls at once, the last first.
func runHeld(t testing.TB, b *wire.Begin, answer tool, held int) (o told) {
	t.Helper()
	c := start(t, b)
	var replies []wire.Reply
	for {
		var m wire.Message
		if err := wire.Read(c.out, &m); err != nil {
			t.Fatalf("the child ended: %v\n%.3000s", err, c.errors.String())
		}
		switch m.Kind {
		case wire.Call, wire.Save:
			o.calls = append(o.calls, m)
			reply := answer(m)
			reply.ID = m.ID
			if replies = append(replies, reply); len(replies) < held {
				continue
			}
			for _, reply := range slices.Backward(replies) {
				require.NoError(t, wire.WriteReply(c.in, reply))
			}
			replies = nil
		case wire.Clock:
			require.NoError(t, wire.Write(c.in, wire.Reply{ID: m.ID, Clock: clock.UnixMilli()}))
		case wire.Log:
			o.logs = append(o.logs, m.Text)
		default:
			o.last = m
			return o
		}
	}
}

// child is a process that runs a script.
type child struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	errors strings.Builder
}

func start(t testing.TB, b *wire.Begin) *child {
	t.Helper()
	if b.Functions == nil {
		b.Functions = functions
	}
	b.Mode = cmp.Or(b.Mode, wire.Query)
	b.Memory = cmp.Or(b.Memory, 64<<20)
	b.Deadline = cmp.Or(b.Deadline, 20_000)
	c := &child{cmd: testprocess.Command(t, nil, script.ChildArgument)}
	c.cmd.Dir = "/"
	var err error
	c.in, err = c.cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := c.cmd.StdoutPipe()
	require.NoError(t, err)
	c.out = bufio.NewReader(stdout)
	c.cmd.Stderr = &c.errors
	require.NoError(t, c.cmd.Start())
	t.Cleanup(func() {
		c.in.Close()
		_ = c.cmd.Wait()
	})
	require.NoError(t, wire.Write(c.in, b))
	return c
}

var clock = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

var functions = []wire.Function{
	{Name: "list_users"},
	{Name: "list_some"},
	{Name: "get_user"},
	{Name: "get_deployment"},
	{Name: "list_deployments"},
	{Name: "echo"},
	{Name: "create_group", Writes: true},
	{Name: "update_user", Writes: true},
	{Name: "list_members", Instead: "list_members is now list_users"},
}

// organization answers as a small organization does.
func organization(m wire.Message) wire.Reply {
	switch m.Name {
	case "list_users":
		return wire.Reply{Value: json.RawMessage(`[{"id":1,"name":"Ada"},{"id":2,"name":"Bob"},{"id":3,"name":"Cy"}]`), List: &wire.List{Total: 3}}
	case "list_some": // of how many, nobody knows
		return wire.Reply{Value: json.RawMessage(`[7]`), List: &wire.List{More: true}}
	case "list_deployments":
		return wire.Reply{Value: json.RawMessage(`{"deployments":[{"id":"d1"}]}`)}
	case "echo":
		return wire.Reply{Value: m.Args}
	case "get_user":
		if strings.Contains(string(m.Args), "404") {
			return wire.Reply{Error: &wire.Error{Message: "get_user: there is no user 404", Operation: "get_user", Status: 404}}
		}
		if strings.ContainsRune(string(m.Args), plan.Open) {
			return wire.Reply{Placeholder: &wire.Placeholder{Name: fmt.Sprintf("get_user#%d", m.ID)}}
		}
		return wire.Reply{Value: json.RawMessage(`{"id":1,"name":"Ada","groups":[{"id":9}]}`)}
	case "get_deployment":
		return wire.Reply{Placeholder: &wire.Placeholder{Name: fmt.Sprintf("get_deployment#%d", m.ID)}}
	case "create_group":
		return wire.Reply{Placeholder: &wire.Placeholder{Name: fmt.Sprintf("create_group#%d", m.ID), Fields: []string{"id", "name", "members"}}}
	case "update_user":
		return wire.Reply{Placeholder: &wire.Placeholder{Name: fmt.Sprintf("update_user#%d", m.ID)}}
	}
	return wire.Reply{Value: json.RawMessage(`null`)}
}
