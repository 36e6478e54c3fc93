package retool

import (
	"container/list"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"time"
)

// DefaultBurst is how many requests may go out at once when Options limit
// requests per minute and do not say.
const DefaultBurst = 45

// maxMeters bounds for how many tokens requests are counted. Beyond that, the
// count of the token that was used longest ago begins anew.
const maxMeters = 1024

// account stands for an access token where requests are counted: its hash, so
// that no token is kept for longer than its calls take.
type account [sha256.Size]byte

// pacer keeps the requests of each token to a number per minute.
//
// A bucket of burst requests, filled evenly, spreads them. A bucket alone would
// let perMinute and burst more out in the first minute, and an instance that
// counts by the minute would turn those away; so the requests of the last
// minute are counted too, and no minute has more than perMinute.
type pacer struct {
	perMinute int
	burst     int
	interval  time.Duration // from one drop into the bucket to the next

	mu     sync.Mutex // also of all meters
	meters map[account]*meter
	swept  time.Time
}

// meter counts the requests of one token.
type meter struct {
	full    time.Time   // when the bucket is full again
	turns   []time.Time // of the last minute, at most perMinute, oldest first
	waiting list.List   // of chan struct{}, closed when the turn comes
	timer   *time.Timer // until the turn of the first who waits
	used    time.Time
}

// newPacer is nil, which limits nothing, unless perMinute is positive.
func newPacer(perMinute, burst int) *pacer {
	if perMinute <= 0 {
		return nil
	}
	if burst <= 0 {
		burst = min(DefaultBurst, perMinute)
	}
	return &pacer{perMinute: perMinute, burst: burst, interval: time.Minute / time.Duration(perMinute), meters: map[account]*meter{}}
}

func (p *pacer) account(token string) account {
	if p == nil {
		return account{}
	}
	return sha256.Sum256([]byte(token))
}

// lateError is a turn that would come after the deadline of the call.
type lateError struct {
	perMinute int
	in        time.Duration // until the turn
	left      time.Duration // until the deadline
}

func (e *lateError) Error() string {
	return fmt.Sprintf("requests are limited to %d a minute, and the turn of this call would come in %s, its deadline in %s; "+
		"wait %[2]s and call again, or raise --requests-per-minute (RETOOL_MCP_REQUESTS_PER_MINUTE)",
		e.perMinute, inSeconds(e.in), e.left.Round(time.Millisecond))
}

// take waits for a's next turn and takes it. It fails at once with a
// *lateError if the turn cannot come before the deadline of ctx, and with the
// error of ctx if that is canceled.
func (p *pacer) take(ctx context.Context, a account) error {
	if p == nil {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	p.mu.Lock()
	now := time.Now()
	m := p.meter(a, now)
	ahead := m.waiting.Len()
	at := p.plan(m, now, ahead)
	if ahead == 0 && !at.After(now) {
		p.grant(m, now)
		p.mu.Unlock()
		return nil
	}
	if deadline, ok := ctx.Deadline(); ok && !at.Before(deadline) {
		p.mu.Unlock()
		return &lateError{p.perMinute, at.Sub(now), deadline.Sub(now)}
	}
	turn := make(chan struct{})
	place := m.waiting.PushBack(turn)
	if ahead == 0 {
		m.timer = time.AfterFunc(at.Sub(now), func() { p.serve(m) })
	}
	p.mu.Unlock()

	select {
	case <-turn:
		return nil
	case <-ctx.Done():
		return p.leave(ctx, m, place)
	}
}

// leave gives up a place in the queue; those behind move up.
func (p *pacer) leave(ctx context.Context, m *meter, place *list.Element) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	m.waiting.Remove(place) // does nothing if the turn came at this very moment
	if m.waiting.Len() == 0 {
		m.timer.Stop()
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		now := time.Now()
		return &lateError{p.perMinute, p.plan(m, now, 0).Sub(now), 0}
	}
	return ctx.Err()
}

// serve lets those go whose turn has come, in the order in which they came.
func (p *pacer) serve(m *meter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for first := m.waiting.Front(); first != nil; first = m.waiting.Front() {
		now := time.Now()
		if at := p.next(m.full, m.turns, now); at.After(now) {
			m.timer.Reset(at.Sub(now))
			return
		}
		p.grant(m, now)
		if turn, ok := m.waiting.Remove(first).(chan struct{}); ok {
			close(turn)
		}
	}
}

// next is when the next turn is, from now on, after those that were.
func (p *pacer) next(full time.Time, turns []time.Time, now time.Time) time.Time {
	at := now
	if filled := full.Add(-time.Duration(p.burst-1) * p.interval); filled.After(at) {
		at = filled
	}
	if n := len(turns) - p.perMinute; n >= 0 && turns[n].Add(time.Minute).After(at) {
		at = turns[n].Add(time.Minute)
	}
	return at
}

// plan is when the turn comes of one who has so many others ahead.
func (p *pacer) plan(m *meter, now time.Time, ahead int) time.Time {
	if ahead == 0 {
		return p.next(m.full, m.turns, now)
	}
	ghost := meter{full: m.full, turns: append(make([]time.Time, 0, len(m.turns)+ahead), m.turns...)}
	at := now
	for range ahead {
		at = p.next(ghost.full, ghost.turns, at)
		p.grant(&ghost, at)
	}
	return p.next(ghost.full, ghost.turns, at)
}

func (p *pacer) grant(m *meter, at time.Time) {
	if m.full.Before(at) {
		m.full = at
	}
	m.full = m.full.Add(p.interval)
	m.turns = append(m.turns, at)
	m.used = at
	for len(m.turns) > p.perMinute || at.Sub(m.turns[0]) >= time.Minute {
		m.turns = m.turns[1:]
	}
}

func (p *pacer) meter(a account, now time.Time) *meter {
	m := p.meters[a]
	if m == nil {
		p.makeRoom(now)
		m = &meter{}
		p.meters[a] = m
	}
	m.used = now
	return m
}

// makeRoom drops what is as good as new, once a minute or when there are too
// many; then, if it must, what was used longest ago. What somebody waits for
// stays: there are never more of those than calls.
func (p *pacer) makeRoom(now time.Time) {
	if len(p.meters) < maxMeters && now.Sub(p.swept) < time.Minute {
		return
	}
	p.swept = now
	var oldest account
	var since time.Time
	for a, m := range p.meters {
		switch {
		case m.waiting.Len() > 0:
		case now.Sub(m.used) > time.Minute && !m.full.After(now):
			delete(p.meters, a)
		case since.IsZero() || m.used.Before(since):
			oldest, since = a, m.used
		}
	}
	if len(p.meters) >= maxMeters {
		delete(p.meters, oldest)
	}
}
