package server_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/server"
	"github.com/retool-mcp/retool-mcp/tools"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

// only is a catalog cut down to toolsets.
func only(t testing.TB, c *tools.Catalog, toolsets ...string) *tools.Catalog {
	t.Helper()
	some, err := c.WithToolsets(toolsets)
	require.NoError(t, err)
	require.NotEqual(t, len(c.Tools), len(some.Tools))
	return some
}

// saying is a Runner whose results say from which catalog they are.
func saying(text string) runFunc {
	return func(context.Context, string, []byte) (result.Result, error) { return result.Result{Text: text}, nil }
}

func TestSwapNotifiesClients(t *testing.T) {
	all := embedded.Catalog()
	core := only(t, all, tools.ToolsetCore)
	for _, w := range ways[1:] { // the first has nowhere to listen
		t.Run(w.name, func(t *testing.T) {
			w.listens = w.stateful && !w.modern()
			service := newService(all, saying("all"))
			s := serveHTTP(t, service.HTTP(w.options()))
			conn := w.dial(t, s, nil)
			news := make(chan string, 100)
			conn.OnNotification(func(n mcp.JSONRPCNotification) { news <- n.Method })
			_, err := conn.Initialize(t.Context(), mcp.InitializeRequest{Params: mcp.InitializeParams{ProtocolVersion: w.version}})
			require.NoError(t, err)
			if w.modern() && !w.sse {
				_, err := conn.ListenAsync(t.Context(), mcp.SubscriptionFilter{ToolsListChanged: true}, nil)
				require.NoError(t, err)
				require.Equal(t, "notifications/subscriptions/acknowledged", receive(t, news, "the acknowledgement"))
			}
			for _, next := range []struct {
				name string
				c    *tools.Catalog
			}{{"core", core}, {"all", all}} {
				service.Swap(next.c, saying(next.name))
				require.Equal(t, "notifications/tools/list_changed", receive(t, news, "the news"))
				list, err := conn.ListTools(t.Context(), mcp.ListToolsRequest{})
				require.NoError(t, err)
				require.Len(t, list.Tools, len(next.c.Tools))
				answer, err := callTool(t.Context(), conn, "list_users", nil)
				require.NoError(t, err)
				require.Equal(t, next.name, textOf(t, answer))
			}
			_, err = callTool(t.Context(), conn, "list_spaces", nil)
			require.NoError(t, err, "it is served again")

			service.Swap(embedded.Catalog(), saying("another"))
			answer, err := callTool(t.Context(), conn, "list_users", nil)
			require.NoError(t, err)
			require.Equal(t, "another", textOf(t, answer), "what runs the tools is replaced")
			select {
			case method := <-news:
				require.FailNow(t, "news where there are none", method)
			case <-time.After(shortWait):
			}
		})
	}
}

func TestSwapKeepsRunningCalls(t *testing.T) {
	all := embedded.Catalog()
	entered, release := make(chan struct{}), make(chan struct{})
	service := newService(all, runFunc(func(context.Context, string, []byte) (result.Result, error) {
		entered <- struct{}{}
		<-release
		return result.Result{Text: "old"}, nil
	}))
	s := serveHTTP(t, service.HTTP(way{}.options()))
	conn := ways[0].client(t, s, nil)
	answers := make(chan string, 1)
	go func() {
		answer, err := callTool(context.Background(), conn, "list_spaces", nil)
		if err != nil {
			answers <- err.Error()
			return
		}
		answers <- fmt.Sprint(answer.Content)
	}()
	receive(t, entered, "the call to begin")
	service.Swap(only(t, all, "users"), saying("new"))
	_, err := callTool(t.Context(), conn, "list_spaces", nil)
	require.Error(t, err, "the tool is gone")
	answer, err := callTool(t.Context(), conn, "list_users", nil)
	require.NoError(t, err)
	require.Equal(t, "new", textOf(t, answer))
	close(release)
	require.Contains(t, receive(t, answers, "the answer"), "old")
}

func TestSwapChangesInstructions(t *testing.T) {
	all := embedded.Catalog()
	core := only(t, all, tools.ToolsetCore)
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			service := newService(all, ran)
			s := serveHTTP(t, service.HTTP(w.options()))
			_, told := w.greet(t, s, nil)
			require.Contains(t, told.Instructions, fmt.Sprintf("%d tools", len(all.Tools)))
			service.Swap(core, ran)
			_, told = w.greet(t, s, nil)
			require.Contains(t, told.Instructions, fmt.Sprintf("%d tools", len(core.Tools)))
		})
	}
}

// While the catalog changes again and again, everybody sees the one or the
// other, and what was called is run by one that has it.
func TestConcurrentCallsAndSwaps(t *testing.T) {
	all := embedded.Catalog()
	users := only(t, all, "users")
	knows := func(c *tools.Catalog) runFunc {
		return func(_ context.Context, name string, _ []byte) (result.Result, error) {
			if c.Find(name) == nil {
				return result.Result{}, fmt.Errorf("%s is not here", name)
			}
			return result.Result{Text: "ran " + name}, nil
		}
	}
	service := newService(all, knows(all))
	s := serveHTTP(t, service.HTTP(way{}.options()))
	stop := make(chan struct{})
	var swaps atomic.Int32
	var swapper, callers sync.WaitGroup
	swapper.Go(func() {
		for {
			for _, c := range []*tools.Catalog{users, all} {
				select {
				case <-stop:
					return
				default:
					service.Swap(c, knows(c))
					swaps.Add(1)
				}
			}
		}
	})
	for i := range 50 {
		callers.Go(func() {
			id := fmt.Sprint(i)
			status, _, body := s.post(t, request(id, "tools/list"), callerHeader, id)
			assert.Equal(t, http.StatusOK, status)
			assert.Contains(t, []int{len(users.Tools), len(all.Tools)}, len(listed(t, body)))
			for range 5 {
				_, _, body = s.post(t, call(id, "list_users", "x", "y"), callerHeader, id)
				assert.Equal(t, "ran list_users", decode(t, body).text(), "both have it")
			}
		})
	}
	callers.Wait()
	close(stop)
	swapper.Wait()
	require.Greater(t, swaps.Load(), int32(2))
}

func TestTraceGetsMetaAndHeaders(t *testing.T) {
	type told struct {
		meta   map[string]any
		header http.Header
	}
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			traces := make(chan told, 10)
			type key struct{}
			run := runFunc(func(ctx context.Context, _ string, _ []byte) (result.Result, error) {
				return result.Result{Text: fmt.Sprint(ctx.Value(key{}))}, nil
			})
			service := server.NewService(embedded.Catalog(), run, server.ServiceOptions{
				Version: "1", ListChanges: true, Log: discard,
				Trace: func(ctx context.Context, meta map[string]any, header http.Header) context.Context {
					traces <- told{meta, header}
					return context.WithValue(ctx, key{}, "traced")
				},
			})
			conn := w.client(t, serveHTTP(t, service.HTTP(w.options())), map[string]string{"Traceparent": "of the header"})
			r := mcp.CallToolRequest{}
			r.Params.Name, r.Params.Meta = "list_users", &mcp.Meta{AdditionalFields: map[string]any{"traceparent": "of the meta"}}
			answer, err := conn.CallTool(t.Context(), r)
			require.NoError(t, err)
			require.Equal(t, "traced", textOf(t, answer))
			trace := receive(t, traces, "the trace")
			require.Equal(t, "of the meta", trace.meta["traceparent"])
			require.Equal(t, "of the header", trace.header.Get("Traceparent"))
		})
	}
}
