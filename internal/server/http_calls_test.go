package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"

	calls "github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/server"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

type toolList struct {
	Tools      []json.RawMessage
	NextCursor string
}

func TestListOverEveryTransport(t *testing.T) {
	c := embedded.Catalog()
	var want toolList
	require.NoError(t, json.Unmarshal(server.List(c), &want))
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			s := serveHTTP(t, newService(c, nil).HTTP(w.options()))
			conn, told := w.greet(t, s, nil)
			require.Equal(t, server.Name, told.ServerInfo.Name)
			require.Equal(t, "1.2.3", told.ServerInfo.Version)
			require.Contains(t, told.Instructions, "Ids come from the list_… tools")
			require.True(t, told.Capabilities.Tools.ListChanged)
			for range 2 { // the second time nothing of the first must be left over
				var got toolList
				require.NoError(t, json.Unmarshal(w.ask(t, conn, mcp.MethodToolsList), &got))
				require.Empty(t, got.NextCursor, "one page, as many clients read only one")
				require.Len(t, got.Tools, len(c.Tools))
				for i, tool := range got.Tools {
					require.JSONEq(t, string(want.Tools[i]), string(tool), "whole, and in the catalog's order")
				}
			}
			listed, err := conn.ListTools(t.Context(), mcp.ListToolsRequest{})
			require.NoError(t, err)
			require.Len(t, listed.Tools, len(c.Tools))
		})
	}
}

func TestCallsOverEveryTransport(t *testing.T) {
	c := embedded.Catalog()
	long := strings.Repeat("täglich 日本語 😀\n", 20_000)
	run := runFunc(func(_ context.Context, name string, arguments []byte) (result.Result, error) {
		switch name {
		case "list_users":
			return result.Result{Text: "<" + string(arguments) + ">"}, nil
		case "list_apps":
			return result.Result{Text: long}, nil
		case "get_user":
			return result.Result{Text: "no such user", IsError: true}, nil
		case "list_groups":
			panic("a secret in a panic")
		default:
			return result.Result{}, errors.New("broken")
		}
	})
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			s := serveHTTP(t, newService(c, run).HTTP(w.options()))
			conn := w.client(t, s, nil)
			call := func(name string, arguments any) (*mcp.CallToolResult, error) {
				return callTool(t.Context(), conn, name, arguments)
			}
			text := func(name string, arguments any, isError bool) string {
				t.Helper()
				answer, err := call(name, arguments)
				require.NoError(t, err)
				require.Equal(t, isError, answer.IsError)
				require.Nil(t, answer.StructuredContent, "one representation of a result")
				return textOf(t, answer)
			}
			const exact = `{"limit":12345678901234567890,"text":"a < b & ü 😀"}`
			require.JSONEq(t, exact, strings.Trim(text("list_users", json.RawMessage(exact), false), "<>"))
			require.Contains(t, text("list_users", json.RawMessage(exact), false), "12345678901234567890", "with all its digits")
			require.Equal(t, long, text("list_apps", nil, false), "a large answer with characters of all sizes")
			require.Equal(t, "no such user", text("get_user", nil, true))
			panicked := text("list_groups", nil, true)
			require.Contains(t, panicked, "Internal error")
			require.NotContains(t, panicked, "secret")
			_, err := call("list_spaces", nil)
			require.Error(t, err, "what the developer broke is no result")
			_, err = call("no_such_tool", nil)
			require.ErrorContains(t, err, "no_such_tool")
			require.Contains(t, text("list_users", json.RawMessage(`{}`), false), "{}", "the server lives")
		})
	}
}

func TestInvalidArgumentsAreNotSent(t *testing.T) {
	c := embedded.Catalog()
	var asked atomic.Int32
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"success":true,"data":[],"total_count":0,"next_token":null,"has_more":false}`))
	}))
	t.Cleanup(upstream.Close)
	address, err := retool.ParseAddress(upstream.URL, "")
	require.NoError(t, err)
	run := calls.NewRunner(c, calls.Options{Client: retool.New(retool.Options{Address: address, Token: "retool_1"}), Log: slog.New(slog.DiscardHandler)})
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			asked.Store(0)
			conn := w.client(t, serveHTTP(t, newService(c, run).HTTP(w.options())), nil)
			answer, err := callTool(t.Context(), conn, "list_users", map[string]any{"limit": "many"})
			require.NoError(t, err)
			require.True(t, answer.IsError)
			require.Contains(t, textOf(t, answer), "limit")
			require.Zero(t, asked.Load(), "nothing is sent")
			answer, err = callTool(t.Context(), conn, "list_users", map[string]any{"limit": 5})
			require.NoError(t, err)
			require.False(t, answer.IsError, textOf(t, answer))
			require.EqualValues(t, 1, asked.Load())
		})
	}
}

// What stands in front counts a stream by this header: a call must not pass for
// one. The library looks at the header for newer clients alone.
func TestCallCannotClaimToBeASubscription(t *testing.T) {
	for _, stateful := range []bool{false, true} {
		f := newFixture(t)
		s := f.site(t, way{stateful: stateful})
		for _, headers := range [][]string{
			{"Mcp-Method", "subscriptions/listen"},
			{"Mcp-Method", "subscriptions/listen", "Mcp-Protocol-Version", mcp.LATEST_LEGACY_PROTOCOL_VERSION},
			{"Mcp-Method", "subscriptions/listen", "Mcp-Protocol-Version", mcp.LATEST_PROTOCOL_VERSION},
		} {
			for _, body := range []string{call("1", "slow", "tag", "x"), "[" + call("1", "slow", "tag", "x") + "]", `{"method":"subscriptions/listen","METHOD":"tools/call","id":1,"jsonrpc":"2.0","params":{"name":"slow"}}`} {
				status, _, _ := s.post(t, body, headers...)
				require.Equal(t, http.StatusBadRequest, status)
			}
		}
		require.Empty(t, f.entered)
	}
}
