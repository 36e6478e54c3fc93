package retool

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"
)

// DefaultBurst is Options.Burst when it is zero.
const DefaultBurst = 45

// maxTokenLimiters bounds for how many access tokens requests are counted. The
// token that was used longest ago is forgotten first.
const maxTokenLimiters = 1024

// tokenHash identifies an access token without keeping it longer than its calls
// take.
type tokenHash [sha256.Size]byte

// rateLimiter limits the requests per minute of each access token.
type rateLimiter struct {
	perMinute, burst int
	setting          string // what users call the limit

	mu     sync.Mutex // protects the map and the fields of its limiters
	tokens map[tokenHash]*tokenLimiter
}

// tokenLimiter limits the requests of one access token: a token bucket spreads
// them evenly after a burst. In its first minute a bucket alone would let
// perMinute and burst more out, which an instance that counts by the minute
// rejects. So a request also waits until the one perMinute places earlier is a
// minute old.
type tokenLimiter struct {
	bucket *rate.Limiter
	sent   []time.Time // in the last minute, at most perMinute, oldest first
	// queue has one slot, for the call whose turn is next. Only that call takes
	// from the bucket: had all waiting calls reserved their turns, one that is
	// canceled would leave a gap.
	queue  *semaphore.Weighted
	queued int // calls in the queue, the next one included
	used   time.Time
}

// newRateLimiter returns nil, which limits nothing, unless perMinute is positive.
func newRateLimiter(perMinute, burst int, setting string) *rateLimiter {
	if perMinute <= 0 {
		return nil
	}
	if burst <= 0 {
		burst = min(DefaultBurst, perMinute)
	}
	return &rateLimiter{perMinute: perMinute, burst: burst, setting: setting, tokens: map[tokenHash]*tokenLimiter{}}
}

// wait waits for the token's next turn, first come first served. It fails at once
// with a *refusal if that turn comes after the deadline of ctx, and with the error
// of ctx if that ends.
func (r *rateLimiter) wait(ctx context.Context, token tokenHash) error {
	if r == nil {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	l, err := r.enqueue(ctx, token)
	if err != nil {
		return err
	}
	if err = l.queue.Acquire(ctx, 1); err == nil {
		defer l.queue.Release(1)
		r.mu.Lock()
		turn := r.turn(l, 0)
		r.mu.Unlock()
		err = sleep(ctx, time.Until(turn))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	l.queued--
	if err == nil {
		r.take(l)
	}
	return err
}

// enqueue adds a call to the queue of its token.
func (r *rateLimiter) enqueue(ctx context.Context, token tokenHash) (*tokenLimiter, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.limiter(token)
	l.used = time.Now()
	turn := r.turn(l, l.queued)
	if deadline, ok := ctx.Deadline(); ok && turn.After(l.used) && !turn.Before(deadline) {
		return nil, r.refusal(turn, deadline)
	}
	l.queued++
	return l, nil
}

func (r *rateLimiter) refusal(turn, deadline time.Time) error {
	in := time.Until(turn)
	return &refusal{RateLimited, fmt.Sprintf("the limit of %d requests per minute allows the next request in %s, after the deadline in %s; retry in %[2]s, or raise %[4]s",
		r.perMinute, inSeconds(in), time.Until(deadline).Round(time.Millisecond), r.setting), in}
}

// turn is the earliest time for a request with so many others ahead of it.
func (r *rateLimiter) turn(l *tokenLimiter, ahead int) time.Time {
	now := time.Now()
	turn := now
	if missing := float64(ahead+1) - l.bucket.TokensAt(now); missing > 0 {
		turn = now.Add(time.Duration(missing * float64(r.interval())))
	}
	earlier, minutes := len(l.sent)+ahead-r.perMinute, time.Minute
	for earlier >= len(l.sent) { // that one is still ahead in the queue
		earlier, minutes = earlier-r.perMinute, minutes+time.Minute
	}
	if earlier >= 0 && l.sent[earlier].Add(minutes).After(turn) {
		turn = l.sent[earlier].Add(minutes)
	}
	return turn
}

func (r *rateLimiter) interval() time.Duration { return time.Minute / time.Duration(r.perMinute) }

// take counts a request whose turn has come.
func (r *rateLimiter) take(l *tokenLimiter) {
	now := time.Now()
	l.bucket.ReserveN(now, 1)
	l.sent, l.used = append(l.sent, now), now
	for len(l.sent) > r.perMinute || now.Sub(l.sent[0]) >= time.Minute {
		l.sent = l.sent[1:]
	}
}

// limiter returns the token's limiter. A new one may replace that of the token
// used longest ago, unless calls wait there.
func (r *rateLimiter) limiter(token tokenHash) *tokenLimiter {
	l := r.tokens[token]
	if l != nil {
		return l
	}
	if len(r.tokens) >= maxTokenLimiters {
		var oldest tokenHash
		var used time.Time
		for t, l := range r.tokens {
			if l.queued == 0 && (used.IsZero() || l.used.Before(used)) {
				oldest, used = t, l.used
			}
		}
		delete(r.tokens, oldest)
	}
	l = &tokenLimiter{bucket: rate.NewLimiter(rate.Every(r.interval()), r.burst), queue: semaphore.NewWeighted(1)}
	r.tokens[token] = l
	return l
}
