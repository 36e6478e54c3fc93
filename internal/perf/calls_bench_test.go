package perf_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/server"
	"github.com/retool-mcp/retool-mcp/tools"
)

// token has the form of an access token; answers are searched for it.
const token = "retool_01performance7890123456789012"

func runner(t testing.TB, c *tools.Catalog) *call.Runner {
	t.Helper()
	address, err := retool.ParseAddress(upstream(t).URL, "")
	require.NoError(t, err)
	client := retool.New(retool.Options{Address: address, Token: token})
	cut := result.Options{MaxTokens: 20_000} // as the program has it
	return call.NewRunner(c, call.Options{Client: client, Log: slog.New(slog.DiscardHandler), Results: cut})
}

// serving runs a server in this process, for profiles.
func serving(t testing.TB) *client {
	t.Helper()
	c := catalog(t)
	log := slog.New(slog.DiscardHandler)
	s := server.NewService(c, runner(t, c), server.ServiceOptions{Version: "test", Log: log})
	in, requests := pipe(t)
	answers, out := pipe(t)
	ended := make(chan error, 1)
	go func() { ended <- s.ServeStdio(t.Context(), in, out, server.StdioOptions{Drain: time.Minute}) }()
	t.Cleanup(func() { // before the pipes are closed; the context is done
		_ = requests.Close()
		<-ended
	})
	return newClient(requests, answers)
}

// BenchmarkGet is the lower bound of a call: the same plain request.
func BenchmarkGet(b *testing.B) {
	address := upstream(b).URL
	for _, k := range kinds() {
		b.Run(k.name, func(b *testing.B) {
			get := getter(b, address+k.path, 1)
			b.SetBytes(int64(len(k.body)))
			b.ReportAllocs()
			for b.Loop() {
				if err := get(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkRun is a call without MCP: bind, send, render.
func BenchmarkRun(b *testing.B) {
	run := runner(b, catalog(b))
	for _, k := range kinds() {
		b.Run(k.name, func(b *testing.B) {
			b.SetBytes(int64(len(k.body)))
			b.ReportAllocs()
			for b.Loop() {
				r, err := run.CallTool(b.Context(), k.tool, []byte(k.arguments))
				if err != nil || r.IsError {
					b.Fatal(r.Text, err)
				}
			}
		})
	}
}

// BenchmarkStdio is a whole call over pipes. Client and upstream run in the
// same process, so allocations and profile are those of all three.
func BenchmarkStdio(b *testing.B) {
	for _, k := range kinds() {
		for _, inFlight := range []int{1, 32} {
			b.Run(fmt.Sprintf("%s/%d in flight", k.name, inFlight), func(b *testing.B) {
				c := serving(b)
				size := c.greet(b, k)
				b.SetBytes(int64(len(k.body)))
				b.ReportAllocs()
				b.ResetTimer()
				require.NoError(b, c.flood(requestOf(k), b.N, inFlight, size))
			})
		}
	}
}

// The measured results are complete and in the right format.
func TestEveryKindIsAnsweredInFull(t *testing.T) {
	for _, k := range kinds() {
		t.Run(k.name, func(t *testing.T) { require.Greater(t, serving(t).greet(t, k), len(k.body)/3) })
	}
}

// The client must notice a wrong response by its size.
func TestFloodNoticesAWrongAnswer(t *testing.T) {
	small, page := kinds()[0], kinds()[1]
	c := serving(t)
	size := c.greet(t, small)
	require.NoError(t, c.flood(requestOf(small), 200, 32, size))

	missing := small
	missing.arguments = `{"userId":"user_0"}`
	require.ErrorContains(t, c.flood(requestOf(missing), 200, 32, size), "some differ")
	require.ErrorContains(t, c.flood(requestOf(page), 40, 32, size), "some differ")
}
