package engine

import (
	"fmt"
	"slices"
	"time"

	"modernc.org/quickjs"

	"github.com/retool-mcp/retool-mcp/internal/script/wire"
)

// The window: what is under way at the parent at once.
const (
	mostUnderWay = 64
	mostBytes    = 4 << 20
	mostQueued   = 32 << 20 // bytes of what waits here
)

// longestPause is the longest sleep that a program that has returned is waited for:
// longer ones are meant as time limits.
const longestPause = 2 * time.Second

// run is one run of a script.
type run struct {
	begin    *wire.Begin
	parent   *parent
	deadline time.Time

	vm      *quickjs.VM
	settle  quickjs.Value // (id, kind, ...): hands over a reply
	fire    quickjs.Value // (id): a timer is over
	start   quickjs.Value // (program, whole)
	finish  quickjs.Value // (): converts what the program returned
	clock   int64
	console console

	lastID   int        // of the messages
	requests int        // how many there were: the key of the last
	pending  []*request // in the order in which the script made them
	underWay int        // of them, sent and without a reply
	bytes    int        // of the arguments of those
	queued   int        // bytes of the arguments of the others
	timers   []timer    // in the order in which they are over
	virtual  int64      // milliseconds that timers of a plan took

	returned bool          // the program has returned, and waits for what is under way
	closing  bool          // what it returned is being converted
	last     *wire.Message // the outcome
}

// request is a call that the script waits for.
type request struct {
	key     int // what the prelude knows it by
	message wire.Message
	reply   *wire.Reply
}

// sent reports whether it has an id: ids ascend in the order of sending.
func (q *request) sent() bool { return q.message.ID != 0 }

// timer is a sleep of the script.
type timer struct {
	id   int
	over time.Time // not in a plan
	at   int64     // virtual milliseconds
}

// ended is the panic by which a plan ends: JavaScript cannot catch it.
type ended struct{}

// outcome runs the script and returns the last message.
func (r *run) outcome() (m wire.Message) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case ended:
			m = *r.last
		default:
			m = wire.Message{Kind: wire.Failed, Error: &wire.Error{Message: fmt.Sprintf("the engine failed: %.500v", p)}}
		}
	}()
	if err := r.open(); err != nil {
		return r.failed(err)
	}
	if err := r.load(); err != nil {
		return r.failed(err)
	}
	for r.last == nil {
		if err := r.turn(); err != nil {
			return r.failed(err)
		}
	}
	return *r.last
}

// turn runs JavaScript until it waits, and hands over the next thing that it waits
// for. Order is what makes a plan repeatable: replies come in the order of the calls,
// and the timers of a plan after all replies.
func (r *run) turn() error {
	if err := r.drain(); err != nil || r.last != nil {
		return err
	}
	r.sendNext()
	for {
		select {
		case reply := <-r.parent.replies:
			r.receive(&reply)
			continue
		default:
		}
		break
	}
	switch {
	case len(r.pending) > 0 && r.pending[0].reply != nil:
		next := r.pending[0]
		r.pending[0] = nil // its answer can be large
		r.pending = r.pending[1:]
		return r.handOver(next)
	case len(r.timers) > 0 && r.timerIsOver():
		next := r.timers[0]
		r.timers = r.timers[1:]
		r.virtual = max(r.virtual, next.at)
		return r.call(r.fire, next.id)
	case r.returned && !r.closing && len(r.pending) == 0 && (len(r.timers) == 0 || time.Until(r.timers[0].over) > longestPause):
		r.closing = true
		return r.call(r.finish)
	case len(r.pending) == 0 && len(r.timers) == 0:
		return errNeverSettled
	}
	return r.wait()
}

// timerIsOver reports whether the first timer can fire: in a plan, once nothing else
// is under way.
func (r *run) timerIsOver() bool {
	if r.begin.Mode == wire.Plan {
		return len(r.pending) == 0
	}
	return !time.Now().Before(r.timers[0].over)
}

// wait waits for a reply, the next timer or the deadline.
func (r *run) wait() error {
	until := r.deadline
	if len(r.timers) > 0 && r.begin.Mode != wire.Plan && r.timers[0].over.Before(until) {
		until = r.timers[0].over
	}
	alarm := time.NewTimer(time.Until(until))
	defer alarm.Stop()
	select {
	case reply := <-r.parent.replies:
		r.receive(&reply)
	case <-alarm.C:
		if !time.Now().Before(r.deadline) {
			return errTooLong
		}
	}
	return nil
}

// receive files a reply; one that nobody waits for is ignored.
func (r *run) receive(reply *wire.Reply) {
	i := slices.IndexFunc(r.pending, func(p *request) bool { return p.message.ID == reply.ID && p.reply == nil })
	if i < 0 {
		return
	}
	p := r.pending[i]
	p.reply = reply
	r.underWay--
	r.bytes -= len(p.message.Args)
	p.message.Args = nil
}

// sendNext sends what fits into the window, in the order of the ids.
func (r *run) sendNext() {
	for _, p := range r.pending {
		if p.sent() {
			continue
		}
		if r.underWay > 0 && (r.underWay >= mostUnderWay || r.bytes+len(p.message.Args) > mostBytes) {
			return
		}
		r.lastID++
		p.message.ID = r.lastID
		r.parent.send(p.message)
		r.underWay++
		r.bytes += len(p.message.Args)
		r.queued -= len(p.message.Args)
	}
}

// add adds a request to those that the script waits for, and returns its key, or a
// text why not.
func (r *run) add(m wire.Message, most int) any {
	r.requests++
	r.queued += len(m.Args)
	switch {
	case r.requests > mostCalls:
		return fmt.Sprintf(wire.TooManyCalls, mostCalls)
	case len(m.Args) > most:
		return fmt.Sprintf("%s: %d bytes are too many; at most %d are possible", m.Name, len(m.Args), most)
	case r.queued > mostQueued:
		return fmt.Sprintf("%s: the arguments of the calls that wait have more than %d MB; await some before the next", m.Name, mostQueued>>20)
	}
	r.pending = append(r.pending, &request{key: r.requests, message: m})
	return r.requests
}

// addTimer adds a sleep.
func (r *run) addTimer(id int, millis int64) {
	t := timer{id: id, over: time.Now().Add(time.Duration(millis) * time.Millisecond), at: r.virtual + millis}
	at, _ := slices.BinarySearchFunc(r.timers, t, func(a, b timer) int {
		if r.begin.Mode == wire.Plan && a.at > b.at || r.begin.Mode != wire.Plan && a.over.After(b.over) {
			return 1
		}
		return -1 // those that end at the same time, in the order in which they began
	})
	r.timers = slices.Insert(r.timers, at, t)
}

// now is the time of the script, which the parent knows.
func (r *run) now() int64 {
	if r.clock == 0 {
		r.lastID++
		id := r.lastID
		r.parent.send(wire.Message{Kind: wire.Clock, ID: id})
		for r.clock == 0 {
			reply := <-r.parent.replies
			if reply.ID == id {
				r.clock = max(reply.Clock, 1)
			} else {
				r.receive(&reply)
			}
		}
	}
	return r.clock
}
