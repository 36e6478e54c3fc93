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
// 26.8 MB. QuickJS takes 3.1 MB of it, and the expressions of where 4.0 MB, see
// docs/dependencies.md.
const maxBinary = 26_800_000

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
