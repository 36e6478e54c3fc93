package e2e_test

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// environment returns the whole environment of a process: a home of its own for
// the cache, no rate limit, and the given variables. Of two with the same name
// the last one counts.
func environment(t testing.TB, variables ...string) []string {
	t.Helper()
	home := t.TempDir()
	return append([]string{"HOME=" + home, "XDG_CACHE_HOME=" + filepath.Join(home, "cache"), "RETOOL_MCP_REQUESTS_PER_MINUTE=0"}, variables...)
}

// serving returns the environment of a process that serves a document for
// upstream, without confirmation.
func serving(t testing.TB, document string, u *upstream, variables ...string) []string {
	t.Helper()
	return environment(t, append([]string{"RETOOL_MCP_SPEC=" + document, "RETOOL_URL=" + u.URL, "RETOOL_ACCESS_TOKEN=" + testToken, "RETOOL_MCP_CONFIRM=never"}, variables...)...)
}

const testToken = "retool_01e2e"

// outcome is the output and the exit code of a process.
type outcome struct {
	stdout, stderr string
	code           int // -1 if a signal ended it
	took           time.Duration
}

// run runs the program to its end, with stdin written at once and closed.
func run(t testing.TB, env []string, stdin string, args ...string) outcome {
	t.Helper()
	o, err := tryRun(env, stdin, args...)
	require.NoError(t, err)
	return o
}

// tryRun is run for goroutines, which must not fail a test themselves.
func tryRun(env []string, stdin string, args ...string) (outcome, error) {
	ctx, cancel := context.WithTimeout(context.Background(), waitTime)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = env, strings.NewReader(stdin), &stdout, &stderr
	before := time.Now()
	err := cmd.Run()
	o := outcome{stdout.String(), stderr.String(), 0, time.Since(before)}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && ctx.Err() == nil {
		o.code = exit.ExitCode()
		return o, nil
	}
	return o, errors.Join(err, ctx.Err())
}

// lockedBuffer collects the output of a running process.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// requireLogged waits for a text in the log of a process, which may arrive after a
// response that was sent later.
func requireLogged(t testing.TB, log *lockedBuffer, text string) {
	t.Helper()
	require.Eventually(t, func() bool { return strings.Contains(log.String(), text) }, waitTime, time.Millisecond, "%q in the log", text)
}

// receive waits for a value.
func receive[T any](t testing.TB, from <-chan T, what string) (v T) {
	t.Helper()
	select {
	case v = <-from:
	case <-time.After(waitTime):
		require.FailNow(t, "in vain", "waited for %s", what)
	}
	return v
}
