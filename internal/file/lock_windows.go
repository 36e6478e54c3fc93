package file

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// errSharing is ERROR_SHARING_VIOLATION.
const errSharing = syscall.Errno(32)

// Lock takes a lock, a file of a folder that no other process can open meanwhile, or
// fails with ErrLocked.
func Lock(root *os.Root, name string) (unlock func(), err error) {
	path, err := syscall.UTF16PtrFromString(filepath.Join(root.Name(), name))
	if err != nil {
		return nil, err
	}
	handle, err := syscall.CreateFile(path, syscall.GENERIC_READ|syscall.GENERIC_WRITE, 0, nil, syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	switch {
	case errors.Is(err, errSharing):
		return nil, ErrLocked
	case err != nil:
		return nil, fmt.Errorf("its lock file cannot be created: %w", err)
	}
	return func() { _ = syscall.CloseHandle(handle) }, nil
}
