package deploy_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/testprocess"
)

// maxBinary is the budget for the program as the Dockerfile builds it, in bytes:
// 23 MB. The expressions of where take 4.0 MB of it, see docs/dependencies.md.
const maxBinary = 23_000_000

// binaryFolder is where builtBinary put the program, "" for nowhere.
var binaryFolder string

// builtBinary returns the program, built once as the Dockerfile builds it.
var builtBinary = sync.OnceValues(func() (file string, err error) {
	if binaryFolder, err = os.MkdirTemp("", "binary"); err != nil {
		return "", err
	}
	file = filepath.Join(binaryFolder, "retool-mcp")
	return file, testprocess.Build(file, ".", "-s -w")
})

func TestBinaryIsSmall(t *testing.T) {
	file, err := builtBinary()
	require.NoError(t, err)
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.LessOrEqual(t, info.Size(), int64(maxBinary), "bytes of the stripped program")
}
