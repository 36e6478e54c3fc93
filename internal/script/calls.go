package script

import (
	"context"
	"errors"
	"fmt"

	"github.com/retool-mcp/retool-mcp/internal/progress"
	"github.com/retool-mcp/retool-mcp/internal/script/wire"
)

// work runs calls in their order.
func (s *session) work() {
	for j := range s.jobs {
		ctx := s.reads
		if j.writes {
			ctx = s.writes
		}
		if ctx.Err() == nil && (!j.writes || !s.drop.Load()) {
			s.answer(ctx, &j)
		}
		s.calls.Release(1)
		s.weight.Release(j.weight)
		s.release(&j.holds)
	}
}

func (s *session) answer(ctx context.Context, j *job) {
	if s.r.o.Answers != nil {
		var release func()
		ctx, release = s.r.o.Answers.With(ctx)
		defer release()
	}
	reply, err := s.guarded(ctx, j)
	var failure *Failure
	switch {
	case errors.As(err, &failure):
		e := wire.Error{Message: failure.Message, Operation: failure.Operation, Status: failure.Status, Line: j.line}
		reply = wire.Reply{Error: &e}
		if j.writes {
			s.mu.Lock()
			s.failed = append(s.failed, e)
			s.mu.Unlock()
		}
	case err != nil && ctx.Err() != nil, errors.Is(err, errDropped):
		return
	case err != nil:
		s.stop(fmt.Sprintf("%s could not be called: %v", j.at(), err))
		return
	}
	progress.Report(ctx, int(s.done.Add(1)), 0, j.name)
	if shown := s.host.Shown(j.name, reply.Value); len(shown) > 0 {
		s.mu.Lock()
		s.out.Shown = append(s.out.Shown, shown...)
		s.mu.Unlock()
	}
	reply.ID = j.id
	s.send(reply)
}

// guarded keeps a panic in a tool from ending this program.
func (s *session) guarded(ctx context.Context, j *job) (reply wire.Reply, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("internal error (%T)", p)
		}
	}()
	return j.answer(ctx)
}

// send hands a reply to the child. One that does not take it is killed at the deadline.
func (s *session) send(reply wire.Reply) {
	s.r.traffic.passed(len(reply.Value))
	s.mu.Lock()
	s.handed += len(reply.Value)
	full := s.handed > maxHanded
	s.mu.Unlock()
	if full {
		s.stop(fmt.Sprintf("the script read more than %d MB; ask for less, with filters, where, fields or limit", maxHanded>>20))
		return
	}
	s.sending.Lock()
	defer s.sending.Unlock()
	if err := wire.WriteReply(s.child.in, reply); errors.Is(err, wire.ErrTooLarge) {
		_ = wire.WriteReply(s.child.in, wire.Reply{ID: reply.ID, Error: &wire.Error{Message: "the answer is too large for a script; ask for less"}})
	} // any other error: listen sees that the child is gone
}

// tellCaught lists the failures of writes other than the one with which the script
// failed.
func (s *session) tellCaught() {
	for _, e := range s.failed {
		last := s.out.Error
		if last != nil && last.Operation == e.Operation && last.Status == e.Status && last.Message == e.Message {
			continue
		}
		e.Caught = true
		s.out.Caught = append(s.out.Caught, e)
	}
}
