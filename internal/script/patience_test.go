//go:build !race

package script_test

import "time"

// inTime is by how much a script may be late when it has to end.
const inTime = 300 * time.Millisecond
