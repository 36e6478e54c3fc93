package engine_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
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
	case wire.Ended:
		line = fmt.Sprintf("ended: %s (line %d)", m.Text, m.Line)
	}
	return line
}

// run runs a script in a child, whose calls answer has.
func run(t testing.TB, b *wire.Begin, answer tool) told {
	t.Helper()
	if b.Functions == nil {
		b.Functions = functions
	}
	if b.Mode == "" {
		b.Mode = wire.Query
	}
	if b.Memory == 0 {
		b.Memory = 64 << 20
	}
	if b.Deadline == 0 {
		b.Deadline = 20_000
	}
	cmd := testprocess.Command(t, nil, script.ChildArgument)
	cmd.Dir = "/"
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	require.NoError(t, cmd.Start())
	defer func() {
		stdin.Close()
		_ = cmd.Wait()
	}()
	require.NoError(t, wire.Write(stdin, b))
	var o told
	for r := bufio.NewReader(stdout); ; {
		var m wire.Message
		if err := wire.Read(r, &m); err != nil {
			t.Fatalf("the child ended: %v\n%.3000s", err, stderr.String())
		}
		switch m.Kind {
		case wire.Call, wire.Save:
			o.calls = append(o.calls, m)
			reply := answer(m)
			reply.ID = m.ID
			require.NoError(t, wire.WriteReply(stdin, reply))
		case wire.Clock:
			require.NoError(t, wire.Write(stdin, wire.Reply{ID: m.ID, Clock: clock.UnixMilli()}))
		case wire.Log:
			o.logs = append(o.logs, m.Text)
		default:
			o.last = m
			return o
		}
	}
}

var clock = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

var functions = []wire.Function{
	{Name: "list_users"}, {Name: "get_user"}, {Name: "get_deployment"}, {Name: "list_deployments"}, {Name: "echo"},
	{Name: "create_group", Writes: true}, {Name: "update_user", Writes: true},
	{Name: "list_members", Instead: "list_members is now list_users"},
}

// organization answers as a small organization does.
func organization(m wire.Message) wire.Reply {
	switch m.Name {
	case "list_users":
		return wire.Reply{Value: json.RawMessage(`[{"id":1,"name":"Ada"},{"id":2,"name":"Bob"},{"id":3,"name":"Cy"}]`), List: &wire.List{Total: 3}}
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
