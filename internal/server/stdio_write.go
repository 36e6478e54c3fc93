package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/mark3labs/mcp-go/mcp"

	"github.com/retool-mcp/retool-mcp/internal/server/jsonrpc"
	"github.com/retool-mcp/retool-mcp/internal/server/mcpfix"
)

// write writes a message. A client that is gone ends the service.
func (s *stdioServer) write(line []byte) {
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.closed.Load() {
		return
	}
	if _, err := s.out.Write(line); err != nil {
		s.closed.Store(true)
		s.stop(fmt.Errorf("write to client: %w", err))
	}
}

func (s *stdioServer) notify(notification []byte) { s.write(append(notification, '\n')) }

// forward writes the notifications of mcp-go, such as that of a changed list.
func (s *stdioServer) forward(notifications <-chan mcp.JSONRPCNotification) {
	for {
		select {
		case n := <-notifications:
			if text, err := json.Marshal(n); err == nil {
				s.notify(text)
			}
		case <-s.ctx.Done():
			return
		}
	}
}

// answerLine returns a response of mcp-go in one line, under the client's id.
func answerLine(id jsontext.Value, answer mcp.JSONRPCMessage) []byte {
	member, value := "result", any(nil)
	switch a := answer.(type) {
	case mcp.JSONRPCResponse:
		value = a.Result
	case mcp.JSONRPCError:
		member, value = "error", a.Error
	}
	text, err := marshalResult(value)
	if err != nil {
		return jsonrpc.ErrorResponse(id, mcp.INTERNAL_ERROR, "Internal error.")
	}
	return jsonrpc.Response(id, member, text)
}

// marshalResult encodes a result. mcp-go copies and escapes the text of a call's
// result four times, which takes more time than the rest of the call: with it, 32
// calls in flight miss the budget of 1,600 pages a second. A result that is nothing
// but text is therefore written here; a test holds it equal to mcp-go's.
func marshalResult(value any) ([]byte, error) {
	r, ok := value.(*mcp.CallToolResult)
	if !ok || len(r.Content) != 1 || r.StructuredContent != nil || r.RawStructuredContent != nil || len(r.InputRequests) > 0 || r.RequestState != "" {
		return json.Marshal(value)
	}
	text, ok := r.Content[0].(mcp.TextContent)
	if !ok || text.Annotations != nil || text.Meta != nil {
		return json.Marshal(value)
	}
	out := make([]byte, 0, len(text.Text)+len(text.Text)/4+definitionSize)
	out = append(appendQuote(append(out, `{"content":[{"type":"text","text":`...), text.Text), `}]`...)
	if r.IsError {
		out = append(out, `,"isError":true`...)
	}
	if r.ResultType != "" {
		out = appendQuote(append(out, `,"resultType":`...), string(r.ResultType))
	}
	if r.Meta != nil {
		meta, err := json.Marshal(r.Meta)
		if err != nil {
			return nil, err
		}
		out = append(append(out, `,"_meta":`...), meta...)
	}
	return append(out, '}'), nil
}

// elicitationAnswer is the client's response to a request for confirmation.
type elicitationAnswer struct {
	result *mcp.ElicitationResult
	err    error
}

// Elicit asks the client for a confirmation. mcp-go calls it for clients of the
// initialize era.
func (s *stdioServer) Elicit(ctx context.Context, r mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
	params, err := json.Marshal(r.Params)
	if err != nil {
		return nil, err
	}
	answer := make(chan elicitationAnswer, 1)
	s.mu.Lock()
	s.lastID++
	id := strconv.Itoa(s.lastID)
	s.asked[id] = answer
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.asked, id)
	}()
	s.write(fmt.Appendf(nil, `{"jsonrpc":"2.0","id":%s,"method":%q,"params":%s}`+"\n", id, mcp.MethodElicitationCreate, params))
	select {
	case a := <-answer:
		return a.result, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// deliver hands a client's response to the Elicit that waits for it. Others are
// ignored: JSON-RPC has no answer to a response.
func (s *stdioServer) deliver(m jsonrpc.Message) {
	s.mu.Lock()
	answer := s.asked[string(m.ID)]
	delete(s.asked, string(m.ID))
	s.mu.Unlock()
	if answer == nil {
		return
	}
	var a elicitationAnswer
	var problem struct{ Message string }
	switch {
	case m.Error != nil:
		_ = json.Unmarshal(m.Error, &problem) // a malformed error has no message
		a.err = errors.New("the client refused the elicitation: " + problem.Message)
	default:
		a.result = mcpfix.Elicited(m.Result)
	}
	answer <- a
}
