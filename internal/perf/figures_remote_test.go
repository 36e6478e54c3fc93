package perf_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	callers     = 64
	remoteCalls = 100_000
	warmUpCalls = 10_000
	idleStreams = 1_000
)

// measureRemote measures serve over HTTP as a separate process with a sandbox:
// many callers at once, and then many idle streams.
func measureRemote(t *testing.T, r *report, path string) {
	s := startRemote(t, path)
	s.load(t, warmUpCalls) // fills pools and grows the heap
	before := s.metric(t, "go_goroutines")
	memory := s.memoryOn(t)
	began := time.Now()
	took := s.load(t, remoteCalls)
	rate := float64(len(took)) / time.Since(began).Seconds()
	require.Eventually(t, func() bool { return s.metric(t, "go_goroutines") <= before+callers }, 10*time.Second, 100*time.Millisecond)

	r.atLeast(fmt.Sprintf("calls over HTTP, %d callers, %d calls without an error", callers, remoteCalls), "%.0f/s", rate, minRemoteRate)
	r.note("such a call, median / 99th percentile", fmt.Sprintf("%.1f / %.1f ms", milliseconds(median(took)), milliseconds(percentile(took, 99))))
	r.note("goroutines before / after", fmt.Sprintf("%.0f / %.0f", before, s.metric(t, "go_goroutines")))
	after := s.memoryOn(t)
	r.note("resident memory before / after", fmt.Sprintf("%.1f / %.1f MiB", memory, after))
	s.stop(t)

	s = startRemote(t, path)
	empty := s.memoryOn(t)
	s.openStreams(t, idleStreams)
	perStream := (s.memoryOn(t) - empty) * 1024 / idleStreams
	r.atMost(fmt.Sprintf("memory of an idle stream of server-sent events, of %d", idleStreams), "%.1f KiB", perStream, maxStreamMemory)
	s.stop(t)
}

func percentile(all []time.Duration, p int) time.Duration {
	return slices.Sorted(slices.Values(all))[(len(all)-1)*p/100]
}

// A remoteProcess is a serve that listens.
type remoteProcess struct {
	process
	url string
}

var listening = regexp.MustCompile(`url=(http://[0-9.:]+)`)

func startRemote(t *testing.T, path string, args ...string) *remoteProcess {
	t.Helper()
	s := &remoteProcess{}
	s.cmd = exec.Command(path, append([]string{
		"serve", "--sandbox", "--transport", "http,sse", "--listen", "127.0.0.1:0",
		"--max-calls-per-caller", strconv.Itoa(callers), "--max-streams-per-caller", strconv.Itoa(idleStreams), "--log-level", "info",
	}, args...)...)
	s.cmd.Env = []string{"HOME=" + t.TempDir()}
	stderr, err := s.cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, s.cmd.Start())
	t.Cleanup(func() { _ = s.cmd.Process.Kill() })
	lines := bufio.NewReader(stderr)
	line, err := lines.ReadString('\n')
	require.NoError(t, err)
	found := listening.FindStringSubmatch(line)
	require.NotNil(t, found, line)
	s.url = found[1]
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	return s
}

func (s *remoteProcess) stop(t *testing.T) {
	t.Helper()
	require.NoError(t, s.cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, s.cmd.Wait())
}

// load makes calls from many callers at once and returns their durations.
func (s *remoteProcess) load(t *testing.T, calls int) []time.Duration {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: callers}}
	defer client.CloseIdleConnections()
	took := make([]time.Duration, calls)
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= calls || failed.Load() != nil {
					return
				}
				began := time.Now()
				if err := s.call(client, i); err != nil {
					failed.Store(&err)
				}
				took[i] = time.Since(began)
			}
		})
	}
	all.Wait()
	if err := failed.Load(); err != nil {
		require.NoError(t, *err)
	}
	return took
}

var failedResult = []byte(`"isError":true`)

func (s *remoteProcess) call(client *http.Client, id int) error {
	body := fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"get_group","arguments":{"groupId":"%d"}}}`, id, id%2+1)
	req, err := http.NewRequest(http.MethodPost, s.url+"/mcp", strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json, text/event-stream")
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && (resp.StatusCode != http.StatusOK || bytes.Contains(answer, failedResult) || !bytes.Contains(answer, []byte(`"result"`))) {
		err = fmt.Errorf("%d %s", resp.StatusCode, answer)
	}
	return err
}

// openStreams opens streams that stay open until the process ends.
func (s *remoteProcess) openStreams(t *testing.T, n int) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{}}
	for range n {
		resp, err := client.Get(s.url + "/sse") //nolint:bodyclose // it ends with the process
		require.NoError(t, err)
		line, err := bufio.NewReader(resp.Body).ReadString('\n')
		require.NoError(t, err)
		require.Equal(t, "event: endpoint\n", line)
	}
}

// metric reads one number of /metrics.
func (s *remoteProcess) metric(t *testing.T, name string) float64 {
	t.Helper()
	resp, err := http.Get(s.url + "/metrics")
	require.NoError(t, err)
	defer resp.Body.Close()
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			number, err := strconv.ParseFloat(value, 64)
			require.NoError(t, err)
			return number
		}
	}
	require.NoError(t, errors.New("there is no metric "+name))
	return 0
}

// memoryOn returns the resident memory of the process in MiB, 0 on systems other
// than Linux.
func (s *remoteProcess) memoryOn(t *testing.T) float64 {
	t.Helper()
	if runtime.GOOS != "linux" {
		return 0
	}
	return s.memory(t, "VmRSS")
}
