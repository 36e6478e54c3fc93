package server_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	mcpclient "github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/progress"
)

// addSteps adds a tool that reports three steps and ends at once.
func addSteps(f *fixture) {
	f.AddTool(mcp.NewTool("steps"), func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		for i := 1; i <= 3; i++ {
			progress.Report(ctx, i, 3, "")
		}
		return mcp.NewToolResultText("done"), nil
	})
}

// mcp-go would often lose the last notification, or send it after the answer.
func TestProgressPrecedesTheAnswer(t *testing.T) {
	const runs = 100
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			f := newFixture(t)
			addSteps(f)
			conn := w.client(t, f.site(t, w), nil)
			var mu sync.Mutex
			got := map[string][]any{}
			conn.OnNotification(func(n mcp.JSONRPCNotification) {
				mu.Lock()
				defer mu.Unlock()
				token := fmt.Sprint(n.Params.AdditionalFields["progressToken"])
				got[token] = append(got[token], n.Params.AdditionalFields["progress"])
			})
			for i := range runs {
				r := mcp.CallToolRequest{}
				token := fmt.Sprintf("run %d", i)
				r.Params.Name, r.Params.Meta = "steps", &mcp.Meta{ProgressToken: token}
				answer, err := conn.CallTool(t.Context(), r)
				require.NoError(t, err)
				require.Equal(t, "done", textOf(t, answer))
				mu.Lock()
				require.Equal(t, []any{1., 2., 3.}, got[token], "run %d", i)
				mu.Unlock()
			}
		})
	}
}

// All requests and streams of a session share one queue of mcp-go, so one could
// take the progress of another call.
func TestProgressStaysWithItsCall(t *testing.T) {
	f, s := stateful(t, nil)
	addSteps(f)
	id := s.session(t)
	s.listen(t, "Mcp-Session-Id", id)
	var all sync.WaitGroup
	for caller := range 8 {
		all.Go(func() {
			for run := range 25 {
				token := fmt.Sprintf("%d of %d", run, caller)
				status, header, body := s.post(t, fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"steps","_meta":{"progressToken":%q}}}`, 100*caller+run, token), "Mcp-Session-Id", id)
				assert.Equal(t, http.StatusOK, status)
				assert.Equal(t, "text/event-stream", header.Get("Content-Type"))
				events := strings.Split(strings.TrimSuffix(body, "\n\n"), "\n\n")
				if !assert.Len(t, events, 4, body) {
					return
				}
				for i, event := range events[:3] {
					assert.Contains(t, event, fmt.Sprintf(`"progress":%d`, i+1))
					assert.Contains(t, event, token)
				}
				assert.Contains(t, events[3], `"done"`)
			}
		})
	}
	all.Wait()
}

func TestAnswerWithoutProgressIsJSON(t *testing.T) {
	f := newFixture(t)
	s := f.site(t, way{})
	status, header, body := s.post(t, call("7", "echo", "text", "hello"))
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "application/json", header.Get("Content-Type"))
	require.Equal(t, "hello", decode(t, body).text())
}

// Progress and requests to the client share the response stream.
func TestToolReportsProgressAndAsks(t *testing.T) {
	f, s := stateful(t, nil)
	f.AddTool(mcp.NewTool("talk"), func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		for i := 1; i <= 3; i++ {
			progress.Report(ctx, i, 0, "")
			answer, err := f.RequestElicitation(ctx, mcp.ElicitationRequest{Params: mcp.ElicitationParams{Message: "Sure?", RequestedSchema: map[string]any{"type": "object"}}})
			if err != nil || answer.Action != mcp.ElicitationResponseActionAccept {
				return nil, fmt.Errorf("not accepted: %w", err)
			}
		}
		return mcp.NewToolResultText("done"), nil
	})
	conn := way{stateful: true, listens: true, version: mcp.LATEST_LEGACY_PROTOCOL_VERSION}.dial(t, s, nil)
	mcpclient.WithElicitationHandler(accepting{})(conn)
	_, err := conn.Initialize(t.Context(), mcp.InitializeRequest{Params: mcp.InitializeParams{ProtocolVersion: mcp.LATEST_LEGACY_PROTOCOL_VERSION}})
	require.NoError(t, err)
	var steps atomic.Int32
	conn.OnNotification(func(mcp.JSONRPCNotification) { steps.Add(1) })
	r := mcp.CallToolRequest{}
	r.Params.Name, r.Params.Meta = "talk", &mcp.Meta{ProgressToken: "t"}
	answer, err := conn.CallTool(t.Context(), r)
	require.NoError(t, err)
	require.Equal(t, "done", textOf(t, answer))
	require.EqualValues(t, 3, steps.Load())
}

type accepting struct{}

func (accepting) Elicit(context.Context, mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
	return &mcp.ElicitationResult{ElicitationResponse: mcp.ElicitationResponse{Action: mcp.ElicitationResponseActionAccept, Content: map[string]any{}}}, nil
}
