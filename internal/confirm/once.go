package confirm

import (
	"maps"
	"math"
	"slices"
	"sync"
	"time"
)

// maxUsed is how many used states are remembered, in some 2 MB. Beyond it the
// older half is forgotten, and all states of that age count as expired.
const maxUsed = 1 << 14

// Once lets each of many things happen once, within Validity of when it was made. It
// is safe for concurrent use, and where the clock is set back.
type Once struct {
	now func() time.Time

	mu   sync.Mutex
	used map[[16]byte]int64 // when it was made
	// forgotten is the latest time of what is no longer in used. What was made until
	// then counts as used, whatever the clock says.
	forgotten int64
}

// NewOnce returns a Once with a clock.
func NewOnce(now func() time.Time) *Once {
	return &Once{now: now, used: map[[16]byte]int64{}, forgotten: math.MinInt64}
}

// Use remembers what was made at a time, and reports whether it was valid and not used.
func (o *Once) Use(what [16]byte, made time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	now, at := o.now(), made.UnixNano()
	if o.seen(what, at) || at > now.Add(clockSkew).UnixNano() || at <= now.Add(-Validity).UnixNano() {
		return false
	}
	if len(o.used) >= maxUsed {
		o.forget(now)
	}
	o.used[what] = at
	return true
}

// Seen tells whether Use refuses something whatever the clock says.
func (o *Once) Seen(what [16]byte, made time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.seen(what, made.UnixNano())
}

func (o *Once) seen(what [16]byte, made int64) bool {
	_, again := o.used[what]
	return again || made <= o.forgotten
}

// forget makes room: it forgets what has expired, at least the older half.
func (o *Once) forget(now time.Time) {
	times := slices.Sorted(maps.Values(o.used))
	o.forgotten = max(o.forgotten, times[len(times)/2], now.Add(-Validity).UnixNano())
	maps.DeleteFunc(o.used, func(_ [16]byte, made int64) bool { return made <= o.forgotten })
}
