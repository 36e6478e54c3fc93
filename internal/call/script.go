package call

import (
	"context"
	"errors"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/plan"
)

// Value is the answer of a tool as data.
type Value struct {
	// JSON is the answer without secrets: for a list, the array of all its items.
	JSON []byte
	// List says that it is one, with how many items there are and where it goes on if
	// it was not read to its end.
	List      bool
	Total     int
	NextToken string
	// Date is the time of the API when it answered, zero if unknown.
	Date time.Time
	// Notes are for the reader of the result.
	Notes []string
}

// CallError is why a call gave no Value; whoever made it can read that and act.
type CallError struct {
	Operation string
	Status    int // of the response, 0 for none
	Message   string
}

// Error implements error.
func (e *CallError) Error() string { return e.Message }

// Permit says why a planned write may be made, for the audit log.
type Permit struct {
	Plan, Script string // the plan's id, the hash of the script
	Confirmation string
}

var errNotBuilt = errors.New("not built yet")

// CallValue calls a reading tool. An error that the caller can correct is a *CallError.
func (r *Runner) CallValue(ctx context.Context, name string, arguments []byte) (Value, error) {
	return Value{}, errNotBuilt
}

// CheckStep checks a write whose arguments may hold placeholders, and says what it
// would do. Fields are the names that its answer can have, nil if they are not known.
func (r *Runner) CheckStep(ctx context.Context, name string, arguments []byte) (step plan.Step, fields []string, err error) {
	return plan.Step{}, nil, errNotBuilt
}

// ApplyStep makes a planned write, without a question of its own.
func (r *Runner) ApplyStep(ctx context.Context, name string, arguments []byte, under Permit) (Value, error) {
	return Value{}, errNotBuilt
}
