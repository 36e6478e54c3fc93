//go:build !darwin && !dragonfly && !freebsd && !illumos && !linux && !netbsd && !openbsd && !windows

package audit

import "errors"

// lock refuses: without locks, two processes could write to the same chain.
func (f *folder) lock() (unlock func(), err error) {
	return nil, errors.New("this system has no locks that an audit log could use")
}
