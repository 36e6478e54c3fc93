//go:build !unix

package file

import "io/fs"

// IsPrivate reports whether a file is for the user of this process, which only
// systems with modes can tell.
func IsPrivate(fs.FileInfo) bool { return true }

// IsOwn reports whether a file belongs to the user of this process, which only
// systems with modes can tell.
func IsOwn(fs.FileInfo) bool { return true }
