//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package audit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"github.com/retool-mcp/retool-mcp/internal/file"
)

// lock takes the lock of the log. The system releases it when the process ends.
// The file stays: after its removal two processes could lock two files of the same
// name.
func (f *folder) lock() (unlock func(), err error) {
	name := f.name + ".lock"
	lock, _, err := file.CreatePrivate(f.root, name)
	if errors.Is(err, fs.ErrExist) {
		lock, _, err = f.open(name, os.O_RDWR)
	}
	if err != nil {
		return nil, fmt.Errorf("its lock file cannot be created: %w", file.Cause(err))
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
			return nil, errInUse
		}
		return nil, fmt.Errorf("%q cannot be locked: %w", f.path(name), err)
	}
	return func() {
		// A process that is being started may briefly hold a copy of the descriptor.
		_ = syscall.Flock(fd, syscall.LOCK_UN)
		lock.Close()
	}, nil
}
