package script

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os/exec"
	"time"
)

// ErrNoFolder is the error of Host.Save where there is no folder to write to.
var ErrNoFolder = errors.New("there is no export folder")

// Options are those of a Runner. Zero values stand for the defaults.
type Options struct {
	// Timeout is how long a run of a script may take (60 s). An apply has two.
	Timeout time.Duration
	// MaxScripts is how many scripts run at once (4); the others wait in order.
	MaxScripts int
	// Memory is the limit of the VM in bytes (64 MB).
	Memory int64
	// Key authenticates the ids of plans; nil for a random one.
	Key []byte
	// Used are the ids that were applied; nil for those of this Runner.
	Used Used
	// Command returns the command of a child (this program with ChildArgument).
	Command func() *exec.Cmd
	// Now is the clock (time.Now).
	Now func() time.Time
}

// Used remembers which plans were applied. It is safe for concurrent use.
type Used interface {
	// Seen tells whether an id, made at a time, was used, or is too old to know.
	Seen(id string, made time.Time) (bool, error)
	// Use remembers an id, and reports false if it was used or is too old to know.
	Use(id string, made time.Time) (first bool, err error)
}

// Approve says whether a plan may be applied. It is called after the plan was
// recomputed and is the same, and before anything is sent. The outcome has Plan and ID.
type Approve func(ctx context.Context, planned *Outcome) Approval

// Approval is the answer of Approve.
type Approval struct {
	// Confirmation is how the user agreed, in the words of the audit log.
	Confirmation string
	// Stop says why the plan may not be applied now, "" if it may. It becomes Stopped
	// of the outcome. The plan can be applied later, when the user has answered: only
	// the first write uses it up.
	Stop string
}

// Runner runs scripts. It is safe for concurrent use.
type Runner struct{ o Options }

// NewRunner returns a Runner.
func NewRunner(o Options) *Runner { return &Runner{o: o} }

// Hash identifies a program in logs.
func Hash(code string) string {
	sum := sha256.Sum256([]byte(code))
	return hex.EncodeToString(sum[:16])
}

// Query runs a program that can only read. Progress is reported to the context.
func (r *Runner) Query(ctx context.Context, p Program, host Host) *Outcome {
	return &Outcome{Stopped: "not built yet"}
}

// Plan runs a program and records its writes.
func (r *Runner) Plan(ctx context.Context, p Program, host Host) *Outcome {
	return &Outcome{Stopped: "not built yet"}
}

// Apply makes the writes of a plan of the program. The code and the arguments may be
// left out while the Runner still has them.
func (r *Runner) Apply(ctx context.Context, p Program, host Host, id string, approve Approve) *Outcome {
	return &Outcome{Stopped: "not built yet"}
}
