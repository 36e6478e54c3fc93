package script

import (
	"context"
	"crypto/sha256"
	"errors"

	"github.com/retool-mcp/retool-mcp/internal/plan"
	"github.com/retool-mcp/retool-mcp/internal/script/wire"
)

// querier is the policy of a query: calls are made.
type querier struct{ s *session }

func (q querier) decide(c *invocation) (answer, string) {
	if plan.Marked(c.args) {
		return marked(c), ""
	}
	return func(ctx context.Context) (wire.Reply, error) { return q.s.read(ctx, c).reply() }, ""
}

// marked refuses arguments with delimiters of placeholders.
func marked(c *invocation) answer {
	return fails(&Failure{Operation: c.name, Message: "Not sent: " + plan.ErrMarker.Error() + "."})
}

// read is what a reading call gave.
type read struct {
	value Value
	err   error
}

func (r read) reply() (wire.Reply, error) {
	return wire.Reply{Value: r.value.JSON, List: r.value.List, Fields: r.value.Fields}, r.err
}

// read calls a reading tool.
func (s *session) read(ctx context.Context, c *invocation) read {
	v, err := s.host.Read(ctx, c.name, c.args)
	return read{s.taken(v, err, &s.out.Reads), err}
}

// taken is an answer as the script gets it.
func (s *session) taken(v Value, err error, count *int) Value {
	s.mu.Lock()
	defer s.mu.Unlock()
	var failure *Failure
	if !s.over && (err == nil || errors.As(err, &failure)) {
		*count++
	}
	if err != nil {
		return Value{}
	}
	v.JSON = plan.Clean(v.JSON)
	if s.date.IsZero() {
		s.date = v.Date
	}
	for _, note := range v.Notes {
		s.note(note)
	}
	return v
}

// call identifies a call by its operation and arguments.
type call [sha256.Size]byte

func callOf(c *invocation) call {
	return sha256.Sum256(append([]byte(c.name+"\x00"), c.args...))
}

// cached are answers to reads of a recomputation, in the order of the calls. An answer
// is nil if it is not there or too large.
type cached map[call][]*read

// take returns the answer to the next read of its kind, and whether there is one.
func (c cached) take(of *invocation) (*read, bool) {
	key := callOf(of)
	if len(c[key]) == 0 {
		return nil, false
	}
	first := c[key][0]
	c[key] = c[key][1:]
	return first, first != nil && (first.err != nil || first.value.JSON != nil)
}
