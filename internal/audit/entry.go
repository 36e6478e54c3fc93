package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// Phase says which of the two lines of a call an entry is.
type Phase string

// A write has both, so that one of which the end is missing can be told from one
// that was never sent. A read has only its end.
const (
	Begin Phase = "begin" // before a write is sent
	End   Phase = "end"   // with what came of it
)

// Entry is one line about one call. Its texts are secret-free: that is up to the
// caller.
type Entry struct {
	Time         time.Time       // now, if it is not set
	Phase        Phase           //
	Call         string          // joins the lines of one call; a beginning needs it
	Caller       string          // who asked
	Session      string          //
	Instance     string          // where it was asked for, if there is more than one place
	Tool         string          //
	Operation    string          // such as DELETE /users/{userId}
	Arguments    json.RawMessage // as they were asked for; nothing, if empty
	DryRun       bool            // nothing was to be sent
	Confirmation string          // who or what allowed it
	Status       int             // of the answer; 0 if there was none. This and what follows belongs to an end.
	Duration     time.Duration   //
	Bytes        int64           // size of the result
	Error        string          // what went wrong
}

// entryJSON is an entry as it is written, but for what every line has.
type entryJSON struct {
	Phase        Phase           `json:"phase"`
	Call         string          `json:"call,omitempty"`
	Caller       string          `json:"caller,omitempty"`
	Session      string          `json:"session,omitempty"`
	Instance     string          `json:"instance,omitempty"`
	Tool         string          `json:"tool,omitempty"`
	Operation    string          `json:"operation,omitempty"`
	Arguments    json.RawMessage `json:"arguments,omitempty"`
	DryRun       bool            `json:"dry_run,omitempty"`
	Confirmation string          `json:"confirmation,omitempty"`
	*result
}

type result struct {
	Status   int     `json:"status"`
	Duration float64 `json:"duration_ms"`
	Bytes    int64   `json:"bytes"`
	Error    string  `json:"error,omitempty"`
}

// encode checks the entry and returns it as an object.
func (e *Entry) encode() ([]byte, error) {
	out := entryJSON{
		Phase: e.Phase, Call: e.Call, Caller: e.Caller, Session: e.Session, Instance: e.Instance, Tool: e.Tool, Operation: e.Operation,
		Arguments: e.Arguments, DryRun: e.DryRun, Confirmation: e.Confirmation,
	}
	switch {
	case e.Phase == End:
		out.result = &result{Status: e.Status, Duration: float64(e.Duration.Microseconds()) / 1e3, Bytes: e.Bytes, Error: e.Error}
	case e.Phase != Begin:
		return nil, fmt.Errorf("an entry cannot have the phase %q", e.Phase)
	case e.Call == "":
		return nil, errors.New("the beginning of a write has no call that its end could name")
	}
	data, err := object(out)
	switch {
	case err != nil || !json.Valid(data): // what is nested too deeply for a line may be valid by itself
		return nil, errors.New("the arguments of an entry are no JSON that can be read again")
	case len(data) > maxLine-maxFrame:
		return nil, fmt.Errorf("an entry of %d bytes is too large: a line has at most %d MiB", len(data), maxLine>>20)
	}
	return data, nil
}

// object encodes a value as an object on one line.
func object(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	// Agents write arguments, and people read them here. In JSON invisible characters
	// stand only within strings, where an escape means the same.
	return []byte(text.EscapeInvisible(strings.TrimSuffix(b.String(), "\n"))), nil
}
