package sandbox

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/retool-mcp/retool-mcp/internal/pipe"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
	"github.com/retool-mcp/retool-mcp/schemas"
)

const (
	base = "/api/v2"
	// spaces is the prefix of spaces, /space/<id or domain>/api/v2/…. In reality
	// each has a host of its own.
	spaces = "/space/"
	// maxBody limits the body of a request in bytes.
	maxBody = 32 << 20
)

// ServeHTTP answers one request.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out := s.reply(r)
	s.stats.count(func(c *Stats) { c.Statuses[strconv.Itoa(out.status)]++ })
	if s.options.Latency > 0 {
		wait(r, s.options.Latency)
	}
	out.send(w, r)
}

// reply is an answer to be sent.
type reply struct {
	status int
	header http.Header
	body   []byte
	fault  Kind
	slow   time.Duration
}

func (s *Sandbox) reply(r *http.Request) reply {
	space, path := cutSpace(r.URL.EscapedPath())
	switch path {
	case "/api/checkHealth":
		return s.dated(jsonReply(http.StatusOK, map[string]string{"version": release}))
	case base + "/spec":
		return document(r)
	case "/api/sandbox":
		return s.report()
	}
	operation, ok := strings.CutPrefix(path, base)
	if !ok || !strings.HasPrefix(operation, "/") {
		return failure(api.NotFound("Path", path))
	}
	kind, err := s.fault(r)
	if err != nil {
		return failure(err)
	}
	if early, ok := kind.early(); ok {
		return early
	}
	out := s.dated(s.operation(r, space, operation))
	out.fault, out.slow = kind, s.options.Faults.slowness()
	return out
}

// dated is a reply at the time of the organization, which tells that it is not that
// of a clock.
func (s *Sandbox) dated(r reply) reply {
	if r.header == nil {
		r.header = http.Header{}
	}
	r.header.Set("X-Emulated-Time", "true")
	r.header.Set("Date", s.org.Load().Now().Std().Format(http.TimeFormat))
	return r
}

// release is the emulated version that checkHealth reports.
const release = "4.0.0"

// cutSpace removes the prefix of a space from a path.
func cutSpace(path string) (space, rest string) {
	after, ok := strings.CutPrefix(path, spaces)
	if !ok {
		return "", path
	}
	space, rest, _ = strings.Cut(after, "/")
	if decoded, err := url.PathUnescape(space); err == nil {
		space = decoded
	}
	return space, "/" + rest
}

// operation carries out one call of the API: it authenticates and authorizes it,
// checks it against the document and runs its handler.
func (s *Sandbox) operation(r *http.Request, space, path string) reply {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if err != nil {
		return failure(&api.StatusError{Status: http.StatusRequestEntityTooLarge, Message: "Request body is too large"})
	}
	route, values, known := s.routes.Match(r.Method, path)
	writes := known && !route.Reads
	if writes {
		s.writing.Lock()
		defer s.writing.Unlock()
	}
	root := s.org.Load()
	in, err := find(root, space)
	if err != nil {
		return failure(err)
	}
	token, err := s.authenticate(r, in)
	if err != nil {
		return failure(err)
	}
	if retry, ok := s.limits.take(token.Secret, time.Now()); !ok {
		return tooMany(retry)
	}
	if !known {
		return failure(&api.StatusError{Status: http.StatusNotFound, Message: "Not found: " + r.Method + " " + base + path})
	}
	if !token.may(route.Scopes) {
		return failure(forbidden(route.Scopes))
	}
	operation, ok := s.operations[route.ID]
	if !ok {
		return failure(&api.StatusError{Status: http.StatusNotImplemented, Message: "The sandbox has no handler for " + route.ID})
	}
	call := &api.Call{Operation: route.ID, Path: values, Query: r.URL.Query(), Caller: token.owner(in)}
	if !token.All {
		call.Scopes = token.Scopes
	}
	if err := check(route, call, r.Header.Get("Content-Type"), body); err != nil {
		return failure(err)
	}
	if writes { // on a copy that replaces the organization if the call succeeds
		root = root.Clone()
		if in, err = find(root, space); err != nil {
			return failure(err)
		}
		in.Tick()
	}
	answer, err := operation(in, call)
	if err != nil {
		return failure(err)
	}
	if writes {
		s.org.Store(root)
		if s.state != nil {
			s.state.changed()
		}
	}
	s.stats.count(func(c *Stats) {
		c.Operations[route.ID]++
		if writes {
			c.Writes++
		}
	})
	if answer.Body == nil {
		return reply{status: answer.Status}
	}
	return jsonReply(answer.Status, answer.Body)
}

// find returns the organization or one of its spaces, by id or domain.
func find(root *model.Org, space string) (*model.Org, error) {
	if space == "" {
		return root, nil
	}
	for at := range root.Spaces.All() {
		if at.ID == space || strings.EqualFold(at.Domain, space) {
			return at.Org, nil
		}
	}
	return nil, api.NotFound("Space", space)
}

func jsonReply(status int, v any) reply {
	body, err := json.Marshal(v, json.Deterministic(true)) // maps in a stable order
	if err != nil {
		return failure(err)
	}
	return reply{status: status, body: body, header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}}
}

type failed struct {
	Success bool   `json:"success"`
	Message string `json:"message"`
}

// failure returns an error in the API's envelope. An error other than StatusError
// is a bug of the sandbox.
func failure(err error) reply {
	problem, ok := errors.AsType[*api.StatusError](err)
	if !ok {
		problem = &api.StatusError{Status: http.StatusInternalServerError, Message: "The sandbox failed: " + err.Error()}
	}
	return jsonReply(problem.Status, failed{Message: problem.Message})
}

func tooMany(retry time.Duration) reply {
	out := failure(&api.StatusError{Status: http.StatusTooManyRequests, Message: "Too many requests, please try again later."})
	out.header.Set("Retry-After", strconv.Itoa(int(retry.Seconds()+1)))
	return out
}

// send writes the answer with its fault.
func (a reply) send(w http.ResponseWriter, r *http.Request) {
	if a.fault == Drop || a.fault == Cut && len(a.body) == 0 {
		panic(http.ErrAbortHandler)
	}
	maps.Copy(w.Header(), a.header)
	if len(a.body) > 0 {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	flush := http.NewResponseController(w).Flush
	switch a.fault {
	case Cut:
		_, _ = w.Write(a.body[:len(a.body)/2])
		_ = flush()
		panic(http.ErrAbortHandler)
	case Slow:
		const pieces = 10
		for i := range pieces {
			if !wait(r, a.slow/pieces) {
				return
			}
			_, _ = w.Write(a.body[len(a.body)*i/pieces : len(a.body)*(i+1)/pieces])
			_ = flush()
		}
	default:
		_, _ = w.Write(a.body) // the client may be gone
	}
}

// wait pauses and reports whether the client is still connected.
func wait(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// Serve starts to serve the sandbox within the process, until the listener is
// closed. Clients connect with its Dial.
func (s *Sandbox) Serve() *pipe.Listener {
	l := pipe.Listen("sandbox")
	server := &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(l) }() // ends with Close, always with an error
	return l
}

// documentTag identifies the embedded document of this build.
var documentTag = sync.OnceValue(func() string {
	sum := sha256.Sum256(schemas.Document())
	return `"` + hex.EncodeToString(sum[:8]) + `"`
})

// document serves the embedded document, as an instance serves its own.
func document(r *http.Request) reply {
	if r.Header.Get("If-None-Match") == documentTag() {
		return reply{status: http.StatusNotModified}
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(schemas.Document()))
	if err != nil {
		return failure(err)
	}
	body, err := io.ReadAll(unpacked)
	if err != nil {
		return failure(err)
	}
	return reply{status: http.StatusOK, body: body, header: http.Header{
		"Content-Type": {"application/json; charset=utf-8"},
		"Etag":         {documentTag()},
	}}
}
