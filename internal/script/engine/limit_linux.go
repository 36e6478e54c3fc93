package engine

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

// addressSpace is what the process may map beyond what it has mapped at its start:
// the 64 MB of the virtual machine, as much for the messages of both directions, and
// what the Go runtime reserves around them.
const addressSpace = 512 << 20

// limitMemory bounds the address space. Go reserves much of it at the start, so the
// bound is relative to that.
func limitMemory() {
	// Where the system has none left it ends this process first, not its parent.
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0) // see limitProcess
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return
	}
	size, _, _ := bytes.Cut(statm, []byte(" "))
	if pages, err := strconv.ParseUint(string(size), 10, 64); err == nil {
		limit(syscall.RLIMIT_AS, pages*uint64(os.Getpagesize())+addressSpace) //nolint:gosec // a page is no negative number of bytes
	}
}
