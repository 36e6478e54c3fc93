// Package file writes files that survive a crash and a careless neighbor: whole
// or not at all, for their owner alone, with names that outlive a power failure.
package file

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// HasModes reports whether the system has permissions of the kind that chmod sets.
const HasModes = runtime.GOOS != "windows"

// Cause returns an error of the file system without the operation and the path,
// for messages that name the path themselves.
func Cause(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err
	}
	if link, ok := errors.AsType[*os.LinkError](err); ok {
		return link.Err
	}
	return err
}

// temporary is the part of a file's name that says that it is being written.
const temporary = ".new-"

// abandoned is the age at which such a file belongs to a process that was killed.
const abandoned = time.Hour

// Replace gives a file new content. Readers see the old one or the new one,
// whenever the process ends; only the owner can read it.
func Replace(name string, data []byte) (err error) {
	dir := filepath.Dir(name)
	f, err := os.CreateTemp(dir, "."+filepath.Base(name)+temporary+"*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	return SyncFolder(root)
}

// RemoveLeftovers removes what killed processes left of files that they were
// writing with Replace, and whose names begin with prefix.
func RemoveLeftovers(dir, prefix string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), "."+prefix) || !strings.Contains(e.Name(), temporary) {
			continue
		}
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > abandoned {
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}

// CreatePrivate creates an empty file that only its owner can read. Whatever has
// the name, a link that leads nowhere included, is fs.ErrExist.
func CreatePrivate(root *os.Root, name string) (*os.File, fs.FileInfo, error) {
	f, err := root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, nil, err
	}
	if HasModes {
		err = f.Chmod(0o600) // the umask may have taken bits away
	}
	info, failed := f.Stat()
	if err = errors.Join(err, failed); err != nil {
		f.Close()
		_ = root.Remove(name) // the first error counts
		return nil, nil, err
	}
	return f, info, nil
}

// SyncFolder makes sure that the names of new files outlive a power failure.
func SyncFolder(root *os.Root) error {
	if !HasModes {
		return nil // Windows cannot sync a folder
	}
	dir, err := root.Open(".")
	if err != nil {
		return err
	}
	defer dir.Close()
	err = dir.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		return nil // nor can some file systems
	}
	return err
}
