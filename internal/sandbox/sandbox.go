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

// DefaultToken opens a sandbox for which no token was named.
const DefaultToken = "retool_sandbox" //nolint:gosec // it opens nothing real

// Today is what the organization's clock shows at first when nobody says: a
// fixed day, so that the same seed gives the same organization whenever it is
// made.
var Today = time.Date(2026, time.November, 2, 9, 0, 0, 0, time.UTC)

// Options are the settings of a Sandbox. The zero value is the default one.
type Options struct {
	// Seed is what the organization is made from.
	Seed uint64
	// Sizes says how much is in it.
	Sizes seed.Sizes
	// Today is what its clock shows at first; zero means the package's Today.
	Today time.Time
	// Tokens are access tokens and what each may do; none at all means
	// DefaultToken, which may do everything. Those that the organization's own
	// administrators make with the API work too.
	Tokens []Token
	// State is the file that keeps the organization, "" for none.
	State string
	// Faults are what goes wrong, and how often.
	Faults Faults
	// Latency is how long every answer takes at least.
	Latency time.Duration
	// CallsPerMinute is how many calls one token may make in a minute before
	// it gets 429; 0 means any number.
	CallsPerMinute int
	// Logger gets what goes wrong with the state file; nil means nowhere.
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
	state      *keeper

	// writing is held by the operation that changes the organization.
	writing sync.Mutex
	// org is never changed: an operation that writes replaces it.
	org atomic.Pointer[model.Org]
}

// New makes the organization, or reads it from the state file.
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
	s.stats.begin()
	for _, t := range o.Tokens {
		if _, twice := s.tokens[t.Secret]; twice {
			return nil, fmt.Errorf("a token is named twice: the one that ends in %q", last4(t.Secret))
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
		s.state = newKeeper(s)
	}
	return s, nil
}

// Close saves what has not been saved. No call may come after it.
func (s *Sandbox) Close() error {
	if s.state == nil {
		return nil
	}
	return s.state.close()
}

// MarshalJSON is the whole organization, as the state file has it.
func (s *Sandbox) MarshalJSON() ([]byte, error) {
	return json.Marshal(s.org.Load(), json.Deterministic(true))
}
