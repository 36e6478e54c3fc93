//go:build race

package openapi_test

import "time"

const racing = true

// patience is longer under the race detector, which takes its time.
const patience = 60 * time.Second
