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

// resume finds out where the log ends, and puts right what a crash left. It
// deletes nothing of it.
func (l *Log) resume() error {
	f := l.folder
	olds, err := f.fullFiles()
	if err != nil {
		return err
	}
	l.file, l.info, err = f.openPrivate(f.name)
	switch {
	case err == nil: // what there is of a next file does not count yet
		err = f.remove(f.next())
	case !errors.Is(err, fs.ErrNotExist):
	case len(olds) == 0:
		if err = f.remove(f.next()); err == nil {
			l.file, l.info, err = file.CreatePrivate(f.root, f.name)
		}
	default:
		if err = f.finishRotation(olds[len(olds)-1]); err == nil {
			l.file, l.info, err = f.openPrivate(f.name)
		}
	}
	if err != nil {
		return err
	}

	l.size = l.info.Size()
	l.filled = l.size > 0
	l.first = 1
	if l.size == 0 && len(olds) == 0 {
		return nil
	}
	first, err := firstLine(l.file)
	switch {
	case err != nil:
		return err
	case first != nil:
		l.first = first.Sequence
	case len(olds) > 0: // only the very first line can be truncated
		return fmt.Errorf("%q does not go on where %q ended: %w", f.path, f.at(f.fullName(olds[len(olds)-1])), errNotResumable)
	}
	end, err := endOf(l.file, l.size)
	if err != nil {
		return err
	}
	l.head = end.head
	return l.repair(end)
}

// finishRotation gives a new file its place, if it goes on where the last of the
// full ones ended.
func (f *folder) finishRotation(last uint64) error {
	missing := fmt.Errorf("%q is missing, although %q goes before it: %w", f.path, f.at(f.fullName(last)), errNotResumable)
	next, _, err := f.openPrivate(f.next())
	if errors.Is(err, fs.ErrNotExist) {
		return missing
	}
	if err != nil {
		return err
	}
	defer next.Close()
	old, info, err := f.open(f.fullName(last), os.O_RDONLY)
	if err != nil {
		return err
	}
	defer old.Close()
	first, err := firstLine(next)
	if err != nil {
		return err
	}
	end, err := endOf(old, info.Size())
	if err != nil {
		return err
	}
	if first == nil || !end.complete() || first.Sequence != end.head.Sequence+1 || first.Prev != end.head.Hash {
		return missing
	}
	return f.root.Rename(f.next(), f.name)
}

// firstLine reads the first line of a file; nil if it is not whole.
func firstLine(file io.ReaderAt) (*record, error) {
	lines := bufio.NewReader(io.NewSectionReader(file, 0, maxLine))
	data, err := lines.ReadBytes('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if r, whole := parse(bytes.TrimSuffix(data, []byte("\n"))); whole {
		return r, nil
	}
	return nil, nil //nolint:nilnil // nothing is wrong with a line that a crash cut off
}

// ending is how a file ends.
type ending struct {
	head      Head   // the last whole line
	truncated []byte // what a crash left behind it
	newline   bool   // there is a newline at the very end
}

// complete says whether the file ends as one does that no crash interrupted.
func (e ending) complete() bool { return e.newline && e.truncated == nil }

// endOf reads the end of a file, as far back as the last whole line is.
func endOf(file io.ReaderAt, size int64) (ending, error) {
	for window := int64(64 << 10); ; window *= 4 {
		start := max(0, size-window)
		data, err := readAll(file, start, size)
		if err != nil {
			return ending{}, err
		}
		if start > 0 {
			_, data, _ = bytes.Cut(data, []byte("\n")) // the first is not all there
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
		for piece := range bytes.SplitSeq(end.truncated, []byte("\n")) {
			if !couldBeTruncated(piece, end.head) {
				return ending{}, fmt.Errorf("what follows line %d is neither whole nor what a crash leaves: %w", end.head.Sequence, errNotResumable)
			}
		}
		return end, nil
	}
}

// endIn looks for the last whole line. What follows it was truncated, and may be in
// several lines: a crash can interrupt what puts another crash right.
func endIn(data []byte) (end ending, found bool) {
	rest, newline := bytes.CutSuffix(data, []byte("\n"))
	end.newline = newline
	for stop := len(rest); ; {
		start := bytes.LastIndexByte(rest[:stop], '\n') + 1
		if r, whole := parse(rest[start:stop]); whole {
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

// repair completes the last line with a newline if it lacks one, and covers of one
// that is not whole.
func (l *Log) repair(end ending) error {
	var missing []byte
	if !end.newline {
		missing = []byte("\n")
	}
	if end.truncated == nil {
		return l.write(missing, l.head)
	}
	data, err := object(recoveredLine(end.truncated))
	if err != nil {
		return err
	}
	line, head := encodeLine(l.head, l.options.Now(), data)
	return l.write(append(missing, line...), head)
}
