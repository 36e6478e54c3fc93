package script

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/plan"
	"github.com/retool-mcp/retool-mcp/internal/script/wire"
)

// applier is the policy of an apply: a write is made if it is the next step of its
// operation, and on the same side of every destructive step as in the plan.
type applier struct {
	s       *session
	planned *planner // the recomputation
	replay  *plan.Replay
	permit  Permit
	use     func() (why string, ok bool)       // uses the plan up, before the first write
	made    func(c *invocation, answer []byte) // keeps a write in the journal
	next    map[string][]*step
	begun   bool
	unused  string // why the plan could not be used
	kept    int64  // weight of answers that placeholders may stand for; guarded by s.mu
}

func newApplier(s *session, p *planner, permit Permit) *applier {
	a := &applier{s: s, planned: p, replay: p.replay.Again(), permit: permit, next: map[string][]*step{}}
	for _, planned := range p.steps {
		a.next[planned.Operation] = append(a.next[planned.Operation], planned)
	}
	return a
}

func (a *applier) decide(c *invocation) (answer, string) {
	switch {
	case plan.Marked(c.args):
		return marked(c), ""
	case c.writes:
		return a.write(c)
	}
	return a.read(c), ""
}

// read answers as the recomputation was answered, until the first write.
func (a *applier) read(c *invocation) answer {
	if !a.begun {
		if known, ok := a.planned.cache.take(c); ok {
			return func(context.Context) (wire.Reply, error) { return known.reply() }
		}
	}
	keep := a.standIn(c)
	return func(ctx context.Context) (wire.Reply, error) {
		got := a.s.read(ctx, c)
		if keep != nil && got.err == nil {
			keep(a.answer(got.value.JSON))
		}
		return got.reply()
	}
}

// standIn returns what keeps the answer of a read for which the plan has a placeholder,
// nil for another read.
func (a *applier) standIn(c *invocation) func(*jsonvalue.Value) {
	at := slices.IndexFunc(a.planned.reads, func(r *unread) bool {
		if r.operation != c.name || r.made != nil {
			return r.operation == c.name && bytes.Equal(r.made, c.args)
		}
		return plan.Matches(r.args, c.args, a.first) || plan.Matches(r.args, c.args, a.latest)
	})
	if at < 0 {
		return nil
	}
	r := a.planned.reads[at]
	r.made = c.args
	return func(answer *jsonvalue.Value) {
		a.s.mu.Lock()
		defer a.s.mu.Unlock()
		if r.latest = answer; r.first == nil {
			r.first = answer
		}
	}
}

// write makes a write that is planned.
func (a *applier) write(c *invocation) (answer, string) {
	if made, ok := a.replay.Take(c.name, c.args); ok {
		return func(context.Context) (wire.Reply, error) { return wire.Reply{Value: made}, nil }, ""
	}
	if len(a.next[c.name]) == 0 {
		return nil, a.unplanned(c, fmt.Sprintf("the plan has no %s", c.name))
	}
	next := a.next[c.name][0]
	if !a.matches(next.asked, c.args) {
		differ := plan.Differing(next.asked, c.args, a.latest)
		return nil, a.unplanned(c, fmt.Sprintf("%s is planned with other arguments: %s", next.Name, strings.Join(differ, ", ")))
	}
	if first := a.passed(next); first != nil {
		return nil, a.unplanned(c, fmt.Sprintf("%s is planned before it, and the order of destructive writes is part of the plan", first.Name))
	}
	a.next[c.name] = a.next[c.name][1:]
	next.taken = true
	if next.refused != nil {
		return fails(next.refused), ""
	}
	if !a.begun {
		if why, ok := a.use(); !ok {
			a.unused = why
			return nil, why
		}
		a.begun = true
	}
	a.s.mu.Lock()
	next.given = c.args
	a.s.mu.Unlock()
	return func(ctx context.Context) (wire.Reply, error) {
		v, err := a.make(ctx, c, next)
		if errors.Is(err, errDropped) {
			return wire.Reply{}, err
		}
		if err == nil {
			a.made(c, v.JSON)
		}
		answer := a.answer(v.JSON)
		var failure *Failure
		a.s.mu.Lock()
		defer a.s.mu.Unlock()
		next.over = true
		switch {
		case err == nil:
			next.made, next.answer = true, answer
		case errors.As(err, &failure):
			next.failed, next.again = failure.Message, Passes(failure.Status, failure.Message)
		case ctx.Err() == nil:
			next.failed, next.again = err.Error(), true
		}
		return wire.Reply{Value: v.JSON, List: v.List}, err
	}, ""
}

// matches tells whether arguments are those of the plan, as far as these are known.
func (a *applier) matches(planned, args []byte) bool {
	return plan.Matches(planned, args, a.first) || plan.Matches(planned, args, a.latest)
}

// passed is a step of the plan that has to come before another one and did not: all
// come before a destructive one, and those that are destructive before any.
func (a *applier) passed(next *step) *step {
	for _, planned := range a.planned.steps {
		switch {
		case planned == next:
			return nil
		case !planned.taken && planned.refused == nil && (planned.Destructive || next.Destructive):
			return planned
		}
	}
	return nil
}

// make makes a planned write if it still is what was agreed to.
func (a *applier) make(ctx context.Context, c *invocation, next *step) (Value, error) {
	for a.mustWait(next) {
		select {
		case <-ctx.Done():
			return Value{}, ctx.Err()
		case <-time.After(waitFor):
		}
	}
	args := next.Arguments
	if next.Uncertain {
		if plan.Marked(args) {
			args = c.args
		}
		now, err := a.s.host.CheckAgain(ctx, c.name, args)
		if err != nil {
			return Value{}, err
		}
		args = now.Arguments
		if why := a.differs(next, &now); why != "" {
			a.s.stop(a.unplanned(c, why))
		}
		if a.s.drop.Load() {
			return Value{}, errDropped
		}
	}
	a.s.mu.Lock()
	next.begun = true
	a.s.mu.Unlock()
	v, err := a.s.host.Write(ctx, c.name, args, a.permit)
	return a.s.taken(v, err, &a.s.out.Writes), err
}

// waitFor is how long a step waits before it looks again whether it can be made.
const waitFor = 2 * time.Millisecond

// mustWait tells whether steps before another one are under way at the same time, and
// what they or it affect depends on the other.
func (a *applier) mustWait(next *step) bool {
	a.s.mu.Lock()
	defer a.s.mu.Unlock()
	for _, s := range a.planned.steps {
		switch {
		case s == next || a.s.drop.Load():
			return false
		case s.given != nil && !s.over && (s.reaches() || next.reaches()):
			return true
		}
	}
	return false
}

// reaches tells whether a step destroys more than the object that it names.
func (s *step) reaches() bool { return s.Destructive && s.Reach != "" }

// differs says what is not as the plan says, just before a step is made, "" for nothing.
// What other steps of the plan change on the way counts as planned, but not how much a
// destructive step affects.
func (a *applier) differs(next *step, now *plan.Step) string {
	switch {
	case !a.matches(next.Arguments, now.Arguments):
		return "a name in its arguments is that of another object now, or a value has another form than planned"
	case now.Destructive && !next.Destructive:
		return "it is destructive now, and in the plan it was not"
	case now.Reach != next.Reach && next.Destructive:
		return "what it affects has changed since the plan"
	case now.Before != next.Before && !slices.ContainsFunc(next.Targets, plan.Marked[string]) && !a.changes(now.Targets, next):
		return "what it replaces has changed since the plan"
	}
	return ""
}

// changes tells whether other steps are about the same objects, and were begun: if an
// operation has no objects, those of the same operation.
func (a *applier) changes(ids []string, besides *step) bool {
	a.s.mu.Lock()
	defer a.s.mu.Unlock()
	return slices.ContainsFunc(a.planned.steps, func(s *step) bool {
		if s == besides || s.given == nil {
			return false
		}
		return plan.Mentions(s.Arguments, ids) || plan.Mentions(s.given, ids) || len(ids) == 0 && s.Operation == besides.Operation
	})
}

// unplanned says why a script is stopped before a write.
func (a *applier) unplanned(c *invocation, why string) string {
	stop := fmt.Sprintf("before %s, which was not sent: %s. ", c.at(), why)
	if ended := a.planned.s.ended; ended != nil {
		stop += fmt.Sprintf("The plan ended before the script does: %s. ", ended.Message)
	}
	return stop + "Run the same code again without apply for a plan of the rest"
}

// answer reads an answer for placeholders, unless there are too large ones already.
func (a *applier) answer(answer []byte) *jsonvalue.Value {
	size := jsonvalue.SizeOf(answer)
	a.s.mu.Lock()
	a.kept += size.Bytes + valueWeight*size.Values
	full := a.kept > maxCached
	a.s.mu.Unlock()
	if full {
		return nil
	}
	return plan.Answer(answer)
}

// first and latest find the real answer for a placeholder. They differ for reads that
// were repeated.
func (a *applier) first(name string) *jsonvalue.Value  { return a.find(name, false) }
func (a *applier) latest(name string) *jsonvalue.Value { return a.find(name, true) }

func (a *applier) find(name string, latest bool) *jsonvalue.Value {
	a.s.mu.Lock()
	defer a.s.mu.Unlock()
	for _, planned := range a.planned.steps {
		if planned.Name == name {
			return planned.answer
		}
	}
	for _, r := range a.planned.reads {
		switch {
		case r.name != name:
		case latest:
			return r.latest
		default:
			return r.first
		}
	}
	return nil
}

// outcome completes the outcome of the session with what was made.
func (a *applier) outcome() *Outcome {
	a.s.mu.Lock()
	defer a.s.mu.Unlock()
	out := a.s.out
	out.Replayed = a.replay.Count
	for _, planned := range a.planned.steps {
		switch {
		case planned.refused != nil:
		case planned.made:
			out.Made = append(out.Made, plan.Made{Step: planned.Step})
		case planned.failed == "" && planned.begun:
			out.NotMade = append(out.NotMade, plan.Made{Step: planned.Step, Failed: "no answer came before the script was stopped: it may have been made", Again: true})
		default:
			out.NotMade = append(out.NotMade, plan.Made{Step: planned.Step, Failed: planned.failed, Again: planned.again})
		}
	}
	return &out
}
