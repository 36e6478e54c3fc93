//go:build !race

package openapi_test

import "time"

// patience is how long any document may take.
const patience = 5 * time.Second
