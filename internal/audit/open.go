package audit

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/retool-mcp/retool-mcp/internal/file"
)

// errNotResumable means that the log does not end as a crash can leave it.
var errNotResumable = errors.New("the log cannot be continued: verify it to find the fault, or move its files away to start a new log")

// resume finds the end of the log and completes what a crash left. It removes
// nothing of the log.
func (l *Log) resume() error {
	full, err := l.openNewest()
	if err != nil {
		return err
	}
	f := l.folder
	l.size = l.info.Size()
	l.filled = l.size > 0
	l.first = 1
	if l.size == 0 && len(full) == 0 {
		return nil
	}
	first, err := firstLine(l.file)
	switch {
	case err != nil:
		return err
	case first != nil:
		l.first = first.Sequence
	case len(full) > 0: // a crash can only truncate the very first line of a log
		return fmt.Errorf("%q does not continue %q: %w", f.newest, f.path(f.fullName(full[len(full)-1])), errNotResumable)
	}
	end, err := endOf(l.file, l.size)
	if err != nil {
		return err
	}
	l.head = end.head
	return l.repair(end)
}

// openNewest opens or creates the newest file. It returns the numbers of the full
// ones.
func (l *Log) openNewest() ([]uint64, error) {
	f := l.folder
	full, err := f.fullFiles()
	if err != nil {
		return nil, err
	}
	l.file, l.info, err = f.openPrivate(f.name)
	switch {
	case err == nil: // then a next file is left from an interrupted rotation
		err = f.remove(f.next())
	case !errors.Is(err, fs.ErrNotExist):
	case len(full) == 0:
		if err = f.remove(f.next()); err == nil {
			l.file, l.info, err = file.CreatePrivate(f.root, f.name)
		}
	default:
		if err = f.finishRotation(full[len(full)-1]); err == nil {
			l.file, l.info, err = f.openPrivate(f.name)
		}
	}
	return full, err
}

// finishRotation renames a next file to the newest, if it continues the last full
// one.
func (f *folder) finishRotation(last uint64) error {
	missing := fmt.Errorf("%q is missing, but %q precedes it: %w", f.newest, f.path(f.fullName(last)), errNotResumable)
	next, _, err := f.openPrivate(f.next())
	if errors.Is(err, fs.ErrNotExist) {
		return missing
	}
	if err != nil {
		return err
	}
	defer next.Close()
	full, info, err := f.open(f.fullName(last), os.O_RDONLY)
	if err != nil {
		return err
	}
	defer full.Close()
	first, err := firstLine(next)
	if err != nil {
		return err
	}
	end, err := endOf(full, info.Size())
	if err != nil {
		return err
	}
	if first == nil || !end.newline || end.truncated != nil || first.Sequence != end.head.Sequence+1 || first.Prev != end.head.Hash {
		return missing
	}
	return f.root.Rename(f.next(), f.name)
}

// firstLine reads the first line of a file; nil if it is not valid.
func firstLine(r io.ReaderAt) (*record, error) {
	lines := bufio.NewReader(io.NewSectionReader(r, 0, maxLine))
	data, err := lines.ReadBytes('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	first, _ := parse(bytes.TrimSuffix(data, []byte("\n")))
	return first, nil
}

// ending is the end of a file.
type ending struct {
	head      Head   // the last valid line
	truncated []byte // the bytes after it
	newline   bool   // the file ends with a newline
}

// endOf reads a file backward to its last valid line.
func endOf(r io.ReaderAt, size int64) (ending, error) {
	for window := int64(64 << 10); ; window *= 4 {
		start := max(0, size-window)
		data := make([]byte, size-start)
		if _, err := io.ReadFull(io.NewSectionReader(r, start, size-start), data); err != nil {
			return ending{}, err
		}
		if start > 0 {
			_, data, _ = bytes.Cut(data, []byte("\n")) // drop the partial line
		}
		end, found := endIn(data)
		switch {
		case !found && start > 0 && window < 4*maxLine:
			continue
		case !found && start > 0:
			return ending{}, errNotResumable
		}
		if end.truncated == nil {
			return end, nil
		}
		for line := range bytes.SplitSeq(end.truncated, []byte("\n")) {
			if !couldBeTruncated(line, end.head) {
				return ending{}, fmt.Errorf("the data after line %d is neither a line nor a truncated one: %w", end.head.Sequence, errNotResumable)
			}
		}
		return end, nil
	}
}

// endIn finds the last valid line in the data. Several truncated lines may follow:
// a crash can interrupt the repair of another one.
func endIn(data []byte) (end ending, found bool) {
	rest, newline := bytes.CutSuffix(data, []byte("\n"))
	end.newline = newline
	for stop := len(rest); ; {
		start := bytes.LastIndexByte(rest[:stop], '\n') + 1
		if r, _ := parse(rest[start:stop]); r != nil {
			end.head = r.head()
			if stop < len(rest) {
				end.truncated = rest[stop+1:]
			}
			return end, true
		}
		if start == 0 {
			end.truncated = rest
			return end, false
		}
		stop = start - 1
	}
}

// repair adds a missing newline, and a line that records a truncated one.
func (l *Log) repair(end ending) error {
	var missing []byte
	if !end.newline {
		missing = []byte("\n")
	}
	if end.truncated == nil {
		return l.write(missing, l.head)
	}
	length := len(end.truncated)
	line, head := l.eventLine(event{Log: recovered, Truncated: &length, TruncatedHash: hashOf(end.truncated)})
	return l.write(append(missing, line...), head)
}
