package audit

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"
)

// Report is what Verify found to be whole: everything, or all lines before the one
// that a BrokenError names.
type Report struct {
	Files        []string          // whole paths, oldest first
	Lines        uint64            //
	First, Last  Position          // zero, if no line is whole
	Recovered    []Position        // lines that tell of one that a crash cut off
	UncleanStops []Position        // starts before which the log had not been closed
	Closed       bool              // the last line says that nobody writes any more
	Unfinished   []UnfinishedWrite // writes that began and of which no end is known
}

// Position is a line of the log.
type Position struct {
	Head
	Time time.Time
}

// UnfinishedWrite is a write of which only the beginning is known. If the log is in use,
// it may be under way.
type UnfinishedWrite struct {
	Position
	Call, Tool, Operation string
}

// Fault is what is wrong with a line.
type Fault string

// What is wrong is told as exactly as what is left of the log allows.
const (
	Changed    Fault = "changed"      // it is not as it was written
	Missing    Fault = "missing"      // lines that were before it are not there
	OutOfOrder Fault = "out of order" // it belongs to this log, but not here
	CutShort   Fault = "cut short"    // it lacks its end, or the log does
	Foreign    Fault = "foreign"      // it does not belong to this log
)

// BrokenError is the first line that is wrong.
type BrokenError struct {
	File     string // whole path
	Line     int    // in the file, from 1; 0 if it is the whole file
	Sequence uint64 // number of the line that should be there
	Fault    Fault
	Reason   string // what is wrong with it
}

func (e *BrokenError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s: %s", e.File, e.Fault, e.Reason)
	}
	return fmt.Sprintf("%s, line %d, where line %d of the log should be: %s: %s", e.File, e.Line, e.Sequence, e.Fault, e.Reason)
}

// Verify checks the log in the file and in all full files that go before it. It
// may be in use meanwhile. The heads that were kept elsewhere have to be in it.
//
// If the log is not whole, the error is a BrokenError. Any other error says that
// it could not be found out.
func Verify(file string, kept ...Head) (Report, error) {
	report, err := verify(file, kept)
	var broken *BrokenError
	if err != nil && !errors.As(err, &broken) {
		err = fmt.Errorf("the audit log %q cannot be verified: %w", file, err)
	}
	return report, err
}

func verify(file string, kept []Head) (Report, error) {
	f, err := openFolder(file)
	if err != nil {
		return Report{}, err
	}
	defer f.root.Close()
	r, err := f.read()
	if err != nil {
		return Report{}, err
	}
	defer r.close()
	v := verifier{lines: r, begun: map[string][]UnfinishedWrite{}, kept: slices.SortedFunc(slices.Values(kept), func(a, b Head) int { return cmp.Compare(a.Sequence, b.Sequence) })}
	for _, s := range r.files {
		v.report.Files = append(v.report.Files, s.path)
	}
	err = v.all()
	for _, started := range v.begun {
		v.report.Unfinished = append(v.report.Unfinished, started...)
	}
	slices.SortFunc(v.report.Unfinished, func(a, b UnfinishedWrite) int { return cmp.Compare(a.Sequence, b.Sequence) })
	return v.report, err
}

// read opens the files of the log as they are at one moment. From then on they may
// get other names.
func (f *folder) read() (*reader, error) {
	for attempts := 10; ; attempts-- {
		r, err := f.tryRead()
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errReplaced) || attempts == 0 {
			return r, err
		}
		if olds, listed := f.fullFiles(); listed != nil || len(olds) == 0 {
			return nil, err
		}
		time.Sleep(5 * time.Millisecond) // a new file is just being begun, or an old one removed
	}
}

func (f *folder) tryRead() (*reader, error) {
	olds, err := f.fullFiles()
	if err != nil {
		return nil, err
	}
	r := &reader{newest: f.path}
	for _, number := range olds {
		err = cmp.Or(err, r.add(f, f.fullName(number)))
	}
	newest := f.name
	if err == nil {
		err = r.add(f, newest)
	}
	if errors.Is(err, fs.ErrNotExist) && len(r.files) == len(olds) && len(olds) > 0 {
		newest = f.next()
		err = r.add(f, newest)
		r.missing = errors.Is(err, fs.ErrNotExist)
	}
	if err == nil || r.missing {
		err = f.unchanged(r, olds, newest)
	}
	if err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

// unchanged says whether what was opened is still all there is, and in its place.
func (f *folder) unchanged(r *reader, olds []uint64, newest string) error {
	again, err := f.fullFiles()
	if err != nil {
		return err
	}
	if !slices.Equal(olds, again) {
		return errReplaced
	}
	if r.missing {
		newest = f.name
	}
	info, err := f.root.Lstat(newest)
	switch {
	case r.missing && errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case r.missing || !os.SameFile(info, r.files[len(r.files)-1].info):
		return errReplaced
	}
	return nil
}

// verifier goes through a log from its oldest line.
type verifier struct {
	lines  *reader
	report Report
	last   *sourceFile // where the newest line is
	head   Head        // the newest line that is whole
	inUse  bool        // a process has not said yet that it writes no more
	begins *rawLine    // where the log begins, if older lines are not there
	before string      // the file that should be in front of it
	pruned uint64      // the log itself removed what is before this line
	torn   []byte      // what is between the newest whole line and the next
	tornAt *rawLine    // where it begins
	begun  map[string][]UnfinishedWrite
	kept   []Head // those not yet passed, in order
}

func (v *verifier) all() error {
	for {
		p, err := v.lines.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = v.line(&p)
		}
		if err != nil {
			return err
		}
	}
	if v.tornAt != nil {
		return v.judge(v.tornAt, nil)
	}
	newest := v.lines.files[len(v.lines.files)-1]
	switch {
	case v.last != newest:
		return &BrokenError{File: newest.path, Sequence: v.head.Sequence + 1, Fault: CutShort, Reason: "there is no line in it"}
	case v.lines.missing:
		return &BrokenError{File: v.lines.newest, Sequence: v.head.Sequence + 1, Fault: Missing, Reason: "older files of the log are there, and the newest is not"}
	case v.begins != nil && v.pruned < v.report.First.Sequence:
		return v.headless()
	case len(v.kept) > 0:
		return &BrokenError{File: newest.path, Sequence: v.head.Sequence + 1, Fault: CutShort, Reason: fmt.Sprintf("the log ends with line %d, and line %d was there once", v.head.Sequence, v.kept[0].Sequence)}
	}
	return nil
}

// line takes the next line.
func (v *verifier) line(p *rawLine) error {
	if v.tornAt != nil && p.source != v.tornAt.source {
		return v.judge(v.tornAt, nil)
	}
	r, whole := parse(p.data)
	if !whole || !p.newline {
		return v.notWhole(p)
	}
	if v.report.Lines == 0 && v.tornAt == nil && r.Sequence > 1 && r.Log == rotated {
		// Whether the log may begin here, a syncTimer line has to say.
		v.begins, v.before = p, r.Before
		v.head = Head{r.Sequence - 1, r.Prev}
	}
	if r.Sequence != v.head.Sequence+1 || r.Prev != v.head.Hash || v.startsFile(p) && r.Log != rotated {
		return v.judge(cmp.Or(v.tornAt, p), r)
	}
	if v.tornAt != nil || r.Log == recovered {
		if v.tornAt == nil || !r.covers(v.torn[:len(v.torn)-1]) {
			return v.judge(cmp.Or(v.tornAt, p), r)
		}
		v.torn, v.tornAt = nil, nil
	}
	if err := v.compare(p, r); err != nil {
		return err
	}
	v.last = p.source
	v.take(r)
	return nil
}

// startsFile says whether the line is the first of a file that goes on where
// another one ended: that one is whole, and says so.
func (v *verifier) startsFile(p *rawLine) bool { return p.number == 1 && v.report.Lines > 0 }

// notWhole keeps what a crash may have left until the next whole line covers of it.
func (v *verifier) notWhole(p *rawLine) error {
	v.tornAt = cmp.Or(v.tornAt, p)
	v.torn = append(v.torn, p.data...)
	if p.newline {
		v.torn = append(v.torn, '\n')
	}
	if !p.newline || v.startsFile(p) || !couldBeTruncated(p.data, v.head) || len(v.torn) > 2*maxLine {
		return v.judge(v.tornAt, nil)
	}
	return nil
}

// compare holds the line against those that were kept elsewhere.
func (v *verifier) compare(p *rawLine, r *record) error {
	for len(v.kept) > 0 && v.kept[0].Sequence <= r.Sequence {
		kept := v.kept[0]
		v.kept = v.kept[1:]
		here := r.Hash
		switch {
		case kept.Sequence == v.head.Sequence:
			here = v.head.Hash
		case kept.Sequence < r.Sequence:
			return fmt.Errorf("line %d, which was kept elsewhere, is older than line %d, the first that is still there", kept.Sequence, r.Sequence)
		}
		if here != kept.Hash {
			return &BrokenError{
				File: p.source.path, Line: p.number, Sequence: r.Sequence, Fault: Changed,
				Reason: fmt.Sprintf("line %d has another hash than the one that was kept elsewhere: the log was written anew from there or earlier", kept.Sequence),
			}
		}
	}
	return nil
}

// take adds a line to what is whole.
func (v *verifier) take(r *record) {
	place := Position{r.head(), r.at}
	v.head = r.head()
	if v.report.Lines == 0 {
		v.report.First = place
	}
	v.report.Last = place
	v.report.Lines++
	v.report.Closed = r.Log == closed
	switch r.Log {
	case opened:
		if v.inUse {
			v.report.UncleanStops = append(v.report.UncleanStops, place)
		}
		v.inUse = true
	case closed:
		v.inUse = false
	case recovered:
		v.report.Recovered = append(v.report.Recovered, place)
	case pruned:
		v.pruned = max(v.pruned, r.From)
	case "":
		v.inUse = true
	}
	switch calls := v.begun[r.Call]; {
	case r.Phase == Begin:
		v.begun[r.Call] = append(calls, UnfinishedWrite{Position: place, Call: r.Call, Tool: r.Tool, Operation: r.Operation})
	case r.Phase == End && len(calls) > 1:
		v.begun[r.Call] = calls[1:]
	case r.Phase == End:
		delete(v.begun, r.Call)
	}
}
