// Package testseed seeds the random choices of tests, so that a failure can be
// repeated. Only tests may import it.
package testseed

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
)

// Variable is the environment variable that sets the seed of all tests.
const Variable = "RETOOL_MCP_TEST_SEED"

// New returns the seed of a test, random unless Variable is set. The log of the
// test says how to repeat it.
func New(t testing.TB) uint64 {
	t.Helper()
	seed := rand.Uint64() //nolint:gosec // tests have to vary, not to be secret
	if text := os.Getenv(Variable); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("%s must be a whole number: %v", Variable, err)
		}
	}
	t.Logf("repeat with %s=%d", Variable, seed)
	return seed
}
