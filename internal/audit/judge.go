package audit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
)

// evidence is what the whole log says about the place where its chain breaks.
type evidence struct {
	next    *record // the first whole line behind it
	torn    []byte  // what is before that, if the line is not whole
	goesOn  bool    // the line that should be there comes syncTimer
	related bool    // the line that is there is chained to another one
	seen    bool    // the line that is there was there before
	leads   bool    // from the line that is there, a chain leads to the end
}

// judge says what is wrong with the line that does not go on where the log ended
// so far. It is nil if it is not whole.
func (v *verifier) judge(at *rawLine, r *record) error {
	e, err := v.gather(at, r)
	if err != nil {
		return err
	}
	broken := &BrokenError{File: at.source.path, Line: at.number, Sequence: v.head.Sequence + 1}
	if v.report.Lines == 0 && e.next != nil {
		broken.Sequence = max(1, e.next.Sequence-1) // the log may begin late
	}
	if r == nil || v.tornAt != nil {
		broken.Fault, broken.Reason = v.judgeTorn(e)
	} else {
		broken.Fault, broken.Reason = v.judgeWhole(r, e)
	}
	return broken
}

const notABeginning = "it is not how a new file of this log begins"

// judgeTorn judges what is between two whole lines, or behind the last.
func (v *verifier) judgeTorn(e evidence) (Fault, string) {
	const noHash = "it does not have the hash that it bears"
	torn := bytes.TrimSuffix(e.torn, []byte("\n"))
	parts := bytes.Split(torn, []byte("\n"))
	implausible := func(part []byte) bool { return !couldBeTruncated(part, v.head) }
	plausible := !slices.ContainsFunc(parts, implausible)
	last, whole := parse(parts[len(parts)-1])
	if whole && len(parts) > 1 { // then it has to tell of what is before it
		whole = last.covers(bytes.Join(parts[:len(parts)-1], []byte("\n")))
	}
	switch {
	case e.next != nil && e.next.Sequence > v.head.Sequence+1 && e.next.covers(torn):
		return Missing, missingLines(v.head.Sequence+1, e.next.Sequence)
	case e.goesOn && v.startsFile(v.tornAt) && e.next.covers(torn):
		return Foreign, notABeginning
	case e.goesOn && e.next.covers(bytes.Join(slices.DeleteFunc(parts, implausible), []byte("\n"))):
		return Foreign, "it, or what is behind it, is no line of an audit log"
	case e.goesOn && e.next.Log == recovered:
		return Changed, "it was cut off by a crash, and is not what was left of it then"
	case e.goesOn:
		return Foreign, "it is no line of an audit log"
	case whole:
		return CutShort, "it lacks its newline"
	case startsWhole(torn):
		return Changed, "there is something else where its newline should be"
	case sealed(torn):
		return Changed, noHash
	case plausible:
		return CutShort, "it ends early, and no line tells of a crash"
	case ours(torn) || e.next != nil && e.next.Sequence > v.head.Sequence+1:
		return Changed, noHash
	default:
		return Foreign, "it is no line of an audit log"
	}
}

// judgeWhole judges a line that is whole by itself.
func (v *verifier) judgeWhole(r *record, e evidence) (Fault, string) {
	wanted := v.head.Sequence + 1
	switch {
	case r.Sequence == wanted && r.Prev == v.head.Hash && r.Log == recovered:
		return Missing, "it tells of a line that a crash cut off, and that one is not there"
	case r.Sequence == wanted && r.Prev == v.head.Hash:
		return Foreign, notABeginning
	case e.seen:
		return OutOfOrder, fmt.Sprintf("line %d is here a second time", r.Sequence)
	case e.goesOn && e.related:
		return OutOfOrder, fmt.Sprintf("line %d is here, and line %d comes later", r.Sequence, wanted)
	case r.Sequence == wanted && e.leads:
		return Changed, "it does not follow from the line before, which was changed and its hash computed anew, or all from here on is of another log"
	case e.goesOn || r.Sequence <= wanted:
		return Foreign, fmt.Sprintf("it is line %d of another log, or the line before it was changed and its hash computed anew", r.Sequence)
	case v.report.Lines == 0:
		return Missing, fmt.Sprintf("the log begins with line %d", r.Sequence)
	default:
		text := missingLines(wanted, r.Sequence)
		if r.Log == rotated {
			text += ", nor is the file " + r.Before
		}
		return Missing, text
	}
}

// missingLines says which lines are missing before the one that is there.
func missingLines(wanted, there uint64) string {
	if wanted == there-1 {
		return fmt.Sprintf("line %d is here, and line %d is nowhere", there, wanted)
	}
	return fmt.Sprintf("line %d is here, and lines %d to %d are nowhere", there, wanted, there-1)
}

// headless says that the lines before the first are not there, and that the log
// did not remove them itself.
func (v *verifier) headless() error {
	return &BrokenError{
		File: v.begins.source.path, Line: v.begins.number, Sequence: max(1, v.pruned), Fault: Missing,
		Reason: fmt.Sprintf("line %d is here, and the lines before it, up to the end of the file %s, were not removed by the log itself", v.report.First.Sequence, v.before),
	}
}

// gather goes through the whole log once more.
func (v *verifier) gather(at *rawLine, r *record) (e evidence, err error) {
	if err := v.lines.rewind(); err != nil {
		return e, err
	}
	behind := false
	end := r
	for {
		p, err := v.lines.next()
		if errors.Is(err, io.EOF) {
			e.leads = end != nil && end != r
			return e, nil
		}
		if err != nil {
			return e, err
		}
		if p.source == at.source && p.number == at.number {
			behind = true
			if v.tornAt == nil {
				continue
			}
		}
		other, whole := parse(p.data)
		if !whole || !p.newline {
			if behind && e.next == nil && p.source == at.source && len(e.torn) < 2*maxLine {
				e.torn = append(append(e.torn, p.data...), '\n')
			}
			continue
		}
		if behind {
			e.goesOn = e.goesOn || other.Sequence == v.head.Sequence+1 && other.Prev == v.head.Hash && (v.tornAt == nil || e.next == nil)
			if e.next == nil {
				e.next = other
			}
			if end != nil && end.Hash == other.Prev {
				end = other
			} else {
				end = nil
			}
		}
		if r != nil && v.tornAt == nil {
			e.related = e.related || other.Prev == r.Hash || other.Hash == r.Prev
			e.seen = e.seen || !behind && other.Hash == r.Hash
		}
	}
}

// startsWhole says whether a whole line is at the beginning of the data, with more
// behind it.
func startsWhole(data []byte) bool {
	from := 0
	for range 100 { // arguments may hold what looks like a hash, and somebody may have planted many
		i := bytes.Index(data[from:], []byte(`,"hash":"`))
		end := from + i + hashMemberLength
		if i < 0 || end >= len(data) {
			return false
		}
		if _, whole := parse(data[:end]); whole {
			return true
		}
		from += i + 1
	}
	return false
}

// ours says whether the data looks like a line of an audit log, though it is none.
func ours(data []byte) bool {
	return sealed(data) || bytes.Contains(data, []byte(`"seq":`)) || bytes.Contains(data, []byte(`,"prev":"`))
}
