package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/mark3labs/mcp-go/mcp"
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
	waiting map[string][]chan struct{} // for answers, by the request's id
}

// stream makes a session for as long as its stream lasts.
func (h *HTTP) stream(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to := &stream{ResponseWriter: w, waiting: map[string][]chan struct{}{}}
		s := h.streams.add(who(r), to)
		defer h.streams.drop(s.id)
		defer context.AfterFunc(h.closing, to.leave)()
		r, cancel := until(r, s.over)
		defer cancel()
		defer to.close()
		next.ServeHTTP(to, r.WithContext(context.WithValue(r.Context(), reserved{}, s)))
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

// await is closed once a request of that id is answered.
func (s *stream) await(id string) chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	answer := make(chan struct{})
	s.waiting[id] = append(s.waiting[id], answer)
	return answer
}

// answered is told that an answer is on its way.
func (s *stream) answered(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if all := s.waiting[id]; len(all) > 0 {
		close(all[0])
		s.remove(id, all[0])
	}
}

// forget ends the wait for an answer, which may have come.
func (s *stream) forget(id string, answer chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(id, answer)
}

func (s *stream) remove(id string, answer chan struct{}) {
	s.waiting[id] = slices.DeleteFunc(s.waiting[id], func(c chan struct{}) bool { return c == answer })
	if len(s.waiting[id]) == 0 {
		delete(s.waiting, id)
	}
	if s.leaving && len(s.waiting) == 0 {
		s.end()
	}
}

// leave ends the stream once nobody waits for an answer.
func (s *stream) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.leaving = true
	if len(s.waiting) == 0 {
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
// others there is no such session. A request is accepted at once, and then goes
// on until its answer is on the stream: so limits of requests in progress hold
// for it, and whoever shuts down waits for it.
func (h *HTTP) messages(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := h.streams.find(who(r), r.URL.Query().Get("sessionId"))
		if s == nil {
			refuse(w, http.StatusNotFound, mcp.INVALID_PARAMS, "There is no such session: open the stream again.")
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			refuse(w, http.StatusBadRequest, mcp.PARSE_ERROR, "The request's body could not be read.")
			return
		}
		id, asks, ok := expects(body)
		switch {
		case !ok:
			refuse(w, http.StatusBadRequest, mcp.INVALID_REQUEST, "The body is no message of JSON-RPC 2.0.")
			return
		case method(body) == string(mcp.MethodSubscriptionsListen):
			// The library would hold it for ever: it gives it nothing that ends.
			refuse(w, http.StatusBadRequest, mcp.METHOD_NOT_FOUND, "There are no subscriptions on this transport: its stream brings the news unasked.")
			return
		}
		r = exchange{s.over, s.stream.report}.in(r)
		r.Body = io.NopCloser(bytes.NewReader(body))
		if !asks {
			next.ServeHTTP(w, r)
			return
		}
		answer := s.stream.await(id)
		defer s.stream.forget(id, answer)
		to := &accepting{ResponseWriter: w, last: r.ProtoMajor == 1}
		next.ServeHTTP(to, r)
		if to.accepted && http.NewResponseController(w).Flush() == nil {
			select {
			case <-answer:
			case <-s.over.Done():
			}
		}
	})
}

// expects tells whether a message expects an answer, and under which id. It is
// read as the library reads it.
func expects(body []byte) (id string, asks, ok bool) {
	var m struct {
		JSONRPC string `json:"jsonrpc"`
		Method  string `json:"method"`
		ID      any    `json:"id"`
		Result  any    `json:"result"`
	}
	if json.Unmarshal(body, &m) != nil || m.JSONRPC != mcp.JSONRPC_VERSION {
		return "", false, false
	}
	id, known := idKey(m.ID)
	return id, m.ID != nil && m.Result == nil, known || m.ID == nil
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

// accepting is where a message is accepted. The handler goes on, so that the
// answer must be whole without its end, and a connection of HTTP/1 can take no
// other request meanwhile.
type accepting struct {
	http.ResponseWriter
	last     bool
	accepted bool
}

func (a *accepting) WriteHeader(status int) {
	if a.accepted = status == http.StatusAccepted; a.accepted {
		a.Header().Set("Content-Length", "0")
		if a.last {
			a.Header().Set("Connection", "close")
		}
	}
	a.ResponseWriter.WriteHeader(status)
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
