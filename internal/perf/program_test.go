package perf_test

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/testprocess"
)

// A program is a server to be started, and the number of tools it lists.
type program struct {
	path  string
	args  []string
	env   []string
	tools int
}

// build compiles a package of the module as a release is compiled.
func build(t testing.TB, name, pkg string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	require.NoError(t, testprocess.Build(path, pkg, "-s -w"))
	return path
}

// localTools is how many tools a list has besides the operations.
const localTools = 4

// retoolMCP is our program with its cache in a folder and Retool at an address.
func retoolMCP(t testing.TB, path, cache, address string) program {
	t.Helper()
	return program{
		path: path, args: []string{"serve", "--spec", document(t)},
		env: environment(cache, address), tools: len(catalog(t).Tools) + localTools,
	}
}

// environment is the whole environment of a measured server, without the settings
// of the machine. The home has its cache.
func environment(home, address string) []string {
	env := []string{
		"HOME=" + home, "XDG_CACHE_HOME=" + home, "LocalAppData=" + home, // the cache's place, by system
		"RETOOL_ACCESS_TOKEN=" + token,
		"RETOOL_MCP_REQUESTS_PER_MINUTE=0", // the rate limiter would be measured
	}
	if address != "" {
		env = append(env, "RETOOL_URL="+address)
	}
	return env
}

// A process is a running program.
type process struct {
	*client
	cmd    *exec.Cmd
	pipes  []io.Closer
	stderr bytes.Buffer
}

// start runs the program with its input in the pipe, so that it never waits for
// the client. It returns the process and the time just before its start.
func (p program) start(t testing.TB, input string) (*process, time.Time) {
	t.Helper()
	in, requests := pipe(t)
	answers, out := pipe(t)
	_, err := requests.WriteString(input)
	require.NoError(t, err)

	s := &process{client: newClient(requests, answers), pipes: []io.Closer{requests, answers}}
	s.cmd = exec.Command(p.path, p.args...)
	s.cmd.Env, s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = p.env, in, out, &s.stderr
	began := time.Now()
	require.NoError(t, s.cmd.Start())
	_ = in.Close()
	_ = out.Close()
	t.Cleanup(func() { // of a process that a failed test did not stop
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
		if t.Failed() && s.stderr.Len() > 0 {
			t.Log(s.stderr.String())
		}
	})
	return s, began
}

// stop ends the process as a client does, and requires a clean end.
func (s *process) stop(t testing.TB) {
	t.Helper()
	for _, p := range s.pipes {
		require.NoError(t, p.Close())
	}
	giveUp := time.AfterFunc(10*time.Second, func() { _ = s.cmd.Process.Kill() })
	defer giveUp.Stop()
	require.NoError(t, s.cmd.Wait())
}

// used is the processor time of a stopped process, which depends less on other
// load than elapsed time.
func (s *process) used() time.Duration {
	return s.cmd.ProcessState.UserTime() + s.cmd.ProcessState.SystemTime()
}

// startToList starts the program, has it list its tools, and returns how long
// that took from before the start to the last byte of the list.
func (p program) startToList(t testing.TB) (*process, time.Duration) {
	t.Helper()
	s, began := p.start(t, initialize+listTools)
	answers, err := s.lines(2)
	took := time.Since(began)
	require.NoError(t, err)
	require.Equal(t, p.tools, bytes.Count(answers, []byte(`"inputSchema":`)), "tools listed")
	return s, took
}

// clearCache makes the next start a first one.
func clearCache(t testing.TB, cache string) {
	t.Helper()
	entries, err := os.ReadDir(cache)
	require.NoError(t, err)
	for _, e := range entries {
		require.NoError(t, os.RemoveAll(filepath.Join(cache, e.Name())))
	}
}
