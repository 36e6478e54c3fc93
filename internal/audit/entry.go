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

// Phase tells the two lines of a write apart.
type Phase string

// A write has both, so that one with an unknown result differs from one that was
// never sent. A read has only its end.
const (
	Begin Phase = "begin" // before a write is sent
	End   Phase = "end"   // with its result
)

// Entry is one line about a call. The caller removes all secrets from its texts.
type Entry struct {
	Time         time.Time       `json:"-"` // zero means now
	Phase        Phase           `json:"phase"`
	Call         string          `json:"call,omitempty"` // joins the lines of one call; required for Begin
	Caller       string          `json:"caller,omitempty"`
	Session      string          `json:"session,omitempty"`
	Instance     string          `json:"instance,omitempty"` // "" if there is only one
	Tool         string          `json:"tool,omitempty"`
	Operation    string          `json:"operation,omitempty"` // such as DELETE /users/{userId}
	Arguments    json.RawMessage `json:"arguments,omitempty"`
	DryRun       bool            `json:"dry_run,omitempty"`
	Confirmation string          `json:"confirmation,omitempty"` // who or what allowed it

	// The remaining fields belong to End.

	Status   int           `json:"-"` // of the response; 0 for none
	Duration time.Duration `json:"-"`
	Bytes    int64         `json:"-"` // size of the result
	Error    string        `json:"-"`
}

// resultJSON is how an end writes its fields.
type resultJSON struct {
	Status   int     `json:"status"`
	Duration float64 `json:"duration_ms"`
	Bytes    int64   `json:"bytes"`
	Error    string  `json:"error,omitempty"`
}

// encode validates the entry and returns it as an object.
func (e *Entry) encode() ([]byte, error) {
	out := struct {
		*Entry
		*resultJSON
	}{Entry: e}
	switch {
	case e.Phase == End:
		out.resultJSON = &resultJSON{Status: e.Status, Duration: float64(e.Duration.Microseconds()) / 1e3, Bytes: e.Bytes, Error: e.Error}
	case e.Phase != Begin:
		return nil, fmt.Errorf("invalid phase %q", e.Phase)
	case e.Call == "":
		return nil, errors.New("a begin entry needs a call")
	}
	data, err := encodeObject(out)
	switch {
	case err != nil || !json.Valid(data): // valid arguments can be nested too deeply for a line
		return nil, errors.New("the arguments are not valid JSON")
	case len(data) > maxLine-maxFrame:
		return nil, fmt.Errorf("the entry has %d bytes: the maximum of a line is %d MiB", len(data), maxLine>>20)
	}
	return data, nil
}

// encodeObject encodes a value as an object on one line.
func encodeObject(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	// Agents write the arguments, and people read them here. In JSON, invisible
	// characters are only in strings, where an escape is equivalent.
	return []byte(text.EscapeInvisible(strings.TrimSuffix(b.String(), "\n"))), nil
}
