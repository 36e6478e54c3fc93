package audit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/retool-mcp/retool-mcp/internal/file"
)

// rotate starts a new file. A crash between two steps leaves a log that can be
// continued:
//
//  1. FILE.next is written with the first line of the new file. It does not count
//     yet; Open removes it.
//  2. FILE becomes FILE.N. Now FILE.next counts: Open completes the rotation, and
//     Verify reads FILE.next as the newest file.
//  3. FILE.next becomes FILE.
//
// So a missing FILE without FILE.next was removed by another program.
func (l *Log) rotate() error {
	f := l.folder
	full := f.fullName(l.first)
	if _, err := f.root.Lstat(full); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%q already exists", f.path(full))
	}
	// The new file must not survive lines of the old one.
	if err := l.sync(); err != nil {
		return err
	}
	line, head := l.eventLine(event{Log: rotated, Before: full})
	next, info, err := f.createNext(line)
	if err != nil {
		return err
	}
	if err := l.swap(full); err != nil {
		next.Close()
		return err
	}
	l.file.Close()
	l.file, l.info, l.size, l.filled = next, info, int64(len(line)), false
	l.first, l.head = head.Sequence, head
	if err := file.SyncFolder(f.root); err != nil {
		return l.fail(err)
	}
	return l.prune()
}

// createNext is step 1.
func (f *folder) createNext(line []byte) (*os.File, fs.FileInfo, error) {
	if err := f.remove(f.next()); err != nil {
		return nil, nil, err
	}
	next, info, err := file.CreatePrivate(f.root, f.next())
	if err != nil {
		return nil, nil, err
	}
	if _, err = next.Write(line); err == nil {
		err = next.Sync()
	}
	if err == nil {
		err = file.SyncFolder(f.root)
	}
	if err != nil {
		next.Close()
		_ = f.root.Remove(f.next()) // the first error counts
		return nil, nil, err
	}
	return next, info, nil
}

// swap is steps 2 and 3. It undoes step 2 if step 3 fails.
func (l *Log) swap(full string) error {
	f := l.folder
	if err := f.root.Rename(f.name, full); err != nil {
		_ = f.root.Remove(f.next())
		return err
	}
	err := f.root.Rename(f.next(), f.name)
	if err == nil {
		return nil
	}
	if f.root.Rename(full, f.name) != nil {
		l.failed = fmt.Errorf("%q could not be renamed: restart the program: %w", f.path(f.next()), file.Cause(err))
		return l.failed
	}
	_ = f.root.Remove(f.next())
	return err
}

// prune removes the oldest full files beyond Options.Keep. It first writes a line
// that records them: Verify reports a file that is missing without one. Files that
// cannot be removed stay until the next time.
func (l *Log) prune() error {
	if l.options.Keep == 0 {
		return nil
	}
	f := l.folder
	full, err := f.fullFiles()
	if err != nil || len(full) <= l.options.Keep {
		return err
	}
	excess := full[:len(full)-l.options.Keep]
	e := event{Log: pruned, From: full[len(excess)]}
	for _, number := range excess {
		e.Files = append(e.Files, f.fullName(number))
	}
	line, head := l.eventLine(e) // not addEvent, which may rotate
	if err := l.write(line, head); err != nil {
		return err
	}
	if err := l.sync(); err != nil {
		return err
	}
	for _, name := range e.Files {
		if f.root.Remove(name) != nil {
			return nil //nolint:nilerr // keep the newer ones: the oldest must go first
		}
	}
	return nil
}
