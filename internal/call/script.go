package call

import (
	"context"
	"time"
)

// Permit says why a planned write may be made, for the audit log.
type Permit struct {
	Plan, Script string // the plan's id, the hash of the script
	Confirmation string
}

// Now is the instance's time, zero if its health check does not say it: a script whose
// clock stands still needs it before the first answer.
func (r *Runner) Now(ctx context.Context) time.Time { return r.clientFor(ctx).Now(ctx) }

// ApplyStep makes a planned write, without a question of its own. Its arguments are
// those that CheckStep or CheckAgain returned: a name in the place of an id is none.
func (r *Runner) ApplyStep(ctx context.Context, name string, arguments []byte, under Permit) (Value, error) {
	b, err := r.binder(name)
	if err != nil {
		return Value{}, err
	}
	return r.value(ctx, b, arguments, &under)
}
