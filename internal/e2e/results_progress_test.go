package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"
)

// progressReport is one notification of a call's progress.
type progressReport struct {
	token, message  any
	progress, total float64 // a total of 0 is unknown
}

// withProgress calls a tool with a progress token and returns the reports
// before the result. The client reads one message after the other.
func (s *session) withProgress(token any, tool string, arguments object) (a answer, all []progressReport) {
	s.t.Helper()
	var mu sync.Mutex
	s.client.OnNotification(func(n mcp.JSONRPCNotification) {
		mu.Lock()
		defer mu.Unlock()
		if n.Method != "notifications/progress" {
			return
		}
		fields := n.Params.AdditionalFields
		one := progressReport{token: fields["progressToken"], message: fields["message"], progress: fields["progress"].(float64)}
		one.total, _ = fields["total"].(float64)
		all = append(all, one)
	})
	request := mcp.CallToolRequest{}
	request.Params.Name, request.Params.Arguments = tool, arguments
	if token != nil {
		request.Params.Meta = &mcp.Meta{ProgressToken: token}
	}
	ctx, cancel := context.WithTimeout(context.Background(), waitTime)
	defer cancel()
	result, err := s.client.CallTool(ctx, request)
	require.NoError(s.t, err)
	mu.Lock()
	defer mu.Unlock()
	require.Len(s.t, result.Content, 1)
	return answer{result.Content[0].(mcp.TextContent).Text, result.IsError}, append([]progressReport{}, all...)
}

// With a progress token, a client gets the number of items after each page,
// before the result.
func TestProgress(t *testing.T) {
	t.Parallel()
	for name, over := range map[string]func(t *testing.T, env []string) *session{
		"stdio with the handshake": func(t *testing.T, env []string) *session { return connect(t, legacy, env) },
		"stdio without":            func(t *testing.T, env []string) *session { return connect(t, modern, env) },
		"HTTP with the handshake":  connectOverHTTP(legacy, overHTTP),
		"HTTP without":             connectOverHTTP(modern, overHTTP),
		"HTTP with a session":      connectOverHTTP(legacy, overHTTP, "--stateful"),
		"server-sent events":       connectOverHTTP(legacy, overSSE),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, total := range []int{0, 40, 100} {
				u := newUpstream(t, endless{total: total}.ServeHTTP)
				s := over(t, serving(t, smallDocument(t), u))
				for _, c := range []struct {
					token     any
					arguments object
					expected  int // items
				}{
					{"a token", object{"max_items": 60, "limit": 10}, 60},
					{7, object{"max_items": 25, "limit": 5}, 25},
					{"of one page", object{"limit": 50}, 50},
					{nil, object{"max_items": 30, "limit": 10}, 30},
				} {
					a, all := s.withProgress(c.token, "list_users", c.arguments)
					require.False(t, a.isError, a.text)
					limit := c.arguments["limit"].(int)
					want := []progressReport{}
					for have := limit; have < c.expected && c.token != nil; have += limit {
						one := progressReport{token: throughPlainJSON(t, c.token), message: fmt.Sprintf("page %d of list_users", have/limit), progress: float64(have)}
						if total > 0 {
							one.total = float64(min(total, c.expected))
						}
						want = append(want, one)
					}
					require.Equal(t, want, all, "%v of %d", c.arguments, total)
				}
			}
		})
	}
}

// connectOverHTTP connects to a server over HTTP.
func connectOverHTTP(protocol string, over func(testing.TB, string, map[string]string) transport.Interface, args ...string) func(*testing.T, []string) *session {
	return func(t *testing.T, env []string) *session {
		return requireClient(t, protocol, over(t, serveRemote(t, env, args...).url, nil))
	}
}

// throughPlainJSON returns a value as encoding/json decodes it.
func throughPlainJSON(t testing.TB, v any) (out any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(jsonOf(t, v)), &out))
	return out
}

// On the wire, reports precede the response of their call, one per line, and
// name no other call.
func TestProgressPrecedesTheResult(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, endless{}.ServeHTTP)
	env := serving(t, smallDocument(t), u)
	line := func(id, token string) string {
		return fmt.Sprintf(`{"jsonrpc":"2.0","id":%q,"method":"tools/call","params":{"name":"list_users","arguments":{"max_items":40,"limit":10},"_meta":{"progressToken":%q}}}`, id, token)
	}
	check := func(lines []string, calls int) {
		t.Helper()
		reports, answers := map[string]int{}, 0
		for _, text := range lines {
			message := decodeJSON(t, []byte(text)).(object)
			if id, isAnswer := message["id"].(string); isAnswer {
				if strings.HasPrefix(id, "call ") {
					require.Equal(t, 3, reports["token of "+id], "before the answer to %s", id)
					answers++
				}
				continue
			}
			require.Equal(t, "notifications/progress", message["method"])
			params := message["params"].(object)
			token := params["progressToken"].(string)
			require.Equal(t, json.Number(fmt.Sprint(10*(reports[token]+1))), params["progress"], "always more")
			require.NotContains(t, params, "total")
			reports[token]++
		}
		require.Equal(t, calls, answers)
		require.Len(t, reports, calls)
	}

	const calls = 8
	input := []string{initializeLine, initializedLine}
	for i := range calls {
		input = append(input, line(fmt.Sprint("call ", i), fmt.Sprint("token of call ", i)))
	}
	o := run(t, env, strings.Join(input, "\n")+"\n")
	require.Zero(t, o.code, o.stderr)
	check(strings.Split(strings.TrimSpace(o.stdout), "\n"), calls)

	r := serveRemote(t, env)
	got := r.post(line("call 0", "token of call 0"))
	require.Equal(t, "text/event-stream", got.header.Get("Content-Type"))
	var lines []string
	for text := range strings.Lines(got.body) {
		if data, ok := strings.CutPrefix(text, "data: "); ok {
			lines = append(lines, data)
		}
	}
	check(lines, 1)
}
