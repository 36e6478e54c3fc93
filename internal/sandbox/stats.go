package sandbox

import (
	"maps"
	"net/http"
	"sync"
	"time"
)

// Stats counts what the sandbox has done since its start.
type Stats struct {
	// Requests counts requests for the API.
	Requests uint64 `json:"requests"`
	// Operations counts calls that succeeded, by operationId, even if a fault hit
	// the answer; Writes counts those that change something.
	Operations map[string]int `json:"operations"`
	Writes     int            `json:"writes"`
	// Statuses counts answers, Faults injected faults.
	Statuses map[string]int `json:"statuses"`
	Faults   map[string]int `json:"faults"`
}

type counters struct {
	mu sync.Mutex
	Stats
}

// count changes the counts.
func (c *counters) count(change func(*Stats)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.Stats)
}

// Stats returns a copy of the counts.
func (s *Sandbox) Stats() Stats {
	s.stats.mu.Lock()
	defer s.stats.mu.Unlock()
	out := s.stats.Stats
	out.Operations, out.Statuses, out.Faults = maps.Clone(out.Operations), maps.Clone(out.Statuses), maps.Clone(out.Faults)
	return out
}

// report serves the counts at /api/sandbox.
func (s *Sandbox) report() reply { return jsonReply(http.StatusOK, s.Stats()) }

// limiter counts the calls of each token in windows of a minute.
type limiter struct {
	most int
	mu   sync.Mutex
	from time.Time
	used map[string]int
}

// take counts a call. Above the limit it returns when to retry.
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
