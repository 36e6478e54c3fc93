package server_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"testing"

	mcpserver "github.com/mark3labs/mcp-go/server"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/server"
)

// The difference between the two is the cost of the wrappers.
func BenchmarkStdio(b *testing.B) {
	type serve func(ctx context.Context, s *mcpserver.MCPServer, in io.Reader, out io.Writer) error
	transports := []struct {
		name string
		serve
	}{
		{"ServeStdio", func(ctx context.Context, s *mcpserver.MCPServer, in io.Reader, out io.Writer) error {
			return server.ServeStdio(ctx, s, in, out, server.StdioOptions{Drain: maxWait})
		}},
		{"mcp-go", func(ctx context.Context, s *mcpserver.MCPServer, in io.Reader, out io.Writer) error {
			stdio := mcpserver.NewStdioServer(s)
			mcpserver.WithWorkerPoolSize(32)(stdio)
			mcpserver.WithQueueSize(1000)(stdio)
			return stdio.Listen(ctx, in, out)
		}},
	}
	for _, inFlight := range []int{1, 32} {
		for _, transport := range transports {
			b.Run(fmt.Sprintf("%d in flight/%s", inFlight, transport.name), func(b *testing.B) {
				in, requests := io.Pipe()
				answers, out := io.Pipe()
				ended := make(chan error, 1)
				go func() { ended <- transport.serve(b.Context(), newFixture(b).MCPServer, in, out) }()

				slots := make(chan struct{}, inFlight)
				go func() {
					for n := range b.N {
						slots <- struct{}{}
						_, _ = io.WriteString(requests, call(fmt.Sprint(n), "echo", "text", "hello")+"\n")
					}
				}()
				lines := bufio.NewReader(answers)
				b.ReportAllocs()
				for range b.N {
					_, err := lines.ReadSlice('\n')
					require.NoError(b, err)
					<-slots
				}
				b.StopTimer()
				require.NoError(b, requests.Close())
				require.NoError(b, <-ended)
			})
		}
	}
}
