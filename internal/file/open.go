package file

import (
	"errors"
	"io/fs"
	"os"
)

// Errors of Open and Lock.
var (
	// ErrReplaced says that a file is no longer what it was a moment ago.
	ErrReplaced = errors.New("the file was removed or replaced while in use")
	// ErrLocked says that another process, or another part of this one, has a lock.
	ErrLocked = errors.New("locked by another process")
)

// Open opens a regular file of a folder: no link, which somebody else may have made,
// and no device. Its errors do not name the file.
func Open(root *os.Root, name string, flag int) (opened *os.File, info fs.FileInfo, err error) {
	listed, err := root.Lstat(name)
	switch {
	case err != nil:
		return nil, nil, Cause(err)
	case listed.Mode()&fs.ModeSymlink != 0:
		return nil, nil, errors.New("symbolic link: name the file itself")
	case !listed.Mode().IsRegular():
		return nil, nil, errors.New("not a regular file")
	}
	if opened, err = root.OpenFile(name, flag, 0); err != nil {
		return nil, nil, Cause(err)
	}
	info, err = opened.Stat()
	if err == nil && !os.SameFile(listed, info) {
		err = ErrReplaced
	}
	if err != nil {
		opened.Close()
	}
	return opened, info, err
}
