package server

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/mark3labs/mcp-go/mcp"

	"github.com/retool-mcp/retool-mcp/internal/server/jsonrpc"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

// stdioRequest is a request without an answer so far.
type stdioRequest struct {
	id       string // as the client wrote it
	cancel   context.CancelFunc
	awaited  bool // the end of input waits for the answer
	canceled bool
	brief    bool // as of StdioOptions.Brief
}

// readAll reads messages until the input ends.
func (s *stdioServer) readAll(in io.Reader) error {
	err := eachLine(in, func(line []byte) bool {
		s.receive(line)
		return s.ctx.Err() == nil
	})
	switch {
	case s.ctx.Err() != nil:
		return nil //nolint:nilerr // everything ends
	case errors.Is(err, errUTF16):
		s.write(jsonrpc.ErrorResponse(nil, mcp.PARSE_ERROR, err.Error()))
		return err
	case err != nil:
		return fmt.Errorf("read from client: %w", err)
	}
	return nil
}

var errUTF16 = errors.New("the input is UTF-16, and MCP messages are UTF-8")

// eachLine calls do for each line that is not blank, until it wants no more or the
// input ends. A last line needs no newline.
func eachLine(in io.Reader, do func(line []byte) (more bool)) error {
	lines := bufio.NewReaderSize(in, 64<<10)
	for first := true; ; first = false {
		line, err := lines.ReadBytes('\n')
		if first && text.IsUTF16(line) {
			return errUTF16
		}
		line = bytes.TrimSpace(text.TrimMark(bytes.TrimSpace(line)))
		switch more := len(line) == 0 || do(line); {
		case !more, errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// receive handles one line. Only requests may take time, so each has a goroutine.
func (s *stdioServer) receive(line []byte) {
	m, malformed := jsonrpc.Parse(line)
	if malformed != nil {
		s.Logger.Warn("refused a line of input", "code", malformed.Code) // the reason may quote arguments
		s.write(jsonrpc.ErrorResponse(malformed.ID, malformed.Code, malformed.Reason))
		return
	}
	switch method := mcp.MCPMethod(m.MethodName()); {
	case m.IsResponse():
		s.deliver(m)
	case m.ID == nil && method == mcp.MethodNotificationCancelled:
		s.cancel(m.Params)
	case m.ID == nil:
		s.mcp.HandleMessage(s.ctx, line)
	case method == mcp.MethodToolsList && s.List != nil && isEmpty(m.Params):
		s.write(jsonrpc.EndResponse(s.List(jsonrpc.BeginResponse(m.ID, "result"))))
	case method == mcp.MethodToolsCall:
		s.queue <- struct{}{}
		s.start(m, true, func(ctx context.Context, message json.RawMessage) mcp.JSONRPCMessage {
			defer func() { <-s.queue }()
			select {
			case s.running <- struct{}{}:
			case <-ctx.Done():
				return nil
			}
			defer func() { <-s.running }()
			if ctx.Err() != nil {
				return nil // canceled while it waited
			}
			return s.handle(ctx, message)
		})
	case method == mcp.MethodInitialize:
		s.start(m, true, s.mcp.HandleMessage)
	default:
		// A subscription is answered when it ends, so it never delays the end of
		// input.
		s.start(m, method != mcp.MethodSubscriptionsListen, s.handle)
	}
}

// handle handles a request that may need the tools.
func (s *stdioServer) handle(ctx context.Context, message json.RawMessage) mcp.JSONRPCMessage {
	if s.Register != nil {
		s.Register()
	}
	return s.mcp.HandleMessage(ctx, message)
}

// isEmpty reports whether params ask for nothing: no cursor, and no metadata of a
// protocol later than the initialize era.
func isEmpty(params jsontext.Value) bool {
	return params == nil || string(bytes.Join(bytes.Fields(params), nil)) == "{}"
}

// handler handles a request as MCPServer.HandleMessage does.
type handler = func(context.Context, json.RawMessage) mcp.JSONRPCMessage

// start runs a request and writes its answer, unless it is canceled. mcp-go sees
// the request under an id of ours, which it can decode and which is unique; a
// subscription keeps its own, since its notifications carry it.
func (s *stdioServer) start(m jsonrpc.Message, awaited bool, handle handler) {
	ctx, cancel := context.WithCancel(s.ctx)
	r := &stdioRequest{id: string(m.ID), cancel: cancel, awaited: awaited}
	r.brief = s.Brief != nil && m.MethodName() == string(mcp.MethodToolsCall) && s.Brief(m.Params)
	s.mu.Lock()
	s.lastID++
	id := fmt.Append(nil, s.lastID)
	s.pending[r] = true
	s.mu.Unlock()
	if awaited {
		s.unanswered.Add(1)
	} else {
		id = m.ID
	}
	message := fmt.Appendf(nil, `{"jsonrpc":"2.0","id":%s,"method":%s`, id, m.Method)
	if m.Params != nil {
		message = append(append(message, `,"params":`...), m.Params...)
	}
	message = append(message, '}')
	s.handlers.Go(func() {
		defer cancel()
		answer := s.recovered(ctx, message, handle)
		s.mu.Lock()
		canceled := r.canceled
		s.mu.Unlock()
		if answer != nil && !canceled {
			s.write(answerLine(m.ID, answer))
		}
		s.release(r)
	})
}

// recovered turns a panic into an error response. Its text may hold anything, so
// neither client nor log sees it.
func (s *stdioServer) recovered(ctx context.Context, message []byte, handle handler) (answer mcp.JSONRPCMessage) {
	defer func() {
		if p := recover(); p != nil {
			s.Logger.Error("request panicked", "kind", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			answer = mcp.NewJSONRPCError(mcp.NewRequestId(nil), mcp.INTERNAL_ERROR, "Internal error.", nil)
		}
	}()
	return handle(ctx, message)
}

// cancel ends the requests that a notifications/cancelled names. The end of input
// does not wait for them.
func (s *stdioServer) cancel(params jsontext.Value) {
	var named struct {
		ID jsontext.Value `json:"requestId"`
	}
	_ = json.Unmarshal(params, &named) // without an id nothing is canceled
	s.mu.Lock()
	defer s.mu.Unlock()
	for r := range s.pending {
		if r.id == string(named.ID) && !r.canceled {
			r.canceled = true
			r.cancel()
			s.answered(r)
		}
	}
}

// release forgets a request after its answer is written.
func (s *stdioServer) release(r *stdioRequest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answered(r)
	delete(s.pending, r)
}

// answered stops waiting for a request. It must be called with mu held.
func (s *stdioServer) answered(r *stdioRequest) {
	if r.awaited {
		r.awaited = false
		s.unanswered.Done()
	}
}
