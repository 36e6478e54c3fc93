//go:build !unix

package engine

import "time"

// limitProcess has nothing to do: the limits of the virtual machine and of the parent
// hold alone.
func limitProcess(time.Duration) {}
