//go:build unix

package engine

import (
	"runtime"
	"syscall"
	"time"
)

// limitProcess limits what this process can do for the rest of its life: the parent's
// limits hold without these, which are for what it does not see. What a system does
// not have is left out.
func limitProcess(deadline time.Duration) {
	const cpuPerSecond, more = 2, 5 // the garbage collector works beside the script
	limitMemory()
	limit(syscall.RLIMIT_CPU, cpuPerSecond*uint64(max(deadline, 0)/time.Second)+more)
	limit(syscall.RLIMIT_FSIZE, 0)
	limit(syscall.RLIMIT_CORE, 0)
	limit(syscall.RLIMIT_NOFILE, 8)
	// The calls of others come first. Linux has a priority per thread: JavaScript runs
	// in this one.
	runtime.LockOSThread()
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, niceness) // see below
}

// niceness is that of a process that calculates for long: beside another it gets a
// tenth of the time.
const niceness = 10

func limit(what int, most uint64) {
	_ = syscall.Setrlimit(what, &syscall.Rlimit{Cur: most, Max: most}) // see limitProcess
}
