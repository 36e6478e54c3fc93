package server

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/retool-mcp/retool-mcp/internal/server/mcpfix"
)

// This is a stdio transport of our own on MCPServer.HandleMessage. mcp-go's drops
// answers at the end of input, rounds ids, answers canceled calls, and more; the
// tests named TestMCPGo… in stdio_mcpgo_test.go show each defect. Once they all
// fail, mcp-go's StdioServer can replace it.

const (
	// maxRunningCalls is how many tool calls run at once. They wait for Retool, not
	// for a processor, or as scripts for others: 32 of those leave room for as many
	// calls.
	maxRunningCalls = 64

	// maxQueuedCalls is how many tool calls run or wait. Beyond it the input is not
	// read, and pings and cancellations wait.
	maxQueuedCalls = 1000

	// handlerGrace is how long handlers with nothing left to answer have to notice
	// the end of their context.
	handlerGrace = 100 * time.Millisecond
)

// StdioOptions configures [ServeStdio].
type StdioOptions struct {
	// Drain bounds the wait for running requests when the input ends. Zero does
	// not wait.
	Drain time.Duration

	// Brief tells by the parameters of a tool call that it changes nothing and may be
	// long: at the end of input it is canceled after BriefDrain. Nil is for none.
	Brief      func(params []byte) bool
	BriefDrain time.Duration

	// List appends the answer to a plain tools/list; nil leaves it to mcp-go.
	// [Service.ServeStdio] sets it.
	List func(out []byte) []byte

	// Register adds the tools to the server. It is called before each request that may
	// need them, which handshake and List do not; nil if the server has them.
	// [Service.ServeStdio] sets it: clients start the server and list the tools far more
	// often than they call one.
	Register func()

	// Logger receives problems; nil discards them. It must not write to the
	// stream that carries the protocol.
	Logger *slog.Logger
}

// ServeStdio serves the catalog to one client on stdio; see [ServeStdio].
func (s *Service) ServeStdio(ctx context.Context, in io.Reader, out io.Writer, o StdioOptions) error {
	o.List = func(out []byte) []byte { return appendList(out, s.now.Load().listed) }
	o.Register = s.register
	return ServeStdio(ctx, s.mcp, in, out, o)
}

// ServeStdio serves m to one client, which writes a JSON-RPC message per line to
// in and reads the answers from out.
//
//   - The end of in takes effect once all requests read from it are answered, those
//     of o.Brief within o.BriefDrain.
//   - A canceled request is not answered, and not started if it was waiting.
//   - An answer carries the id exactly as the client wrote it.
//   - A line that is not a JSON-RPC message gets one error; blank lines get none.
//   - A client that stops reading its answers ends the service.
//
// It returns nil when in has ended and everything is answered, and otherwise the
// reason for the end: the cause of ctx, a failed read or write, or requests
// unanswered after o.Drain. It does not wait for a handler that ignores its
// context or a read blocked on in; these write nothing to out afterwards.
func ServeStdio(ctx context.Context, m *mcpserver.MCPServer, in io.Reader, out io.Writer, o StdioOptions) error {
	o.Logger = cmp.Or(o.Logger, slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	requests, cancelRequests := context.WithCancel(ctx)
	defer cancelRequests()
	s := &stdioServer{
		StdioOptions: o,
		mcp:          m,
		stop:         stop,
		queue:        make(chan struct{}, maxQueuedCalls),
		running:      make(chan struct{}, maxRunningCalls),
		pending:      map[*stdioRequest]bool{},
		asked:        map[string]chan<- elicitationAnswer{},
		out:          out,
	}
	defer s.closed.Store(true)
	session := mcpserver.NewInProcessSessionWithHandlers("stdio", nil, s, nil)
	if err := m.RegisterSession(ctx, session); err != nil {
		return fmt.Errorf("register the stdio session: %w", err)
	}
	defer m.UnregisterSession(ctx, session.SessionID())
	s.ctx = mcpfix.WithNotify(m.WithContext(requests, session), s.notify)
	go s.forward(session.ClientNotifications())

	read := make(chan error, 1)
	go func() { read <- s.readAll(in) }() //nolint:contextcheck // requests have the context of s
	var err error
	select {
	case err = <-read:
		s.drain(ctx)
		cancelRequests()
		s.await(ctx, &s.handlers, handlerGrace)
	case <-ctx.Done():
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// stdioServer is the state of one ServeStdio.
type stdioServer struct {
	StdioOptions
	mcp  *mcpserver.MCPServer
	ctx  context.Context // of requests
	stop context.CancelCauseFunc

	queue, running chan struct{}  // semaphores of tool calls
	handlers       sync.WaitGroup // running requests
	unanswered     sync.WaitGroup // requests that the end of input waits for

	mu      sync.Mutex             // protects the fields below
	pending map[*stdioRequest]bool // requests without an answer
	lastID  int                    // of requests as mcp-go sees them, and of ours to the client
	asked   map[string]chan<- elicitationAnswer

	writing sync.Mutex // serializes writes
	out     io.Writer
	closed  atomic.Bool // not guarded by writing, which a blocked write holds
}

// drain waits until the requests of the client are answered, at most for s.Drain.
func (s *stdioServer) drain(ctx context.Context) {
	defer time.AfterFunc(s.BriefDrain, s.cancelBrief).Stop()
	if s.await(ctx, &s.unanswered, s.Drain) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for r := range s.pending {
		if r.awaited {
			n++
		}
	}
	if n > 0 {
		s.stop(fmt.Errorf("%d requests unanswered %s after the end of input", n, s.Drain))
	}
}

// cancelBrief cancels calls that nobody need wait for. They are answered.
func (s *stdioServer) cancelBrief() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for r := range s.pending {
		if r.brief {
			r.cancel()
		}
	}
}

// await waits for a group, and reports whether it was done within the timeout and
// before ctx ended.
func (s *stdioServer) await(ctx context.Context, group *sync.WaitGroup, timeout time.Duration) bool {
	done := make(chan struct{})
	go func() {
		group.Wait()
		close(done)
	}()
	select {
	case <-done:
		return true
	case <-ctx.Done():
	case <-time.After(timeout):
	}
	return false
}
