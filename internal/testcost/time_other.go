//go:build !unix

package testcost

import "time"

var began = time.Now()

// processorTime is the time on the clock, which is more on a busy machine.
func processorTime() time.Duration { return time.Since(began) }
