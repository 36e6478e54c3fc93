package perf_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"regexp"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox"
)

const (
	sandboxStarts = 15
	sandboxRounds = 3 // passes over all pages
)

// large is an organization of the size that the budgets are for.
var large = []string{"--users", "10000", "--apps", "5000"}

// measureSandbox measures the sandbox as a separate process: its start, to the
// log line with its address, and all users page by page.
func measureSandbox(t *testing.T, r *report, path string) {
	for _, size := range []struct {
		name   string
		args   []string
		budget float64
	}{{"default organization", nil, 0}, {"10,000 users and 5,000 apps", large, maxSandboxStart}} {
		var took []time.Duration
		for range sandboxStarts {
			s := startSandbox(t, path, size.args...)
			took = append(took, s.took)
			s.stop(t)
		}
		if size.budget > 0 {
			r.atMost("start of the sandbox, "+size.name+", median", "%.0f ms", milliseconds(median(took)), size.budget)
		} else {
			r.note("start of the sandbox, "+size.name+", min / median", spread(took))
		}
	}
	s := startSandbox(t, path, large...)
	if runtime.GOOS == "linux" {
		r.note("resident memory of the large one after its start", fmt.Sprintf("%.0f MiB", s.memory(t, "VmRSS")))
	}
	var pages []time.Duration
	for range sandboxRounds {
		pages = append(pages, s.walk(t, "/users")...)
	}
	require.Len(t, pages, sandboxRounds*100)
	r.atMost("a page of 100 of its users, median", "%.2f ms", milliseconds(median(pages)), maxSandboxPage)
	if runtime.GOOS == "linux" {
		r.note("resident memory of the large one after these pages", fmt.Sprintf("%.0f MiB", s.memory(t, "VmRSS")))
	}
	s.stop(t)
}

// A sandboxProcess is a sandbox that listens.
type sandboxProcess struct {
	process
	url  string
	took time.Duration // from before the start until it listened
}

var listens = regexp.MustCompile(`http://[0-9.:]+`)

func startSandbox(t *testing.T, path string, args ...string) *sandboxProcess {
	t.Helper()
	s := &sandboxProcess{}
	s.cmd = exec.Command(path, append([]string{"sandbox", "--listen", "127.0.0.1:0"}, args...)...)
	s.cmd.Env = environment(t.TempDir(), "")
	stderr, err := s.cmd.StderrPipe()
	require.NoError(t, err)
	began := time.Now()
	require.NoError(t, s.cmd.Start())
	t.Cleanup(func() { _ = s.cmd.Process.Kill() })
	lines := bufio.NewReader(stderr)
	line, err := lines.ReadString('\n')
	require.NoError(t, err)
	s.took = time.Since(began)
	s.url = listens.FindString(line)
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	return s
}

func (s *sandboxProcess) stop(t *testing.T) {
	t.Helper()
	require.NoError(t, s.cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, s.cmd.Wait())
}

// walk fetches a list by pages of 100 and returns their durations.
func (s *sandboxProcess) walk(t *testing.T, list string) (took []time.Duration) {
	t.Helper()
	for next := ""; ; {
		query := url.Values{"limit": {"100"}}
		if next != "" {
			query.Set("next_token", next)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/api/v2"+list+"?"+query.Encode(), http.NoBody)
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+sandbox.DefaultToken)
		began := time.Now()
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		took = append(took, time.Since(began))
		require.NoError(t, resp.Body.Close())
		require.Equal(t, http.StatusOK, resp.StatusCode)
		var page struct {
			NextToken *string `json:"next_token"`
		}
		require.NoError(t, json.Unmarshal(body, &page))
		if page.NextToken == nil {
			return took
		}
		next = *page.NextToken
	}
}
