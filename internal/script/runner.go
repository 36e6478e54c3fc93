package script

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/retool-mcp/retool-mcp/internal/confirm"
	"github.com/retool-mcp/retool-mcp/internal/memory"
	"github.com/retool-mcp/retool-mcp/internal/plan"
	"github.com/retool-mcp/retool-mcp/internal/script/wire"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

// ErrNoFolder is the error of Host.Save where there is no folder to write to.
var ErrNoFolder = errors.New("there is no export folder")

// Options are those of a Runner. Zero values stand for the defaults.
type Options struct {
	// Timeout is how long a run of a script may take (60 s). An apply has two.
	Timeout time.Duration
	// MaxScripts is how many scripts run at once (4), of one caller one less; the
	// others wait.
	MaxScripts int
	// Memory is the limit of the VM in bytes (64 MB).
	Memory int64
	// Answers bounds what the answers under way take in memory, until the child has them;
	// nil sets no bound.
	Answers *memory.Budget
	// Key authenticates the ids of plans; nil for a random one.
	Key []byte
	// Used are the ids that were applied; nil for those of this Runner.
	Used Used
	// Command returns the command of a child (this program with ChildArgument).
	Command func() *exec.Cmd
	// Now is the clock (time.Now).
	Now func() time.Time
}

// Used remembers which plans were applied. It is safe for concurrent use.
type Used interface {
	// Seen tells whether an id, made at a time, was used, or is too old to know.
	Seen(id string, made time.Time) (bool, error)
	// Use remembers an id, and reports false if it was used or is too old to know.
	Use(id string, made time.Time) (first bool, err error)
}

// Approve says whether a plan may be applied. It is called after the plan was
// recomputed and is the same, and before anything is sent. The outcome has Plan and ID.
type Approve func(ctx context.Context, planned *Outcome) Approval

// Approval is the answer of Approve.
type Approval struct {
	// Confirmation is how the user agreed, in the words of the audit log.
	Confirmation string
	// Stop says why the plan may not be applied now, "" if it may. It becomes Stopped
	// of the outcome. The plan can be applied later, when the user has answered: only
	// the first write uses it up.
	Stop string
}

// Runner runs scripts. It is safe for concurrent use.
type Runner struct {
	o       Options
	queue   queue
	large   *semaphore.Weighted // the room for large messages of children
	traffic traffic
	journal plan.Journal
	store   store
}

// NewRunner returns a Runner.
func NewRunner(o Options) *Runner {
	o.Timeout, o.MaxScripts, o.Memory = cmp.Or(o.Timeout, time.Minute), cmp.Or(o.MaxScripts, 4), cmp.Or(o.Memory, 64<<20)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Command == nil {
		o.Command = ownProgram
	}
	if o.Key == nil {
		o.Key = make([]byte, confirm.MinKey)
		_, _ = rand.Read(o.Key) // it never fails
	}
	if o.Used == nil {
		o.Used = usedHere{confirm.NewOnce(o.Now)}
	}
	return &Runner{o: o, queue: queue{all: o.MaxScripts, of: map[string]*share{}}, large: semaphore.NewWeighted(maxLarge)}
}

// usedHere are the ids that were applied by this process.
type usedHere struct{ *confirm.Once }

func (u usedHere) Seen(id string, made time.Time) (bool, error) {
	return u.Once.Seen(short(id), made), nil
}

func (u usedHere) Use(id string, made time.Time) (bool, error) {
	return u.Once.Use(short(id), made), nil
}

func short(id string) [16]byte {
	sum := sha256.Sum256([]byte(id))
	return [16]byte(sum[:])
}

// Hash identifies a program in logs.
func Hash(code string) string {
	sum := sha256.Sum256([]byte(code))
	return hex.EncodeToString(sum[:16])
}

// seed is that of Math.random.
func seed(code string) uint64 {
	sum := sha256.Sum256([]byte(code))
	return binary.BigEndian.Uint64(sum[:])
}

// Query runs a program that can only read. Progress is reported to the context.
func (r *Runner) Query(ctx context.Context, p Program, host Host) *Outcome {
	return r.inTurn(ctx, p, func() *Outcome {
		s := r.session(host, wire.Query, time.Time{}, &atomic.Int64{})
		s.policy = querier{s}
		s.run(ctx, p)
		s.mu.Lock()
		defer s.mu.Unlock()
		out := s.out
		return &out
	})
}

// Plan runs a program and records its writes.
func (r *Runner) Plan(ctx context.Context, p Program, host Host) *Outcome {
	return r.inTurn(ctx, p, func() *Outcome {
		_, out := r.plan(ctx, p, host, time.Time{}, &atomic.Int64{})
		return out
	})
}

// Apply makes the writes of a plan of the program. The code and the arguments may be
// left out while the Runner still has them.
func (r *Runner) Apply(ctx context.Context, p Program, host Host, id string, approve Approve) *Outcome {
	made, clock, ok := plan.ReadID(id)
	known := r.store.of(id, p, r.o.Now())
	switch {
	case !ok:
		return stopped("Nothing was sent: %s is no id of a plan.", text.Name(id))
	case known == nil && p.Code == "":
		return stopped("Nothing was sent: the code of this plan is not here any more. Send it again beside the id, as code.")
	case known != nil && p.Code == "":
		p.Code, p.Args = known.program.Code, known.program.Args
	case known != nil && (p.Code != known.program.Code || !bytes.Equal(p.Args, known.program.Args)):
		return stopped("Nothing was sent: this is not the code, or these are not the args, of that plan. Leave both out to apply it.")
	}
	out := r.inTurn(ctx, p, func() *Outcome { return r.apply(ctx, p, host, planID{id, made, clock}, known, approve) })
	out.Hash = Hash(p.Code)
	return out
}

// planID is an id and what it says.
type planID struct {
	text        string
	made, clock time.Time
}

func (r *Runner) apply(ctx context.Context, p Program, host Host, id planID, known *stored, approve Approve) *Outcome {
	switch seen, err := r.o.Used.Seen(id.text, id.made); {
	case err != nil:
		return stopped("Nothing was sent: %v.", err)
	case seen:
		return stopped(appliedBefore)
	case !id.valid(r.o.Now()):
		return stopped("Nothing was sent: a plan can be applied for %s. Run the code again for another one.", plan.Validity)
	}
	done := &atomic.Int64{}
	planned, again := r.plan(ctx, p, host, id.clock, done)
	if again.Stopped != "" {
		again.Stopped = "Nothing was sent: " + again.Stopped
		return again
	}
	if r.id(p, planned, id.made, id.clock) != id.text {
		if failed, ok := planned.newFailure(known); ok {
			return stopped("Nothing was sent: reading failed (%s: %s); try again.", failed.operation, failed.message)
		}
		again.Stopped = "Nothing was sent: the script would not do now what that plan says."
		if known != nil && known.plan != nil {
			again.Changed = plan.Differences(known.plan.Steps, again.Plan.Steps)
		}
		return again
	}
	again.ID = id.text
	approval := approve(ctx, again)
	if approval.Stop != "" {
		again.Stopped = approval.Stop
		return again
	}
	key := r.key(p)
	s := r.session(host, wire.Apply, id.clock, done)
	a := newApplier(s, planned, Permit{Plan: id.text, Script: Hash(p.Code), Confirmation: approval.Confirmation})
	a.use = func() (string, bool) {
		first, err := r.o.Used.Use(id.text, id.made)
		if err != nil {
			return fmt.Sprintf("Nothing was sent: %v.", err), false
		}
		return appliedBefore, first
	}
	a.made = func(c *invocation, answer []byte) { r.journal.Add(key, c.name, c.args, answer, r.o.Now()) }
	s.policy = a
	s.run(ctx, p)
	if a.unused != "" {
		return stopped("%s", a.unused)
	}
	out := a.outcome()
	if out.Stopped == "" && out.Error == nil && !slices.ContainsFunc(out.NotMade, func(m plan.Made) bool { return m.Failed != "" }) {
		r.journal.Drop(key)
	}
	return out
}

const appliedBefore = "Nothing was sent: this plan was already applied, and a plan is applied once. Run the code again for another one."

// valid tells whether a plan is neither too old nor of the future.
func (id planID) valid(now time.Time) bool {
	const skew = time.Minute // how far the clock of a replica may be ahead
	return id.made.After(now.Add(-plan.Validity)) && !id.made.After(now.Add(skew))
}

// plan runs a program as a plan.
func (r *Runner) plan(ctx context.Context, p Program, host Host, clock time.Time, done *atomic.Int64) (*planner, *Outcome) {
	s := r.session(host, wire.Plan, clock, done)
	planned := newPlanner(s, plan.NewReplay(r.journal.Of(r.key(p), r.o.Now())))
	s.policy = planned
	s.run(ctx, p)
	out, ok := planned.outcome()
	if ok && len(out.Plan.Steps) > 0 {
		out.ID = r.id(p, planned, r.o.Now(), s.freeze(ctx))
		r.store.add(out.ID, p, out.Plan, planned.readFailed, r.o.Now())
	}
	return planned, out
}

func (r *Runner) id(p Program, planned *planner, made, clock time.Time) string {
	var steps []plan.Step
	for _, s := range planned.steps {
		if s.refused == nil {
			steps = append(steps, s.Step)
		}
	}
	return plan.NewID(r.o.Key, planFor(p), steps, planned.replay.Digest(), made, clock)
}

func planFor(p Program) plan.For {
	return plan.For{Code: p.Code, Args: string(p.Args), Caller: p.Caller, Instance: p.Instance}
}

func (r *Runner) key(p Program) [sha256.Size]byte { return planFor(p).Key() }

func (r *Runner) session(host Host, mode wire.Mode, clock time.Time, done *atomic.Int64) *session {
	return &session{r: r, host: host, mode: mode, clock: clock, done: done}
}

// inTurn checks a program and runs it when one of the places is free.
func (r *Runner) inTurn(ctx context.Context, p Program, run func() *Outcome) *Outcome {
	switch {
	case len(p.Code) > MaxCode:
		return stopped("Not run: the code has %d bytes; the limit is %d.", len(p.Code), MaxCode)
	case len(p.Args) > MaxArgs:
		return stopped("Not run: args have %d bytes; the limit is %d.", len(p.Args), MaxArgs)
	case plan.Marked(p.Code) || plan.Marked(p.Args):
		return stopped("Not run: code and args must not contain the characters U+F8A91 and U+F8A92.")
	}
	if !r.queue.take(ctx, p.Caller) {
		return stopped("Not run: the call was cancelled while it waited for other scripts.")
	}
	defer r.queue.give(p.Caller)
	out := run()
	out.Hash = Hash(p.Code)
	return out
}

func stopped(format string, args ...any) *Outcome {
	return &Outcome{Stopped: fmt.Sprintf(format, args...)}
}
