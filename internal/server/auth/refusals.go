package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/caller"
)

// Reasons of refused sign-ins. They are values of a label, so there are few.
const (
	noToken         = "no_token"
	severalTokens   = "several_tokens"
	placeholder     = "placeholder"
	malformed       = "malformed_token"
	wrongSecret     = "wrong_secret"
	badSignature    = "bad_signature"
	keysUnavailable = "keys_unavailable"
	wrongIssuer     = "wrong_issuer"
	wrongAudience   = "wrong_audience"
	tokenType       = "token_type"
	otherToken      = "no_access_token"
	boundToken      = "bound_token"
	badClaims       = "invalid_claims"
	expired         = "expired"
	notYetValid     = "not_yet_valid"
	noRule          = "no_rule"
	claimElsewhere  = "claim_elsewhere"
	internalFault   = "internal"
)

// How many lines of one reason are logged: a flood of requests must not become a
// flood of lines, and must not hide other reasons.
const (
	linesPerPeriod = 10
	logPeriod      = time.Minute
)

// Refusals records refused sign-ins: each is counted, and logged with its reason and
// the address of the client, as long as there are few of that reason. It is safe for
// concurrent use.
type Refusals struct {
	// Method is the way to authenticate, such as "oauth".
	Method string
	Log    *slog.Logger
	// Count counts a refusal; nil does not.
	Count func(method, reason string)
	// Now is the clock; nil means the system clock.
	Now func() time.Time

	mu     sync.Mutex
	logged map[string]*period // by reason
}

// period is what was logged of one reason since a time.
type period struct {
	began           time.Time
	lines, unlogged int
}

// Of returns a with its refusals recorded.
func (f *Refusals) Of(a Authenticator) Authenticator {
	return func(r *http.Request) (caller.Caller, error) {
		c, err := a(r)
		if err != nil {
			f.record(r, err)
		}
		return c, err
	}
}

func (f *Refusals) record(r *http.Request, err error) {
	why, ok := errors.AsType[*DeniedError](err)
	if !ok {
		why = &DeniedError{Reason: internalFault}
	}
	f.Record(r.Context(), why, peer(r))
}

// Record records a refusal of a client at an address.
func (f *Refusals) Record(ctx context.Context, why *DeniedError, client string) {
	if f.Count != nil {
		f.Count(f.Method, why.Reason)
	}
	unlogged, ok := f.mayLog(why.Reason)
	if !ok {
		return
	}
	level := slog.LevelWarn
	if why.Reason == noToken { // so begins every sign-in with OAuth
		level = slog.LevelInfo
	}
	attributes := []any{"method", f.Method, "reason", why.Reason, "client", client}
	if why.Detail != "" {
		attributes = append(attributes, "detail", why.Detail)
	}
	if unlogged > 0 {
		attributes = append(attributes, "unlogged", unlogged)
	}
	f.Log.Log(ctx, level, "sign-in refused", attributes...)
}

// peer is the address of the connection: headers with others can be invented.
func peer(r *http.Request) string {
	address, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return address
}

// mayLog reports whether a line may be logged, and how many of that reason were not
// since the last one.
func (f *Refusals) mayLog(reason string) (unlogged int, ok bool) {
	now := time.Now()
	if f.Now != nil {
		now = f.Now()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.logged == nil {
		f.logged = map[string]*period{}
	}
	p := cmp.Or(f.logged[reason], &period{began: now})
	f.logged[reason] = p
	if now.Sub(p.began) >= logPeriod {
		unlogged = p.unlogged
		*p = period{began: now}
	}
	if p.lines == linesPerPeriod {
		p.unlogged++
		return 0, false
	}
	p.lines++
	return unlogged, true
}

// withDetail adds what only the operator may learn. That may quote claims, once the
// signature is known to be valid.
func (e *DeniedError) withDetail(format string, values ...any) *DeniedError {
	e.Detail = fmt.Sprintf(format, values...)
	return e
}
