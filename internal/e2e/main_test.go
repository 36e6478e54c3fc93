package e2e_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/testprocess"
)

// binary is the program under test, built once for all tests.
var binary string

// The linker sets these, as a build from an archive does.
const (
	stampedVersion = "v0.0.0-e2e"
	stampedCommit  = "0123456789abcdef"
)

// A test waits for an event at most waitTime, and watches for events that must
// not happen during quietTime.
const (
	waitTime  = 30 * time.Second
	quietTime = 100 * time.Millisecond
)

// inParallel is the number of tests that run at once unless -parallel is set.
// Most of them wait for processes, so it exceeds the number of processors.
const inParallel = 8

func TestMain(m *testing.M) {
	flag.Parse()
	if !slices.ContainsFunc(os.Args, func(a string) bool { return strings.HasPrefix(a, "-test.parallel=") }) {
		_ = flag.Set("test.parallel", strconv.Itoa(max(inParallel, runtime.GOMAXPROCS(0))))
	}
	code, err := buildAndRun(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(code)
}

func buildAndRun(m *testing.M) (int, error) {
	dir, err := os.MkdirTemp("", "retool-mcp-e2e-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "retool-mcp")
	const variables = "-X github.com/retool-mcp/retool-mcp/internal/cli."
	stamp := variables + "release=" + stampedVersion + " " + variables + "commit=" + stampedCommit
	if err := testprocess.Build(binary, ".", stamp); err != nil {
		return 0, err
	}
	return m.Run(), nil
}
