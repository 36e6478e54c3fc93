package script

import (
	"time"

	"github.com/retool-mcp/retool-mcp/internal/plan"
	"github.com/retool-mcp/retool-mcp/internal/script/wire"
)

// Outcome is what became of a script.
type Outcome struct {
	// Value is what the program returned, in a form.
	Value []byte
	Form  wire.Form
	// Shown are the secrets that answers show by design.
	Shown []string
	// Console is what it logged, a text a call, bounded.
	Console []string
	// Notes are about reads and returned values, each once.
	Notes []string
	// Error is why the program failed, nil if it ended. It may have a Plan, or have
	// Made writes, all the same.
	Error *wire.Error
	// Caught are failures of writes that the program caught.
	Caught []wire.Error
	// Plan is the plan, and ID its id, of a run that plans and of an apply that did not
	// begin since there is another plan now; Changed then says how they differ, a
	// line each.
	Plan    *plan.Plan
	ID      string
	Changed []string
	// Made are the steps that were made, NotMade those that were not, of an apply.
	Made, NotMade []plan.Made
	// Replayed is how many writes of an earlier apply of the same code were not made
	// again.
	Replayed int
	// Saved are the files that the program wrote.
	Saved []Saved
	// Stopped is why a script was not begun, or stopped, other than by Error; "".
	Stopped string
	// TimedOut tells that the time of the script was over.
	TimedOut bool
	// Hash is that of the code, which the caller may have left out.
	Hash          string
	Reads, Writes int
	Took          time.Duration
}

// Saved is a file that a program wrote.
type Saved struct {
	Name, Path string
	Rows       int
	// Content are the rows, a JSON array, where there is no folder; Path is "" then,
	// and in a plan, which writes no files.
	Content []byte
}
