package server

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

// A stream is a session of the older transport. Messages are posted beside it,
// and their answers are written to it, one event at a time.
type stream struct {
	http.ResponseWriter
	end context.CancelFunc

	writing sync.Mutex
	over    bool // nothing can be written any more

	mu      sync.Mutex
	leaving bool
	waiting map[string]int // requests that have no answer yet, by their id
	count   int            // of all of them
}

// mostWaiting is how many requests of one stream may wait for their answers. A
// client that does not read the stream would else fill the memory with them.
const mostWaiting = 100

// stream makes a session for as long as its stream lasts.
func (h *HTTP) stream(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to := &stream{ResponseWriter: w, waiting: map[string]int{}}
		s, _ := h.streams.add(who(r), to) // of any number
		defer h.streams.drop(s.id)
		defer context.AfterFunc(h.closing, to.leave)() //nolint:contextcheck // the end of the server is not that of the request
		defer to.close()
		r, cancel := until(r.WithContext(context.WithValue(r.Context(), reserved{}, s)), s.over)
		defer cancel()
		next.ServeHTTP(to, r)
	})
}

// Write writes an event of the library.
func (s *stream) Write(event []byte) (int, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	n, err := s.ResponseWriter.Write(event)
	if id, ok := answers(event); ok {
		s.answered(id)
	}
	return n, err
}

// report writes a notification of a call.
func (s *stream) report(notification []byte) {
	s.writing.Lock()
	defer s.writing.Unlock()
	if !s.over {
		_, _ = s.ResponseWriter.Write(event(notification)) // a client that is gone ends the context
		s.flush()
	}
}

// Flush is what the library looks for in a stream.
func (s *stream) Flush() {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.flush()
}

func (s *stream) flush() { _ = http.NewResponseController(s.ResponseWriter).Flush() }

func (s *stream) close() {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.over = true
}

// await keeps the stream until a request of that id is answered, unless too many
// are waiting.
func (s *stream) await(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.count == mostWaiting {
		return false
	}
	s.count++
	s.waiting[id]++
	return true
}

// answered is told that an answer is on its way.
func (s *stream) answered(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting[id] == 0 {
		return
	}
	s.count--
	if s.waiting[id]--; s.waiting[id] == 0 {
		delete(s.waiting, id)
	}
	if s.leaving && s.count == 0 {
		s.end()
	}
}

// leave ends the stream once nobody waits for an answer.
func (s *stream) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.leaving = true
	if s.count == 0 {
		s.end()
	}
}

// issue gives the library the id of the session that was made for a stream.
func issue(_ context.Context, r *http.Request) (string, error) {
	s, ok := r.Context().Value(reserved{}).(*session)
	if !ok {
		return "", errNoSession
	}
	return s.id, nil
}

// messages lets those post to whom the session in the query belongs. For all
// others there is no such session.
func (h *HTTP) messages(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := h.streams.find(who(r), r.URL.Query().Get("sessionId"))
		if s == nil {
			jsonrpc.Refuse(w, http.StatusNotFound, mcp.INVALID_PARAMS, "There is no such session: open the stream again.")
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			jsonrpc.Refuse(w, http.StatusBadRequest, mcp.PARSE_ERROR, "The request's body could not be read.")
			return
		}
		m, ok := readPosted(body)
		switch {
		case !ok:
			jsonrpc.Refuse(w, http.StatusBadRequest, mcp.INVALID_REQUEST, "The body is no message of JSON-RPC 2.0.")
			return
		case m.Method == string(mcp.MethodSubscriptionsListen):
			// The library would hold it for ever: it gives it nothing that ends.
			w.WriteHeader(http.StatusAccepted)
			if m.asks {
				s.stream.report(m.notListening())
			}
			return
		}
		if m.asks && !s.stream.await(m.key) {
			w.Header().Set("Retry-After", "5")
			jsonrpc.Refuse(w, http.StatusTooManyRequests, mcp.INTERNAL_ERROR, "Too many requests wait for their answers on this stream: read those first.")
			return
		}
		r = exchange{s.over, s.stream.report}.in(r)
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

// posted is what is posted, as far as it matters here.
type posted struct {
	JSONRPC string          `json:"jsonrpc"`
	Method  string          `json:"method"`
	ID      json.RawMessage `json:"id"`
	Result  any             `json:"result"`

	asks bool   // an answer is expected
	key  string // of the id
}

// readPosted reads a message as the library reads it; not ok is what is none.
func readPosted(body []byte) (m posted, ok bool) {
	if json.Unmarshal(body, &m) != nil || m.JSONRPC != mcp.JSONRPC_VERSION {
		return m, false
	}
	var id any
	if len(m.ID) > 0 && json.Unmarshal(m.ID, &id) != nil {
		return m, false
	}
	m.key, ok = idKey(id)
	m.asks = id != nil && m.Result == nil
	return m, ok || id == nil
}

// notListening is the answer to a request for subscriptions, on the stream:
// clients take a status for the end of all.
func (m posted) notListening() []byte {
	return fmt.Appendf(nil, `{"jsonrpc":"2.0","id":%s,"error":{"code":%d,"message":"There are no subscriptions on this transport: its stream brings the news unasked."}}`, m.ID, mcp.METHOD_NOT_FOUND)
}

// idKey tells the ids of requests from each other, the number 1 from the text "1".
func idKey(id any) (key string, ok bool) {
	switch id.(type) {
	case string, float64:
		return fmt.Sprintf("%T %v", id, id), true
	default:
		return "", false
	}
}

// answers is the id of the request that an event answers, if it does.
func answers(event []byte) (id string, ok bool) {
	_, data, _ := bytes.Cut(event, []byte("data:"))
	d := jsontext.NewDecoder(bytes.NewReader(data))
	if first, err := d.ReadToken(); err != nil || first.Kind() != '{' {
		return "", false
	}
	for {
		name, err := d.ReadToken()
		if err != nil || name.Kind() != '"' {
			return "", false
		}
		switch name.String() {
		case "id":
			value, err := d.ReadValue()
			var of any
			if err != nil || json.Unmarshal(value, &of) != nil {
				return "", false
			}
			id, ok = idKey(of)
		case "result", "error":
			return id, ok // without reading what may be long
		case "method":
			return "", false
		default:
			if d.SkipValue() != nil {
				return "", false
			}
		}
	}
}
