//go:build !darwin && !dragonfly && !freebsd && !illumos && !linux && !netbsd && !openbsd && !windows

package file

import (
	"errors"
	"os"
)

// Lock fails: this system has no locks.
func Lock(*os.Root, string) (unlock func(), err error) {
	return nil, errors.New("this needs file locks, which this system does not have")
}
