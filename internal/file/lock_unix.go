//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package file

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Lock takes a lock, a file of a folder, or fails with ErrLocked. The system releases
// it when the process ends. The file stays: after its removal two processes could lock
// two files of the same name.
func Lock(root *os.Root, name string) (unlock func(), err error) {
	path := filepath.Join(root.Name(), name)
	lock, _, err := CreatePrivate(root, name)
	if errors.Is(err, fs.ErrExist) {
		if lock, _, err = Open(root, name, os.O_RDWR); err != nil {
			err = fmt.Errorf("%q: %w", path, err)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("its lock file cannot be created: %w", Cause(err))
	}
	fd := int(lock.Fd())
	for {
		if err = syscall.Flock(fd, syscall.LOCK_EX|syscall.LOCK_NB); err != syscall.EINTR { //nolint:errorlint // an errno is compared as such
			break
		}
	}
	if err != nil {
		lock.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, ErrLocked
		}
		return nil, fmt.Errorf("%q cannot be locked: %w", path, err)
	}
	return func() {
		// A process that is being started may briefly hold a copy of the descriptor.
		_ = syscall.Flock(fd, syscall.LOCK_UN)
		lock.Close()
	}, nil
}
