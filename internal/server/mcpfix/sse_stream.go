package mcpfix

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
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

	mu       sync.Mutex          // protects the fields below
	draining bool                // end the stream once nothing is pending
	pending  map[string][]func() // what to release of unanswered requests, by id
	count    int                 // of all of them
	released bool                // the stream is closed and keeps nothing any more
}

// NewStream returns a stream that is written to w. Its calls end with gone, and
// it ends itself with end.
func NewStream(gone context.Context, w http.ResponseWriter, end context.CancelFunc) *Stream {
	return &Stream{ResponseWriter: w, gone: gone, end: end, pending: map[string][]func(){}}
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
	s.releaseAll()
}

// Post serves a message that was posted beside the stream; next is mcp-go's
// message handler. What keep returns is called once the message is answered or the
// stream is closed.
func (s *Stream) Post(w http.ResponseWriter, r *http.Request, next http.Handler, keep func() (release func())) {
	r, m, ok := readMessage(w, r)
	if !ok {
		return
	}
	id, hasID := idKey(m.ID)
	switch {
	case m.ID != nil && !hasID:
		jsonrpc.WriteError(w, http.StatusBadRequest, mcp.INVALID_REQUEST, "Invalid request: id is out of range")
		return
	case m.MethodName() == string(mcp.MethodSubscriptionsListen):
		s.refuseSubscription(w, m)
		return
	case m.Method != nil && hasID && !s.await(id, keep):
		w.Header().Set("Retry-After", "5")
		jsonrpc.WriteError(w, http.StatusTooManyRequests, mcp.INTERNAL_ERROR, "Too many unanswered requests on this stream. Read their answers first.")
		return
	}
	next.ServeHTTP(w, exchange{notify: s.notify, gone: s.gone}.in(r))
}

// idKey returns a map key for an id, which mcp-go decodes and encodes again: the
// number 1 and the text "1" differ. Not ok is no id, or one that mcp-go cannot decode.
func idKey(id jsontext.Value) (key string, ok bool) {
	var v any
	if json.Unmarshal(id, &v) != nil || v == nil {
		return "", false
	}
	return fmt.Sprintf("%T %v", v, v), true
}

// answeredEvent returns the key of the request that an event answers, if any. It
// does not read the result, which may be large.
func answeredEvent(event []byte) (key string, ok bool) {
	_, data, _ := bytes.Cut(event, []byte("data:"))
	dec := jsontext.NewDecoder(bytes.NewReader(data))
	if first, err := dec.ReadToken(); err != nil || first.Kind() != jsontext.KindBeginObject {
		return "", false
	}
	for {
		name, err := dec.ReadToken()
		if err != nil || name.Kind() != jsontext.KindString {
			return "", false
		}
		switch name.String() {
		case "result", "error":
			return key, ok
		case "method":
			return "", false
		case "id":
			id, err := dec.ReadValue()
			if err != nil {
				return "", false
			}
			key, ok = idKey(id)
		default:
			if dec.SkipValue() != nil {
				return "", false
			}
		}
	}
}
