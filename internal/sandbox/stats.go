package sandbox

import (
	"maps"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Stats counts what the sandbox has done since it was made.
type Stats struct {
	// Requests is how many requests for the API came in.
	Requests uint64 `json:"requests"`
	// Operations counts calls that succeeded, by operationId, whatever became
	// of their answers; Writes is how many of them changed something.
	Operations map[string]int `json:"operations"`
	Writes     int            `json:"writes"`
	// Statuses counts answers, Faults what was made to go wrong.
	Statuses map[string]int `json:"statuses"`
	Faults   map[string]int `json:"faults"`
}

type counters struct {
	mu sync.Mutex
	Stats
}

func (c *counters) turn() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Requests++
	return c.Requests
}

func count(m *map[string]int, key string) {
	if *m == nil {
		*m = map[string]int{}
	}
	(*m)[key]++
}

func (c *counters) done(operation string, reads bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	count(&c.Operations, operation)
	if !reads {
		c.Writes++
	}
}

func (c *counters) answered(status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	count(&c.Statuses, strconv.Itoa(status))
}

func (c *counters) faulted(kind Kind) {
	c.mu.Lock()
	defer c.mu.Unlock()
	count(&c.Faults, string(kind))
}

// Stats is a copy of the counts.
func (s *Sandbox) Stats() Stats {
	s.stats.mu.Lock()
	defer s.stats.mu.Unlock()
	out := s.stats.Stats
	out.Operations, out.Statuses, out.Faults = maps.Clone(out.Operations), maps.Clone(out.Statuses), maps.Clone(out.Faults)
	return out
}

// report serves the counts at /api/sandbox, for those who test against it.
func (s *Sandbox) report() reply { return jsonReply(http.StatusOK, s.Stats()) }

// limiter counts each token's calls in windows of a minute.
type limiter struct {
	most int
	mu   sync.Mutex
	from time.Time
	used map[string]int
}

// take counts a call; where it is one too many it says when to come again.
func (l *limiter) take(token string, now time.Time) (retry time.Duration, ok bool) {
	if l.most <= 0 {
		return 0, true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.from) >= time.Minute {
		l.from, l.used = now, map[string]int{}
	}
	if l.used[token] >= l.most {
		return time.Minute - now.Sub(l.from), false
	}
	l.used[token]++
	return 0, true
}
