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
)

const (
	// maxLine bounds a line, so that reading a file that is none of ours ends.
	maxLine = 16 << 20
	// maxFrame is more than what is around the object of an entry.
	maxFrame = 512
	// hashMemberLength is what the hash takes at the end of a line.
	hashMemberLength = len(`,"hash":""}`) + 2*sha256.Size

	timeFormat = "2006-01-02T15:04:05.000000Z"
)

// Head is a place in a chain: a line, by its number and its hash. The zero Head is
// the place before the first line.
type Head struct {
	Sequence uint64
	Hash     string
}

// String is the head as ParseHead reads it.
func (h Head) String() string { return strconv.FormatUint(h.Sequence, 10) + ":" + h.Hash }

// ParseHead reads what String wrote.
func ParseHead(text string) (Head, error) {
	number, hash, _ := strings.Cut(text, ":")
	sequence, err := strconv.ParseUint(number, 10, 64)
	if raw, malformed := hex.DecodeString(hash); err != nil || malformed != nil || sequence == 0 || len(raw) != sha256.Size {
		return Head{}, fmt.Errorf("%q is not the head of an audit log: it is a sequence number, a colon, and a hash of %d hex digits", text, 2*sha256.Size)
	}
	return Head{sequence, strings.ToLower(hash)}, nil
}

// record is a line as it is read.
type record struct {
	Sequence uint64 `json:"seq"`
	Prev     string `json:"prev"`
	Time     string `json:"time"`
	logEvent
	// Of an entry only what covers which writes have ended.
	Phase     Phase  `json:"phase"`
	Call      string `json:"call"`
	Tool      string `json:"tool"`
	Operation string `json:"operation"`
	Hash      string `json:"hash"`

	at time.Time
}

// logEvent is what the log says of itself.
type logEvent struct {
	Log           string   `json:"log"`
	PID           int      `json:"pid,omitempty"`
	Truncated     *int     `json:"torn,omitempty"`
	TruncatedHash string   `json:"torn_hash,omitempty"`
	Before        string   `json:"before,omitempty"`
	Files         []string `json:"files,omitempty"`
	From          uint64   `json:"from,omitempty"`
}

const (
	opened    = "opened"
	closed    = "closed"
	recovered = "recovered"
	rotated   = "rotated"
	pruned    = "pruned"
)

func (r *record) head() Head { return Head{r.Sequence, r.Hash} }

// linePrefix is how every line begins that follows the given one.
func linePrefix(after Head) []byte {
	return fmt.Appendf(nil, `{"seq":%d,"prev":"%s","time":"`, after.Sequence+1, after.Hash)
}

// encodeLine makes the line that follows the given one, with its newline, and says what
// the head is then. The object has at least one member.
func encodeLine(after Head, at time.Time, object []byte) ([]byte, Head) {
	line := linePrefix(after)
	line = at.UTC().AppendFormat(line, timeFormat)
	line = append(line, `",`...)
	line = append(line, object[1:len(object)-1]...)
	hash := digest(line)
	line = append(line, `,"hash":"`+hash+"\"}\n"...)
	return line, Head{after.Sequence + 1, hash}
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// parse reads a line without its newline. It is whole if every byte is as encodeLine
// wrote it; whether it follows the line before is another question.
func parse(data []byte) (r *record, whole bool) {
	if len(data) < hashMemberLength || len(data) >= maxLine {
		return nil, false
	}
	body, end := data[:len(data)-hashMemberLength], data[len(data)-hashMemberLength:]
	if string(end) != `,"hash":"`+digest(body)+`"}` {
		return nil, false
	}
	r = new(record)
	if err := json.Unmarshal(data, r); err != nil || r.Sequence == 0 {
		return nil, false
	}
	var err error
	if r.at, err = time.Parse(timeFormat, r.Time); err != nil {
		return nil, false
	}
	// Of a member that is there twice, JSON takes either. What counts stands in front.
	front := append(linePrefix(Head{r.Sequence - 1, r.Prev}), r.Time+`",`...)
	return r, bytes.HasPrefix(data, front) && (r.Log == "") != (r.Phase == "")
}

// couldBeTruncated says whether the bytes are what a crash leaves of the line after the
// given one: its beginning, and zeros if it was the power that failed. A whole
// object is not truncated: an object ends only with its last byte.
func couldBeTruncated(data []byte, after Head) bool {
	data = bytes.TrimRight(data, "\x00")
	begin := linePrefix(after)
	n := min(len(data), len(begin))
	return bytes.Equal(data[:n], begin[:n]) && len(data) < maxLine && !json.Valid(data)
}

// recoveredLine covers of the bytes that a crash left: those between the last whole line
// and the newline in front of this one.
func recoveredLine(data []byte) logEvent {
	n := len(data)
	return logEvent{Log: recovered, Truncated: &n, TruncatedHash: digest(data)}
}

// covers says whether the line covers of just these bytes.
func (r *record) covers(torn []byte) bool {
	return r.Log == recovered && r.Truncated != nil && *r.Truncated == len(torn) && r.TruncatedHash == digest(torn)
}

// sealed says whether the data ends as a line does, but for a byte or two: then
// somebody changed it, and no crash cut it off.
func sealed(data []byte) bool {
	if len(data) < hashMemberLength {
		return false
	}
	end, wrong := data[len(data)-hashMemberLength:], 0
	const before, after = `,"hash":"`, `"}`
	for i, c := range end {
		var fits bool
		switch rest := len(end) - i; {
		case i < len(before):
			fits = c == before[i]
		case rest <= len(after):
			fits = c == after[len(after)-rest]
		default:
			fits = '0' <= c && c <= '9' || 'a' <= c && c <= 'f'
		}
		if !fits {
			wrong++
		}
	}
	return wrong <= 2
}

// errNotResumable is what the end of a log is that Open does not go on with.
var errNotResumable = errors.New("the log cannot be gone on with; verifying it tells where it is wrong, and with its files moved elsewhere a new one begins")
