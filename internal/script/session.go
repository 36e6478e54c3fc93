package script

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/retool-mcp/retool-mcp/internal/script/wire"
)

// session is one run of a program in a child.
type session struct {
	r         *Runner
	host      Host
	mode      wire.Mode
	functions map[string]wire.Function
	policy    policy
	child     *child
	done      *atomic.Int64 // calls, for progress

	// reads and writes are the contexts of calls. Those that only read end with the
	// script.
	reads, writes context.Context //nolint:containedctx // a session lives for one call
	endReads      context.CancelFunc
	jobs          chan job
	calls, weight *semaphore.Weighted
	stopped       chan struct{} // closed by stop
	// drop tells that writes which have not begun are not made.
	drop atomic.Bool

	heard   heard // by listen alone
	holds   int64 // as in job, of the message that listen has
	sending sync.Mutex
	// freezing is held while the time is found out.
	freezing sync.Mutex

	mu     sync.Mutex // guards what follows
	out    Outcome
	clock  time.Time // what stands still; zero if the script has not asked
	date   time.Time // of the first answer
	handed int       // bytes of answers
	failed []wire.Error
	noted  map[[16]byte]struct{} // hashes of all notes
	ended  *wire.Error           // why and where a plan ends
	over   bool                  // the outcome is taken: what comes now is too late
}

// policy says what becomes of calls.
type policy interface {
	// decide is called with the calls in their order. It returns what gives the answer,
	// or why the script is stopped before.
	decide(c *invocation) (answer, string)
}

// invocation is a call of a script. Its arguments are canonical.
type invocation struct {
	id     int
	name   string
	args   []byte
	line   int
	writes bool
}

// errDropped is the error of a write that was not made since the script is over.
var errDropped = errors.New("the script is over")

// answer gives the reply to a call. An error that is no Failure ends the script.
type answer func(ctx context.Context) (wire.Reply, error)

// job is a call under way.
type job struct {
	invocation
	weight int64 // of its arguments in the window
	holds  int64 // of the room for large messages
	answer answer
}

// at is where a call is in the script.
func (c *invocation) at() string {
	if c.line == 0 {
		return c.name
	}
	return fmt.Sprintf("%s (line %d)", c.name, c.line)
}

// run runs a program to its end. Its outcome is complete except for what the policy
// knows.
func (s *session) run(ctx context.Context, p Program) {
	begun := time.Now()
	defer func() { s.out.Took = time.Since(begun) }()
	deadline := begun.Add(s.r.o.Timeout)
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	s.writes = ctx
	s.reads, s.endReads = context.WithCancel(ctx)
	defer s.endReads()
	s.jobs = make(chan job, windowCalls)
	s.calls, s.weight = semaphore.NewWeighted(windowCalls), semaphore.NewWeighted(windowWeight)
	s.stopped = make(chan struct{})
	var err error
	if s.child, err = startChild(s.r.o.Command()); err != nil {
		s.stop(err.Error())
		return
	}
	begin := wire.Begin{
		Code: p.Code, Args: p.Args, Mode: s.mode, Functions: s.host.Functions(), Seed: seed(p.Code),
		Memory: s.r.o.Memory, Deadline: time.Until(deadline).Milliseconds(),
	}
	if !s.clock.IsZero() {
		begin.Clock = s.clock.UnixMilli()
	}
	s.functions = make(map[string]wire.Function, len(begin.Functions))
	for _, f := range begin.Functions {
		s.functions[f.Name] = f
	}
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		s.listen(&begin)
	}()
	var workers sync.WaitGroup
	for range atOnce {
		workers.Go(s.work)
	}
	s.await(ctx, heard)
	s.child.kill()
	_ = s.child.out.Close()
	s.endReads()
	worked := make(chan struct{})
	go func() {
		<-heard // only listen adds to them
		close(s.jobs)
		workers.Wait()
		close(worked)
	}()
	select {
	case <-worked:
	case <-after(ctx, endAfter):
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	switch {
	case s.out.Stopped != "":
	case errors.Is(ctx.Err(), context.DeadlineExceeded), s.out.Error != nil && s.out.Error.TimedOut: // whoever saw it first
		s.out.TimedOut, s.out.Stopped = true, fmt.Sprintf("the script ran longer than %s", s.r.o.Timeout)
		if s.out.Error != nil && s.out.Error.Line > 0 {
			s.out.Stopped += fmt.Sprintf(" (line %d)", s.out.Error.Line)
		}
		s.out.Error = nil
	case ctx.Err() != nil:
		s.out.Stopped = "the call was cancelled"
	}
	s.tellCaught()
	s.tellNotes()
}

// await waits until the child has sent its last message, or has to be killed.
func (s *session) await(ctx context.Context, heard <-chan struct{}) {
	select {
	case <-heard:
		return
	case <-s.stopped:
		return
	case <-ctx.Done():
	}
	s.drop.Store(true)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) { // it ends by itself, with the line where it was
		select {
		case <-heard:
		case <-time.After(killAfter):
		}
	}
}

// after is closed some time after a context has ended.
func after(ctx context.Context, d time.Duration) <-chan struct{} {
	over := make(chan struct{})
	context.AfterFunc(ctx, func() { time.AfterFunc(d, func() { close(over) }) })
	return over
}

// stop ends the script, and nothing that has not begun is sent. The first reason
// counts.
func (s *session) stop(why string) {
	s.drop.Store(true)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.out.Stopped == "" && !s.over {
		s.out.Stopped = why
		close(s.stopped)
	}
}

// isStopped tells whether stop was called.
func (s *session) isStopped() bool {
	select {
	case <-s.stopped:
		return true
	default:
		return false
	}
}

// listen sends the program to the child and reads its messages until the last one.
func (s *session) listen(begin *wire.Begin) {
	err := wire.Write(s.child.in, begin)
	r := bufio.NewReader(s.child.out)
	defer s.release(&s.holds)
	for err == nil && !s.isStopped() {
		var body []byte
		var last bool
		if body, err = s.receive(r); err == nil {
			last, err = s.hear(body)
		}
		if last && err == nil {
			return
		}
		s.release(&s.holds)
	}
	if s.writes.Err() != nil || s.isStopped() {
		return
	}
	if errors.Is(err, wire.ErrTooLarge) {
		s.stop(fmt.Sprintf("the script passed on more than %d MB at once", wire.MaxMessage>>20))
		return
	}
	if !errors.Is(err, errGarbage) { // it is gone, or will be
		s.child.kill()
		err = errors.New(s.child.why())
	}
	s.stop("the process of the script failed: " + err.Error())
}

// receive reads the next message. A large one waits for room.
func (s *session) receive(r *bufio.Reader) ([]byte, error) {
	size, err := wire.ReadSize(r, wire.MaxMessage)
	if err != nil {
		return nil, err
	}
	if size > large {
		if err := s.r.large.Acquire(s.reads, int64(size)); err != nil {
			return nil, err
		}
		s.holds = int64(size)
	}
	s.r.traffic.passed(size)
	return wire.ReadBody(r, size)
}

// release gives back the room of a large message.
func (s *session) release(held *int64) {
	s.r.large.Release(*held)
	*held = 0
}
