//go:build race

package script_test

import "time"

// inTime is by how much a script may be late when it has to end: the race detector
// slows down the child too, which is this program.
const inTime = 10 * time.Second
