package mcpfix

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/mark3labs/mcp-go/mcp"

	"github.com/retool-mcp/retool-mcp/internal/server/jsonrpc"
)

// Stream is one event stream of the HTTP+SSE transport. Messages are posted
// beside it, and their answers are written to it, one event at a time.
type Stream struct {
	http.ResponseWriter
	gone context.Context
	end  context.CancelFunc

	writing sync.Mutex // serializes writes
	closed  bool       // under writing; nothing can be written any more

	mu       sync.Mutex     // protects the fields below
	draining bool           // end the stream once nothing is pending
	pending  map[string]int // unanswered requests by id
	count    int            // of all of them
}

// NewStream returns a stream that is written to w. Its calls end with gone, and
// it ends itself with end.
func NewStream(w http.ResponseWriter, gone context.Context, end context.CancelFunc) *Stream {
	return &Stream{ResponseWriter: w, gone: gone, end: end, pending: map[string]int{}}
}

// Write writes an event of mcp-go.
func (s *Stream) Write(event []byte) (int, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	n, err := s.ResponseWriter.Write(event)
	if id, ok := answeredEvent(event); ok {
		s.answered(id)
	}
	return n, err
}

func (s *Stream) notify(notification []byte) {
	s.writing.Lock()
	defer s.writing.Unlock()
	if !s.closed {
		_, _ = s.ResponseWriter.Write(event(notification)) // a lost client ends the stream's context
		s.flush()
	}
}

// Flush implements http.Flusher, which mcp-go asks for.
func (s *Stream) Flush() {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.flush()
}

func (s *Stream) flush() { _ = http.NewResponseController(s.ResponseWriter).Flush() }

// Close discards everything written from now on.
func (s *Stream) Close() {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.closed = true
}

// Post serves a message that was posted beside the stream; next is mcp-go's
// message handler.
func (s *Stream) Post(w http.ResponseWriter, r *http.Request, next http.Handler) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		jsonrpc.WriteError(w, http.StatusBadRequest, mcp.PARSE_ERROR, "Cannot read the request body.")
		return
	}
	m, ok := readPosted(body)
	switch {
	case !ok:
		jsonrpc.WriteError(w, http.StatusBadRequest, mcp.INVALID_REQUEST, "The body is not a JSON-RPC 2.0 message.")
		return
	case m.Method == mcp.MethodSubscriptionsListen:
		s.refuseSubscription(w, m)
		return
	case m.isRequest && !s.await(m.key):
		w.Header().Set("Retry-After", "5")
		jsonrpc.WriteError(w, http.StatusTooManyRequests, mcp.INTERNAL_ERROR, "Too many unanswered requests on this stream. Read their answers first.")
		return
	}
	r = exchange{notify: s.notify, gone: s.gone}.in(r)
	r.Body = io.NopCloser(bytes.NewReader(body))
	next.ServeHTTP(w, r)
}

// posted is the part of a posted message that matters here.
type posted struct {
	JSONRPC string          `json:"jsonrpc"`
	Method  mcp.MCPMethod   `json:"method"`
	ID      json.RawMessage `json:"id"`
	Result  any             `json:"result"`

	isRequest bool   // an answer is expected
	key       string // of the id
}

// readPosted reads a message the way mcp-go does.
func readPosted(body []byte) (m posted, ok bool) {
	if json.Unmarshal(body, &m) != nil || m.JSONRPC != mcp.JSONRPC_VERSION {
		return m, false
	}
	var id any
	if len(m.ID) > 0 && json.Unmarshal(m.ID, &id) != nil {
		return m, false
	}
	m.key, ok = idKey(id)
	m.isRequest = id != nil && m.Result == nil
	return m, ok || id == nil
}

// idKey returns a map key for an id: the number 1 and the text "1" differ.
func idKey(id any) (key string, ok bool) {
	switch id.(type) {
	case string, float64:
		return fmt.Sprintf("%T %v", id, id), true
	default:
		return "", false
	}
}

// answeredEvent returns the key of the request that an event answers, if any.
func answeredEvent(event []byte) (key string, ok bool) {
	_, data, _ := bytes.Cut(event, []byte("data:"))
	id, _ := answeredID(&jsontext.Decoder{}, data)
	var of any
	if id == nil || json.Unmarshal(id, &of) != nil {
		return "", false
	}
	return idKey(of)
}
