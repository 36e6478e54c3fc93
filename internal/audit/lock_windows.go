package audit

import (
	"errors"
	"fmt"
	"syscall"
)

// errSharing is ERROR_SHARING_VIOLATION.
const errSharing = syscall.Errno(32)

// lock takes the lock of the log: a file that no other process can open meanwhile.
func (f *folder) lock() (unlock func(), err error) {
	path := f.path(f.name + ".lock")
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	handle, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, 0, nil, syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	switch {
	case errors.Is(err, errSharing):
		return nil, errInUse
	case err != nil:
		return nil, fmt.Errorf("its lock file cannot be created: %w", err)
	}
	return func() { _ = syscall.CloseHandle(handle) }, nil
}
