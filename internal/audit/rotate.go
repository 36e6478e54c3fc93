package audit

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/retool-mcp/retool-mcp/internal/file"
)

// rotate begins a new file. Whatever stops it between two steps, what is there can
// be gone on with:
//
//  1. FILE.next is written, with the first line of the new file. It does not count
//     yet; who opens the log removes it.
//  2. FILE becomes FILE.N. From here on FILE.next counts: who opens the log does
//     the next step, who verifies it reads FILE.next as the newest file.
//  3. FILE.next becomes FILE.
//
// So FILE is never missing without FILE.next, and if it is, somebody removed it.
func (l *Log) rotate() error {
	f := l.folder
	old := f.fullName(l.first)
	if _, err := f.root.Lstat(old); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%q is in the way of a new file", f.at(old))
	}
	// The new file must not outlive lines of the old one.
	err := l.file.Sync()
	l.noteSync(l.head.Sequence, err)
	if err != nil {
		return l.failed
	}
	object, err := object(logEvent{Log: rotated, Before: old})
	if err != nil {
		return err
	}
	line, head := encodeLine(l.head, l.options.Now(), object)
	if err := f.remove(f.next()); err != nil {
		return err
	}
	next, info, err := file.CreatePrivate(f.root, f.next())
	if err != nil {
		return err
	}
	if _, err = next.Write(line); err == nil {
		err = next.Sync()
	}
	if err == nil {
		err = file.SyncFolder(f.root)
	}
	if err == nil {
		err = f.root.Rename(f.name, old)
	}
	if err != nil {
		next.Close()
		_ = f.root.Remove(f.next()) // the error that counts is the first
		return err
	}
	if err := f.root.Rename(f.next(), f.name); err != nil {
		next.Close()
		if back := f.root.Rename(old, f.name); back != nil {
			l.failed = fmt.Errorf("%q has no name of its own until the program is started anew: %w", f.at(f.next()), file.Cause(err))
			return l.failed
		}
		_ = f.root.Remove(f.next())
		return err
	}
	l.file.Close()
	l.file, l.info, l.size, l.filled = next, info, int64(len(line)), false
	l.first, l.head = head.Sequence, head
	err = file.SyncFolder(f.root)
	l.noteSync(l.head.Sequence, err)
	if err != nil {
		return l.failed
	}
	return l.prune()
}

// prune removes the files that are too many, after a line that says so: a file
// that is missing without it is one that somebody took away. If the files
// cannot be removed, they stay until the next time.
func (l *Log) prune() error {
	if l.options.Keep == 0 {
		return nil
	}
	f := l.folder
	olds, err := f.fullFiles()
	if err != nil || len(olds) <= l.options.Keep {
		return err
	}
	gone := olds[:len(olds)-l.options.Keep]
	own := logEvent{Log: pruned, From: olds[len(gone)]}
	for _, number := range gone {
		own.Files = append(own.Files, f.fullName(number))
	}
	data, err := object(own)
	if err != nil {
		return err
	}
	// Not by add, which may begin another file.
	line, head := encodeLine(l.head, l.options.Now(), data)
	if err := l.write(line, head); err != nil {
		return err
	}
	err = l.file.Sync()
	l.noteSync(l.head.Sequence, err)
	if err != nil {
		return l.failed
	}
	for _, name := range own.Files {
		if f.root.Remove(name) != nil {
			return nil //nolint:nilerr // a newer one must not go before an older one
		}
	}
	return nil
}

// remove removes what there may be.
func (f *folder) remove(name string) error {
	if err := f.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
