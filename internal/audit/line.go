package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
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
	// Of a script, and of what it sends: the hash of its code, and the id of the plan
	// that it applies, "" for none.
	Script string `json:"script,omitempty"`
	Plan   string `json:"plan,omitempty"`

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

const (
	// maxLine bounds how much of a foreign file is read as one line.
	maxLine = 16 << 20
	// maxFrame is more than what a line adds to an entry's object.
	maxFrame = 512
	// hashMemberLength is the length of the hash at the end of a line.
	hashMemberLength = len(`,"hash":""}`) + 2*sha256.Size

	timeFormat = "2006-01-02T15:04:05.000000Z"
)

// Head identifies a line and thereby all lines before it. The zero Head is the
// position before the first line.
type Head struct {
	Sequence uint64
	Hash     string
}

// String formats the head for ParseHead.
func (h Head) String() string { return strconv.FormatUint(h.Sequence, 10) + ":" + h.Hash }

// ParseHead parses the format of String.
func ParseHead(s string) (Head, error) {
	number, hash, _ := strings.Cut(s, ":")
	sequence, err := strconv.ParseUint(number, 10, 64)
	if raw, malformed := hex.DecodeString(hash); err != nil || malformed != nil || sequence == 0 || len(raw) != sha256.Size {
		return Head{}, fmt.Errorf("%q is not the head of an audit log: a sequence number, a colon and a hash of %d hex digits", s, 2*sha256.Size)
	}
	return Head{sequence, strings.ToLower(hash)}, nil
}

// record is a parsed line. Of an entry it has only what matches begins with ends.
type record struct {
	Sequence uint64 `json:"seq"`
	Prev     string `json:"prev"`
	Time     string `json:"time"`
	event
	Phase     Phase  `json:"phase"`
	Call      string `json:"call"`
	Tool      string `json:"tool"`
	Operation string `json:"operation"`
	Hash      string `json:"hash"`

	at time.Time
}

// event is a line about the log itself.
type event struct {
	Log           string   `json:"log"`
	PID           int      `json:"pid,omitempty"`
	Truncated     *int     `json:"torn,omitempty"`
	TruncatedHash string   `json:"torn_hash,omitempty"`
	Before        string   `json:"before,omitempty"`
	Files         []string `json:"files,omitempty"`
	From          uint64   `json:"from,omitempty"`
}

func (e event) encode() []byte {
	object, _ := encodeObject(e) // strings and numbers cannot fail
	return object
}

// Kinds of events.
const (
	opened    = "opened"
	closed    = "closed"
	recovered = "recovered"
	rotated   = "rotated"
	pruned    = "pruned"
)

func (r *record) head() Head { return Head{r.Sequence, r.Hash} }

// linePrefix is how every line after the given one begins.
func linePrefix(after Head) []byte {
	return fmt.Appendf(nil, `{"seq":%d,"prev":"%s","time":"`, after.Sequence+1, after.Hash)
}

// encodeLine returns the line after the given one, with its newline, and the new
// head. The object has at least one member.
func encodeLine(after Head, at time.Time, object []byte) ([]byte, Head) {
	line := linePrefix(after)
	line = at.UTC().AppendFormat(line, timeFormat)
	line = append(line, `",`...)
	line = append(line, object[1:len(object)-1]...)
	hash := hashOf(line)
	line = append(line, `,"hash":"`+hash+"\"}\n"...)
	return line, Head{after.Sequence + 1, hash}
}

func hashOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

const (
	reasonFormat = "it is truncated or not a line of an audit log"
	reasonHash   = "its hash does not match"
)

// parse parses a line without its newline and checks its own hash, not its place
// in the chain. Without a record it returns the reason.
func parse(data []byte) (r *record, reason string) {
	if len(data) < hashMemberLength || len(data) >= maxLine {
		return nil, reasonFormat
	}
	body, end := data[:len(data)-hashMemberLength], data[len(data)-hashMemberLength:]
	if !bytes.HasPrefix(end, []byte(`,"hash":"`)) {
		return nil, reasonFormat
	}
	if string(end) != `,"hash":"`+hashOf(body)+`"}` {
		return nil, reasonHash
	}
	r = new(record)
	if err := json.Unmarshal(data, r); err != nil || r.Sequence == 0 {
		return nil, reasonFormat
	}
	var err error
	if r.at, err = time.Parse(timeFormat, r.Time); err != nil {
		return nil, reasonFormat
	}
	// A member that occurs twice is ambiguous, so the first ones must be as written.
	prefix := append(linePrefix(Head{r.Sequence - 1, r.Prev}), r.Time+`",`...)
	if !bytes.HasPrefix(data, prefix) || (r.Log == "") == (r.Phase == "") {
		return nil, reasonFormat
	}
	return r, ""
}

// couldBeTruncated reports whether a crash can leave the data of the line after the
// given one: the beginning of the line, followed by zeros after a power failure.
func couldBeTruncated(data []byte, after Head) bool {
	data = bytes.TrimRight(data, "\x00")
	prefix := linePrefix(after)
	n := min(len(data), len(prefix))
	return bytes.Equal(data[:n], prefix[:n]) && len(data) < maxLine && !json.Valid(data)
}

// covers reports whether the line records just these bytes.
func (r *record) covers(truncated []byte) bool {
	return r.Log == recovered && r.Truncated != nil && *r.Truncated == len(truncated) && r.TruncatedHash == hashOf(truncated)
}
