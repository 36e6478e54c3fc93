//go:build unix

package file

import (
	"io/fs"
	"os"
	"syscall"
)

// IsOwn reports whether a file belongs to the user of this process.
func IsOwn(info fs.FileInfo) bool {
	owner, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(owner.Uid) == os.Geteuid()
}

// IsPrivate reports whether a file is for the user of this process. A file of
// somebody else, as root's in a container, may be for a group too.
func IsPrivate(info fs.FileInfo) bool {
	mode := info.Mode().Perm()
	owner, ok := info.Sys().(*syscall.Stat_t)
	if ok && int(owner.Uid) != os.Geteuid() {
		return mode&0o037 == 0
	}
	return mode&0o077 == 0
}
