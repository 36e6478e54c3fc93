package script

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/plan"
	"github.com/retool-mcp/retool-mcp/internal/script/wire"
)

// ChildArgument is the one argument with which the program is a child that runs a
// script, and nothing else.
const ChildArgument = "script-child"

// Host calls tools for one script, on behalf of one caller. It is safe for concurrent
// use: up to eight calls run at once.
type Host interface {
	// Functions are the tools that the script may call, by name, and those that it may
	// not, with the reason.
	Functions() []wire.Function
	// Read calls a reading tool.
	Read(ctx context.Context, name string, args []byte) (Value, error)
	// Now is the time of the API, zero if it cannot be found out.
	Now(ctx context.Context) time.Time
	// Check checks the arguments of a write, in which placeholders fit anything, and
	// says what it would do. It sends reads only. The Placeholder says what is known of
	// its answer; its name is the caller's to set.
	Check(ctx context.Context, name string, args []byte) (plan.Step, wire.Placeholder, error)
	// CheckAgain checks a write that is about to be made, and says what it would do now,
	// without words.
	CheckAgain(ctx context.Context, name string, args []byte) (plan.Step, error)
	// Write makes a planned write, which was confirmed as the plan was. Its arguments are
	// those of the step that Check or CheckAgain returned.
	Write(ctx context.Context, name string, args []byte, under Permit) (Value, error)
	// Shown are the texts of an answer that the reader of the script's result may see
	// although they are secrets.
	Shown(name string, answer []byte) []string
	// Save writes rows, a JSON array, to a file of the export folder, and returns its
	// path; ErrNoFolder if there is none.
	Save(ctx context.Context, name string, rows []byte) (path string, err error)
}

// Permit says why a write may be made, for the audit log.
type Permit struct {
	// Plan is the id of the plan, Script the hash of the code.
	Plan, Script string
	// Confirmation is how the user agreed, in the words of the audit log.
	Confirmation string
}

// Value is the answer of a tool.
type Value struct {
	// JSON is the answer without secrets: the array of all items for a list.
	JSON []byte
	// List is set for a list.
	List *wire.List
	// Fields are its documented fields, or those of the items of a list, as dot paths;
	// none if they are not known.
	Fields []string
	// Date is the time of the API when it answered, zero if unknown.
	Date time.Time
	// Notes are about the answer, for the reader of the script's result.
	Notes []string
}

// Failure is an error of a call that the script can catch. Any other error of a Host
// is a fault of this program, and ends the script.
type Failure struct { //nolint:errname // it is what the script sees of a failed call
	Operation string
	Status    int    // of the response, 0 for none
	Kind      string // what kind of failure it is, for the Host's own use
	Message   string
}

// Error implements error.
func (f *Failure) Error() string { return f.Message }

// Passes tells whether a call that failed so may succeed later as it is: the instance was
// too busy or out of order, or could not be reached.
func Passes(status int, message string) bool {
	return status == http.StatusTooManyRequests || status >= http.StatusInternalServerError || status == 0 && !strings.HasPrefix(message, "Not sent")
}

// Program is a script.
type Program struct {
	Code string
	// Args is the value of args in it, a JSON value or nothing.
	Args []byte
	// Caller and Instance are part of what a plan is for.
	Caller, Instance string
}
