//go:build !race

package openapi_test

import "time"

// racing says whether the race detector is on.
const racing = false

// patience is how much of the processor any document may take.
const patience = 5 * time.Second
