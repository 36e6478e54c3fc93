package where

import (
	"strconv"
	"strings"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// layouts are the forms of ISO 8601 that are read as dates, after date only. Without an
// offset they are in UTC. All take fractions of a second.
var layouts = []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z07:00", "2006-01-02T15:04"}

// parseDate reads a date. One without time is its first moment.
func parseDate(s string) (t time.Time, ok bool) {
	const longest = 40
	if len(s) < len(time.DateOnly) || len(s) > longest || s[4] != '-' || s[7] != '-' {
		return t, false
	}
	if len(s) == len(time.DateOnly) {
		t, err := time.Parse(time.DateOnly, s)
		return t, err == nil
	}
	s = strings.ToUpper(s)
	if s[10] == ' ' {
		s = s[:10] + "T" + strings.Replace(s[11:], " ", "", 1)
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return t, false
}

var inWords = text.Pattern(`^(-?\d+) ?(week|day|hour|minute|second|w|d|h|m|s)s?$`)

// parseDuration reads a duration such as 90d, 2w, 1h30m or 90 days.
func parseDuration(s string) (d time.Duration, ok bool) {
	if words := inWords().FindStringSubmatch(strings.ToLower(s)); words != nil {
		s = words[1] + words[2][:1]
	}
	if number, ok := strings.CutSuffix(s, "w"); ok {
		return days(number, 7)
	}
	if number, ok := strings.CutSuffix(s, "d"); ok {
		return days(number, 1)
	}
	d, err := time.ParseDuration(s)
	return d, err == nil
}

func days(number string, each int) (time.Duration, bool) {
	const most = 100_000 // a duration holds 292 years
	n, err := strconv.Atoi(number)
	return time.Duration(n*each) * 24 * time.Hour, err == nil && n >= -most/each && n <= most/each
}
