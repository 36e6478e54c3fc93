package call

import (
	"context"

	"github.com/retool-mcp/retool-mcp/internal/plan"
)

// Permit says why a planned write may be made, for the audit log.
type Permit struct {
	Plan, Script string // the plan's id, the hash of the script
	Confirmation string
}

// CheckStep checks a write whose arguments may hold placeholders, and says what it
// would do. Fields are the names that its answer can have, nil if they are not known.
func (r *Runner) CheckStep(ctx context.Context, name string, arguments []byte) (step plan.Step, fields []string, err error) {
	return plan.Step{}, nil, errNotBuilt
}

// ApplyStep makes a planned write, without a question of its own.
func (r *Runner) ApplyStep(ctx context.Context, name string, arguments []byte, under Permit) (Value, error) {
	b, err := r.binder(name)
	if err != nil {
		return Value{}, err
	}
	return r.value(ctx, b, arguments, &under)
}
