package doctor

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"

	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

// meaning is what an answer says about the token.
type meaning int

const (
	unclear  meaning = iota
	allowed          // the token may: it was answered, or what was asked for is wrong or not there
	lacking          // the token lacks a scope
	noPlan           // the organization's plan has not the operation; nothing is said of the scope
	refused          // the token is not accepted at all
	tooMany          // the limit of calls is reached
	noAPI            // what answers is not the API
	noAnswer         // nothing answers
)

// answer is what came of one read.
type answer struct {
	meaning meaning
	status  int
	text    string // what was said, for people
}

// answers are those that came, by path: what was asked once is not asked again.
type answers struct {
	mu  sync.Mutex
	got map[string]answer
}

// read sends one GET with the token and says what its answer means.
func (d *doctor) read(ctx context.Context, r tools.Request) answer {
	d.answers.mu.Lock()
	known, ok := d.answers.got[r.Path]
	d.answers.mu.Unlock()
	if ok {
		return known
	}
	ctx, cancel := context.WithTimeout(ctx, d.Timeout)
	defer cancel()
	_, err := d.client.Do(ctx, r)
	a := meaningOf(err)
	d.answers.mu.Lock()
	defer d.answers.mu.Unlock()
	if d.answers.got == nil {
		d.answers.got = map[string]answer{}
	}
	d.answers.got[r.Path] = a
	return a
}

// meaningOf reads an answer by its status and, where that leaves it open, by the
// API's own words.
func meaningOf(err error) answer {
	if err == nil {
		return answer{meaning: allowed, status: http.StatusOK}
	}
	status, ok := errors.AsType[*retool.StatusError](err)
	if !ok {
		return answer{meaning: noAnswer, text: err.Error()}
	}
	a := answer{status: status.Status, text: status.Message}
	// A failure of the API's own has a message in its envelope; anything else was
	// said by something in front of it, or by a release that has no such path.
	own := !status.HTML && !status.Plain && status.Message != ""
	switch words := strings.ToLower(status.Message); {
	case status.Status == http.StatusTooManyRequests:
		a.meaning = tooMany
	case status.HTML && status.Status < http.StatusInternalServerError:
		a.meaning = noAPI
	case status.Status == http.StatusUnauthorized:
		a.meaning = refused
	case status.Status == http.StatusForbidden && strings.Contains(words, "not available on your plan"):
		a.meaning = noPlan
	case status.Status == http.StatusForbidden && strings.Contains(words, "missing one of"):
		a.meaning = lacking
	case own && (status.Status == http.StatusBadRequest || status.Status == http.StatusNotFound):
		a.meaning = allowed
	case status.Status == http.StatusNotFound:
		a.meaning = noAPI
	}
	return a
}
