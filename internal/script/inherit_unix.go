//go:build unix

package script

import (
	"os"
	"strconv"
	"sync"
	"syscall"
)

// keepFiles keeps files from children that whoever started this program left open
// for it: Go marks those that it opens itself, and no others.
var keepFiles = sync.OnceFunc(func() {
	files, _ := os.ReadDir("/dev/fd") // where there is none, nothing is known of them
	for _, file := range files {
		if fd, err := strconv.Atoi(file.Name()); err == nil && fd > syscall.Stderr {
			syscall.CloseOnExec(fd)
		}
	}
})
