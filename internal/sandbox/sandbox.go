// Package sandbox serves an emulated Retool organization over HTTP, on a real
// connection or within the process: addresses, tokens and scopes, checks,
// faults on demand, and the state file.
//
// The organization and its operations are in package org. The sandbox knows
// nothing of tools or MCP, so that any client of the API can use it.
package sandbox

import (
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/routes"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/seed"
	"github.com/retool-mcp/retool-mcp/schemas"
)

// DefaultToken is the access token of a sandbox without tokens in its options.
const DefaultToken = "retool_sandbox" //nolint:gosec // it opens nothing real

// Today is where the organization's clock starts by default: a fixed day, so that
// the same seed always gives the same organization.
var Today = time.Date(2026, time.November, 2, 9, 0, 0, 0, time.UTC)

// Options are the settings of a Sandbox. The zero value is the default one.
type Options struct {
	// Seed determines the organization.
	Seed uint64
	// Sizes are the numbers of objects in it.
	Sizes seed.Sizes
	// Today is where its clock starts; zero means the package's Today.
	Today time.Time
	// Tokens are access tokens with their scopes. The default is DefaultToken with
	// all scopes. Tokens that create_access_token makes work too.
	Tokens []Token
	// State is the file that stores the organization, "" for none.
	State string
	// Faults are injected into answers.
	Faults Faults
	// Latency is the minimum time of every answer.
	Latency time.Duration
	// CallsPerMinute limits the calls of one token: more get 429. 0 means no limit.
	CallsPerMinute int
	// Logger gets errors of the state file; nil discards them.
	Logger *slog.Logger
}

// Sandbox is an http.Handler: a Retool instance with one organization and its
// spaces. It is safe for concurrent use.
type Sandbox struct {
	options    Options
	routes     *routes.Set
	operations map[string]api.Func
	tokens     map[string]Token
	limits     limiter
	stats      counters
	state      *stateFile

	// writing is held by the operation that changes the organization.
	writing sync.Mutex
	// org is never changed: an operation that writes replaces it.
	org atomic.Pointer[model.Org]
}

// New creates the organization or reads it from the state file.
func New(o Options) (*Sandbox, error) {
	if o.Today.IsZero() {
		o.Today = Today
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	set, err := routes.Load(schemas.Routes())
	if err != nil {
		return nil, err
	}
	s := &Sandbox{
		options:    o,
		routes:     set,
		operations: org.Operations(),
		tokens:     map[string]Token{},
		limits:     limiter{most: o.CallsPerMinute},
	}
	s.stats.Stats = Stats{Operations: map[string]int{}, Statuses: map[string]int{}, Faults: map[string]int{}}
	for _, t := range o.Tokens {
		if _, twice := s.tokens[t.Secret]; twice {
			return nil, fmt.Errorf("the token that ends in %q is given twice", last4(t.Secret))
		}
		s.tokens[t.Secret] = t
	}
	if len(o.Tokens) == 0 {
		s.tokens[DefaultToken] = Token{Secret: DefaultToken, All: true}
	}
	var start *model.Org
	if o.State != "" {
		if start, err = readState(o.State); err != nil {
			return nil, err
		}
	}
	if start == nil {
		start = seed.Organization(o.Seed, model.At(o.Today), o.Sizes)
	}
	s.org.Store(start)
	if o.State != "" {
		s.state = newStateFile(s)
	}
	return s, nil
}

// Close saves the state. No call may follow.
func (s *Sandbox) Close() error {
	if s.state == nil {
		return nil
	}
	return s.state.close()
}

// MarshalJSON returns the organization as in the state file.
func (s *Sandbox) MarshalJSON() ([]byte, error) {
	return json.Marshal(s.org.Load(), json.Deterministic(true))
}
