//go:build !darwin && !dragonfly && !freebsd && !illumos && !linux && !netbsd && !openbsd && !windows

package audit

import "errors"

// lock fails: without locks, two processes could write to the same chain.
func (f *folder) lock() (unlock func(), err error) {
	return nil, errors.New("audit logs need file locks, which this system does not have")
}
