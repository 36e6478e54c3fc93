//go:build unix

package engine

import (
	"syscall"
	"time"
)

// limitProcess limits what this process can do for the rest of its life: the parent's
// limits hold without these, which are for what it does not see. What a system does
// not have is left out.
func limitProcess(deadline time.Duration) {
	const cpuPerSecond, more = 2, 5 // the garbage collector works beside the script
	limit(syscall.RLIMIT_CPU, cpuPerSecond*uint64(deadline/time.Second)+more)
	limit(syscall.RLIMIT_FSIZE, 0)
	limit(syscall.RLIMIT_CORE, 0)
	limit(syscall.RLIMIT_NOFILE, 8)
	limitMemory()
}

func limit(what int, most uint64) {
	_ = syscall.Setrlimit(what, &syscall.Rlimit{Cur: most, Max: most}) // see limitProcess
}
