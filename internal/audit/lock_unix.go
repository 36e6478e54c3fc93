//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package audit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// lock takes the lock of the log, which the system gives back when the process
// ends in whatever way. The file stays: removing it would let two processes lock
// two files of the same name.
func (f *folder) lock() (unlock func(), err error) {
	name := f.name + ".lock"
	file, _, err := f.create(name)
	if errors.Is(err, fs.ErrExist) {
		file, _, err = f.open(name, os.O_RDWR)
	}
	if err != nil {
		return nil, fmt.Errorf("no lock can be made beside it: %w", cause(err))
	}
	fd := int(file.Fd())
	for {
		if err = syscall.Flock(fd, syscall.LOCK_EX|syscall.LOCK_NB); err != syscall.EINTR { //nolint:errorlint // an errno is compared as such
			break
		}
	}
	if err != nil {
		file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errInUse
		}
		return nil, fmt.Errorf("%q cannot be locked: %w", f.at(name), err)
	}
	return func() {
		// A process that is just being started may hold a copy of the descriptor for a moment.
		_ = syscall.Flock(fd, syscall.LOCK_UN)
		file.Close()
	}, nil
}
