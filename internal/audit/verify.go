package audit

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/order"
)

// Report describes the valid part of a log: all of it, or the lines before the one
// that a BrokenError names.
type Report struct {
	Files        []string // paths, oldest first
	Lines        uint64
	First, Last  Position          // zero without a valid line
	Recovered    []Position        // lines that record a truncated one before them
	UncleanStops []Position        // opened lines before which the log was not closed
	Closed       bool              // the last line is closed
	Unfinished   []UnfinishedWrite // writes without an end
}

// Position is a line of the log.
type Position struct {
	Head
	Time time.Time
}

// UnfinishedWrite is a write without an end. In a log in use it may be in progress.
type UnfinishedWrite struct {
	Position
	Call, Tool, Operation string
}

// BrokenError names the first line that fails verification.
type BrokenError struct {
	File     string // path
	Line     int    // in the file, from 1; 0 means the whole file
	Sequence uint64 // expected sequence number
	Reason   string // the check that fails
}

func (e *BrokenError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Reason)
	}
	return fmt.Sprintf("%s, line %d, expected to be line %d of the log: %s", e.File, e.Line, e.Sequence, e.Reason)
}

// Verify checks the log in the file and in the full files beside it, also while it
// is in use. The log must contain the kept heads.
//
// If a check fails, the error is a BrokenError. Other errors mean that the log
// could not be checked.
func Verify(file string, kept ...Head) (report Report, err error) {
	defer func() {
		if _, broken := errors.AsType[*BrokenError](err); err != nil && !broken {
			err = fmt.Errorf("verify audit log %q: %w", file, err)
		}
	}()
	f, err := openFolder(file)
	if err != nil {
		return Report{}, err
	}
	defer f.root.Close()
	r, err := f.openReader()
	if err != nil {
		return Report{}, err
	}
	defer r.close()
	v := verifier{lines: r, newestPath: f.newest, begun: map[string][]UnfinishedWrite{}}
	v.kept = slices.Collect(slices.Values(kept))
	order.By(v.kept, func(a, b Head) int { return cmp.Compare(a.Sequence, b.Sequence) })
	for _, s := range r.files {
		v.report.Files = append(v.report.Files, s.path)
	}
	err = v.all()
	for _, writes := range v.begun {
		v.report.Unfinished = append(v.report.Unfinished, writes...)
	}
	order.By(v.report.Unfinished, func(a, b UnfinishedWrite) int { return cmp.Compare(a.Sequence, b.Sequence) })
	return v.report, err
}

// verifier checks a log from its oldest line on.
type verifier struct {
	lines      *reader
	newestPath string
	report     Report
	kept       []Head // those not yet reached, in order

	head  Head        // the last valid line
	last  *sourceFile // the file that has it
	inUse bool        // not closed since the last entry or opened line
	begun map[string][]UnfinishedWrite

	// Incomplete lines after head, which the next valid line must record:

	truncatedAt *rawLine // the first one
	truncated   []byte   // with newlines

	// Of a log whose oldest lines are missing:

	firstLine  *rawLine // the first line; nil if it has sequence number 1
	beforeFile string   // name of the file before it
	prunedTo   uint64   // first remaining line by the pruned lines
}

const (
	reasonIncomplete = "it is incomplete, and no line after it records that a crash truncated it"
	reasonEnd        = "the log ends within this line"
)

func (v *verifier) all() error {
	for {
		l, err := v.lines.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = v.line(l)
		}
		if err != nil {
			return err
		}
	}
	next, newest := v.head.Sequence+1, v.lines.newest().path
	switch {
	case v.truncatedAt != nil:
		return v.broken(v.truncatedAt, reasonEnd)
	case v.last != v.lines.newest():
		return &BrokenError{File: newest, Sequence: next, Reason: "it has no line"}
	case v.lines.newestMissing:
		return &BrokenError{File: v.newestPath, Sequence: next, Reason: "the newest file is missing"}
	case v.firstLine != nil && v.prunedTo < v.report.First.Sequence:
		return &BrokenError{
			File: v.firstLine.source.path, Line: v.firstLine.number, Sequence: max(1, v.prunedTo),
			Reason: fmt.Sprintf("its sequence number is %d, and the lines before it, up to the end of %s, are missing but were not pruned", v.report.First.Sequence, v.beforeFile),
		}
	case len(v.kept) > 0:
		return &BrokenError{File: newest, Sequence: next, Reason: fmt.Sprintf("the log ends with line %d, before the kept line %d", v.head.Sequence, v.kept[0].Sequence)}
	}
	return nil
}

// broken returns the error for a line, or for the incomplete lines before it.
func (v *verifier) broken(l *rawLine, reason string) error {
	if v.truncatedAt != nil && reason != reasonEnd {
		reason = reasonIncomplete
	}
	l = cmp.Or(v.truncatedAt, l)
	return &BrokenError{File: l.source.path, Line: l.number, Sequence: v.head.Sequence + 1, Reason: reason}
}

func (v *verifier) line(l *rawLine) error {
	r, reason := parse(l.data)
	if r == nil {
		return v.incomplete(l, reason)
	}
	if v.last == nil && v.truncatedAt == nil && r.Sequence > 1 && r.Log == rotated {
		// A later line must record that the lines before it were pruned.
		v.firstLine, v.beforeFile = l, r.Before
		v.head = Head{r.Sequence - 1, r.Prev}
	}
	switch {
	case r.Sequence != v.head.Sequence+1:
		return v.broken(l, fmt.Sprintf("its sequence number is %d", r.Sequence))
	case r.Prev != v.head.Hash:
		return v.broken(l, "its previous hash does not match the line before")
	case v.startsFile(l) && r.Log != rotated:
		return v.broken(l, "the first line of a new file must be a rotated line")
	case v.truncatedAt == nil && r.Log == recovered:
		return v.broken(l, "it records a truncated line that is missing")
	case v.truncatedAt != nil && (l.source != v.truncatedAt.source || !r.covers(bytes.TrimSuffix(v.truncated, []byte("\n")))):
		return v.broken(l, reasonIncomplete)
	case !l.newline:
		return v.unterminated(l)
	}
	v.truncatedAt, v.truncated = nil, nil
	if err := v.compare(l, r); err != nil {
		return err
	}
	v.last = l.source
	v.accept(r)
	return nil
}

// startsFile reports whether the line is the first of a file that continues another.
func (v *verifier) startsFile(l *rawLine) bool { return l.number == 1 && v.last != nil }

// incomplete keeps a line that a crash may have truncated, until the next valid
// line records it.
func (v *verifier) incomplete(l *rawLine, reason string) error {
	switch {
	case !couldBeTruncated(l.data, v.head), v.startsFile(l), len(v.truncated) > 2*maxLine:
		return v.broken(l, reason)
	case !l.newline:
		return v.unterminated(l)
	}
	v.truncatedAt = cmp.Or(v.truncatedAt, l)
	v.truncated = append(append(v.truncated, l.data...), '\n')
	return nil
}

// unterminated returns the error for a line without newline, which only the newest
// file may have, after a crash.
func (v *verifier) unterminated(l *rawLine) error {
	if l.source != v.lines.newest() {
		return v.broken(l, reasonFormat)
	}
	return v.broken(l, reasonEnd)
}

// compare checks the kept heads up to the line.
func (v *verifier) compare(l *rawLine, r *record) error {
	for len(v.kept) > 0 && v.kept[0].Sequence <= r.Sequence {
		kept := v.kept[0]
		v.kept = v.kept[1:]
		hash := r.Hash
		switch {
		case kept.Sequence == v.head.Sequence:
			hash = v.head.Hash
		case kept.Sequence < r.Sequence:
			return fmt.Errorf("the kept line %d is older than line %d, the first of the log", kept.Sequence, r.Sequence)
		}
		if hash != kept.Hash {
			return v.broken(l, fmt.Sprintf("the hash of line %d differs from the kept one: the log was rewritten from there or earlier", kept.Sequence))
		}
	}
	return nil
}

func (v *verifier) accept(r *record) {
	position := Position{r.head(), r.at}
	v.head = r.head()
	if v.report.Lines == 0 {
		v.report.First = position
	}
	v.report.Last = position
	v.report.Lines++
	v.report.Closed = r.Log == closed
	switch r.Log {
	case opened:
		if v.inUse {
			v.report.UncleanStops = append(v.report.UncleanStops, position)
		}
		v.inUse = true
	case closed:
		v.inUse = false
	case recovered:
		v.report.Recovered = append(v.report.Recovered, position)
	case pruned:
		v.prunedTo = max(v.prunedTo, r.From)
	case "":
		v.inUse = true
	}
	switch writes := v.begun[r.Call]; {
	case r.Phase == Begin:
		v.begun[r.Call] = append(writes, UnfinishedWrite{Position: position, Call: r.Call, Tool: r.Tool, Operation: r.Operation})
	case r.Phase == End && len(writes) > 1:
		v.begun[r.Call] = writes[1:]
	case r.Phase == End:
		delete(v.begun, r.Call)
	}
}
