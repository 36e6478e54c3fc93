package server

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"time"

	mcpserver "github.com/mark3labs/mcp-go/server"
)

const (
	// stdioWorkers is the number of tool calls that run at the same time. They
	// wait for Retool, not for a processor.
	stdioWorkers = 32

	// stdioQueue is the number of tool calls that may wait for a worker. Once
	// it is full mcp-go runs calls on its read loop, where pings and
	// cancellations have to wait for them.
	stdioQueue = 1000

	// stdioBuffer is the size of the read buffers; a longer line is no error,
	// it merely costs a copy.
	stdioBuffer = 64 << 10

	// stdioSettle is how long handlers that have nothing left to answer are
	// given to notice that their context is over.
	stdioSettle = 100 * time.Millisecond
)

// StdioOptions configures [ServeStdio].
type StdioOptions struct {
	// Drain bounds how long requests still running when the input ends are
	// waited for. Zero does not wait for them.
	Drain time.Duration

	// List returns the answer to a plain tools/list; see [List]. Nil leaves
	// that answer to mcp-go, which takes milliseconds to write a long one.
	List func() json.RawMessage

	// Prepare adds what s still lacks, beside the first answers; requests but
	// initialize and a plain tools/list wait for it. See [NewDeferred]. Nil says
	// that nothing is lacking.
	Prepare func()

	// Logger receives what goes wrong; nil discards it. It must not write to
	// the stream that carries the protocol.
	Logger *slog.Logger
}

// ServeStdio serves s to one client, which writes a JSON-RPC message per line
// to in and reads the answers from out.
//
// The protocol is mcp-go's; in and out reach it through wrappers which add what
// a client may expect from a server on pipes and mcp-go does not give:
//
//   - The end of in, with or without a final newline, takes effect only when
//     all requests read from it are answered.
//   - A request that the client has canceled is not answered any more, and not
//     started either if it was still waiting for its turn.
//   - An answer carries the id exactly as the client wrote it.
//   - A line that is no JSON-RPC message gets one error in reply, and blank
//     lines get none.
//   - A client that has stopped reading its answers ends the service.
//
// It returns nil when in has ended and everything was answered, and otherwise
// what ended the service: the cause of ctx, a failed read or write, or requests
// unanswered after opts.Drain. A handler that ignores its context or a read
// blocked on in does not hold it up. Either may outlive it, but starts no write
// to out.
//
// It adds a hook to s, so s must not be serving another transport yet, and
// mcp-go has a single stdio session, so only one ServeStdio may run at a time.
func ServeStdio(ctx context.Context, s *mcpserver.MCPServer, in io.Reader, out io.Writer, opts StdioOptions) error {
	logger := opts.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)

	ready := make(chan struct{})
	go func() {
		defer close(ready)
		if opts.Prepare != nil {
			opts.Prepare()
		}
	}()
	requests := newLedger()
	output := newStdioOutput(out, requests, stop)
	defer output.close()
	input := &stdioInput{
		ctx:      ctx,
		lines:    bufio.NewReaderSize(in, stdioBuffer),
		requests: requests,
		output:   output,
		list:     opts.List,
		ready:    ready,
		drain:    opts.Drain,
		stop:     stop,
		drained:  make(chan struct{}),
		logger:   logger,
	}

	skipCanceled(s)
	stdio := mcpserver.NewStdioServer(s)
	for _, apply := range []mcpserver.StdioOption{
		mcpserver.WithWorkerPoolSize(stdioWorkers),
		mcpserver.WithQueueSize(stdioQueue),
		mcpserver.WithErrorLogger(slog.NewLogLogger(logger.Handler(), slog.LevelWarn)),
	} {
		apply(stdio)
	}

	// Listen returns only when all handlers have, hence not on this goroutine.
	ended := make(chan error, 1)
	go func() {
		// mcp-go uses a buffer that is large enough as it is, instead of
		// adding a small one of its own.
		buffered := bufio.NewReaderSize(input, stdioBuffer)
		ended <- stdio.Listen(withNotify(withTexts(withLedger(ctx, requests), output.texts), output.notify), buffered, output)
	}()

	var err error
	select {
	case err = <-ended:
	case <-ctx.Done():
	case <-input.drained:
		select {
		case err = <-ended:
		case <-ctx.Done():
		case <-time.After(stdioSettle):
		}
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}
