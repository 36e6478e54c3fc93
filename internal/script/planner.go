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

// oldState is the note on reads that come after a planned write.
const oldState = "Reads after planned writes show the state before them. A script can test retool.planning to skip what checks its writes."

// planner is the policy of a plan: reads are made, writes recorded.
type planner struct {
	s      *session
	replay *plan.Replay
	counts map[string]int // by operation
	known  map[string]bool
	steps  []*step
	reads  []*unread
	cache  cached
	noted  bool

	// guarded by s.mu
	cachedBytes int
	readFailed  []failedRead
}

// step is a planned write, and what became of it.
type step struct {
	plan.Step
	asked   []byte   // its arguments, as the script gave them
	ends    string   // why the plan has to end before it
	refused *Failure // by the check: it is no write then

	// of an apply: taken belongs to the policy; session.mu guards what follows
	taken       bool
	given       []byte // its arguments, as the script gave them now
	begun, over bool
	made        bool
	failed      string
	again       bool // it may be accepted later
	answer      *jsonvalue.Value
}

// unread is a read that was not sent, since its arguments need the answers of writes.
type unread struct {
	name, operation string
	args            []byte
	made            []byte // its arguments in an apply
	// first and latest are the answers to it in an apply, which can make it again.
	first, latest *jsonvalue.Value
}

type failedRead struct {
	call
	operation, message string
}

func newPlanner(s *session, replay *plan.Replay) *planner {
	return &planner{s: s, replay: replay, counts: map[string]int{}, known: map[string]bool{}, cache: cached{}}
}

func (p *planner) decide(c *invocation) (answer, string) {
	names, err := plan.Placeholders(c.args)
	if err != nil || slices.ContainsFunc(names, func(name string) bool { return !p.known[name] }) {
		return marked(c), ""
	}
	switch {
	case c.writes:
		return p.write(c, len(names) > 0), ""
	case len(names) > 0:
		return places(wire.Placeholder{Name: p.unread(c)}), ""
	}
	return p.read(c), ""
}

// unread returns the name of a read that is not sent: the same for the same read, by
// which the child knows polling.
func (p *planner) unread(c *invocation) string {
	for _, r := range p.reads {
		if r.operation == c.name && bytes.Equal(r.args, c.args) {
			return r.name
		}
	}
	r := &unread{name: p.name(c.name), operation: c.name, args: c.args}
	p.reads = append(p.reads, r)
	return r.name
}

// name returns the name of the next placeholder of an operation.
func (p *planner) name(operation string) string {
	p.counts[operation]++
	name := fmt.Sprintf("%s#%d", operation, p.counts[operation])
	p.known[name] = true
	return name
}

// places is the answer that is a placeholder.
func places(placeholder wire.Placeholder) answer {
	return func(context.Context) (wire.Reply, error) { return wire.Reply{Placeholder: &placeholder}, nil }
}

func (p *planner) read(c *invocation) answer {
	kept := &read{}
	if len(p.steps) == 0 {
		key := callOf(c)
		p.cache[key] = append(p.cache[key], kept)
	} else if kept = nil; !p.noted {
		p.noted = true
		p.s.mu.Lock()
		p.s.note(oldState)
		p.s.mu.Unlock()
	}
	return func(ctx context.Context) (wire.Reply, error) {
		got := p.s.read(ctx, c)
		p.s.mu.Lock()
		if failure, ok := errors.AsType[*Failure](got.err); ok {
			p.readFailed = append(p.readFailed, failedRead{callOf(c), c.name, failure.Message})
		}
		if p.cachedBytes += len(got.value.JSON); kept != nil && !p.s.over && p.cachedBytes <= maxCached {
			*kept = got
		}
		p.s.mu.Unlock()
		return got.reply()
	}
}

func (p *planner) write(c *invocation, marked bool) answer {
	if !marked {
		if made, ok := p.replay.Take(c.name, c.args); ok {
			return func(context.Context) (wire.Reply, error) { return wire.Reply{Value: made}, nil }
		}
	}
	name := p.name(c.name)
	planned := &step{asked: c.args}
	before := p.steps
	p.steps = append(p.steps, planned)
	return func(ctx context.Context) (wire.Reply, error) {
		checked, placeholder, err := p.s.host.Check(ctx, c.name, c.args)
		p.s.mu.Lock()
		defer p.s.mu.Unlock()
		if !errors.As(err, &planned.refused) && err != nil {
			return wire.Reply{}, err
		}
		checked.Operation, checked.Name, checked.Line = c.name, name, c.line
		planned.Step = checked
		if planned.ends = mustKnow(&checked, before); planned.ends != "" {
			return wire.Reply{Ended: planned.ends}, err
		}
		placeholder.Name = name
		return wire.Reply{Placeholder: &placeholder}, err
	}
}

// mustKnow says why nobody could agree to a destructive step in a plan that begins with
// other steps, "" if one can: what it affects is only known once these are made.
func mustKnow(s *plan.Step, before []*step) string {
	switch {
	case !s.Destructive:
		return ""
	case slices.ContainsFunc(s.Targets, plan.Marked[string]), !plan.OnlyNew(s.Arguments):
		name, _, _ := strings.Cut(string(s.Arguments)[strings.IndexRune(string(s.Arguments), plan.Open):], string(plan.Close))
		return fmt.Sprintf("%s is destructive and needs the real <%s>", s.Operation, strings.TrimPrefix(name, string(plan.Open)))
	case s.Reach != "" && slices.ContainsFunc(before, func(b *step) bool { return plan.Mentions(b.asked, s.Targets) }):
		return fmt.Sprintf("%s is destructive, and what it affects depends on the writes before it", s.Operation)
	}
	return ""
}

// end cuts the steps where the plan has to end.
func (p *planner) end() {
	at := slices.IndexFunc(p.steps, func(s *step) bool { return s.ends != "" })
	if at < 0 {
		return
	}
	if p.s.ended == nil {
		p.s.ended = &wire.Error{Message: p.steps[at].ends, Line: p.steps[at].Line}
	}
	p.steps = p.steps[:at]
}

// outcome completes the outcome of the session with the plan. It reports false where
// there is none: the script was stopped.
func (p *planner) outcome() (*Outcome, bool) {
	s := p.s
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.out
	out.Replayed = p.replay.Count
	if out.Stopped != "" {
		return &out, false
	}
	p.end()
	var steps []*plan.Step
	for _, planned := range p.steps {
		if planned.refused == nil {
			steps = append(steps, &planned.Step)
		}
	}
	plan.Settle(steps)
	out.Plan = &plan.Plan{}
	for _, planned := range steps {
		out.Plan.Steps = append(out.Plan.Steps, *planned)
	}
	if s.ended != nil {
		out.Plan.Ended, out.Plan.Line = s.ended.Message, s.ended.Line
	}
	return &out, true
}
