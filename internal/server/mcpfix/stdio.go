package mcpfix

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// bufferSize is the size of the read buffers. A longer line costs a copy.
const bufferSize = 64 << 10

// ListenOptions configures [Listen].
type ListenOptions struct {
	// Drain bounds the wait for pending requests when the input ends. Zero does
	// not wait.
	Drain time.Duration
	// Respond returns the result of a request, or nil to leave the request to
	// mcp-go. Params are nil if the request has none. Respond itself may be nil.
	Respond func(method mcp.MCPMethod, params jsontext.Value) json.RawMessage
	// Logger receives refused lines. It must not write to the output.
	Logger *slog.Logger
}

// Listen is stdio.Listen without its defects. It serves s, the server of stdio,
// to one client, and returns nil when the input has ended and every request is
// answered; otherwise it returns what ended it: the cause of ctx, a failed read
// or write, or requests unanswered after o.Drain.
//
// It adds a hook to s. mcp-go has a single stdio session, so only one Listen may
// run at a time.
func Listen(ctx context.Context, s *mcpserver.MCPServer, stdio *mcpserver.StdioServer, in io.Reader, out io.Writer, o ListenOptions) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	pending := newPendingRequests()
	output := &stdioOutput{out: out, pending: pending, texts: newLargeTexts(), stop: stop}
	defer output.close()
	input := &stdioInput{
		ListenOptions: o,
		ctx:           ctx,
		lines:         bufio.NewReaderSize(in, bufferSize),
		pending:       pending,
		output:        output,
		stop:          stop,
		drained:       make(chan struct{}),
	}
	refuseCanceled(s)
	ctx = context.WithValue(ctx, pendingKey{}, pending)
	ctx = context.WithValue(ctx, textsKey{}, output.texts)
	ctx = withExchange(ctx, exchange{notify: output.notify})
	return listen(ctx, input.drained, func() error {
		// mcp-go uses a buffer that is large enough as it is, instead of adding a
		// small one of its own.
		return stdio.Listen(ctx, bufio.NewReaderSize(input, bufferSize), output)
	})
}
