package file

import "time"

// SetWait changes how long Read waits, and returns what changes it back.
func SetWait(d time.Duration) (reset func()) {
	before := wait
	wait = d
	return func() { wait = before }
}
