// Package testprocess starts processes for tests: the running test binary as a
// child of itself, and programs of this module that are built first.
//
// Only tests may import it.
package testprocess

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"testing"
	"time"
)

// Command returns a command that starts the running test binary. The child gets
// env as its environment, and ends with the test at the latest.
//
// A binary built by "go test -cover" prints a warning at its end unless
// GOCOVERDIR names a folder, so it is added to env. The race detector waits a
// second at the end of a process that has nothing to report, which is switched off.
func Command(t testing.TB, env []string, args ...string) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.WaitDelay = time.Minute // for what the child has written
	cmd.Env = append(cmd.Env, env...)
	cmd.Env = append(cmd.Env, "GORACE=atexit_sleep_ms=0")
	if testing.CoverMode() != "" {
		cmd.Env = append(cmd.Env, "GOCOVERDIR="+t.TempDir())
	}
	return cmd
}

// Build builds a package of this module, "." for the program itself, into a file
// as a release is built: static, and without race detector and coverage even if
// the tests have them. Packages that build this way share what Go's build cache
// holds. The program does not name a revision, since tests also run in copies.
func Build(file, pkg, ldflags string) error {
	cmd := exec.Command("go", "build", "-race=false", "-cover=false", "-trimpath", "-buildvcs=false",
		"-ldflags", ldflags, "-o", file, path.Join("github.com/retool-mcp/retool-mcp", pkg))
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", pkg, err, out)
	}
	return nil
}
