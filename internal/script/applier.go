package script

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/plan"
	"github.com/retool-mcp/retool-mcp/internal/script/wire"
)

// applier is the policy of an apply: a write is made if it is the next step of its
// operation.
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
	if !plan.Matches(next.Arguments, c.args, a.first) && !plan.Matches(next.Arguments, c.args, a.latest) {
		differ := plan.Differing(next.Arguments, c.args, a.latest)
		return nil, a.unplanned(c, fmt.Sprintf("%s is planned with other arguments: %s", next.Name, strings.Join(differ, ", ")))
	}
	a.next[c.name] = a.next[c.name][1:]
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
	return func(ctx context.Context) (wire.Reply, error) {
		a.s.mu.Lock()
		next.begun = true
		a.s.mu.Unlock()
		v, err := a.s.host.Write(ctx, c.name, c.args, a.permit)
		v = a.s.taken(v, err, &a.s.out.Writes)
		if err == nil {
			a.made(c, v.JSON)
		}
		answer := a.answer(v.JSON)
		var failure *Failure
		a.s.mu.Lock()
		defer a.s.mu.Unlock()
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
