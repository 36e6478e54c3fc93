package perf_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	scriptsAtOnce  = 32
	callsPerSecond = 300
	besideFor      = 10 * time.Second
)

// A job of a script beside single calls.
type job struct{ name, code string }

// jobs are an ordinary script, of 20 calls, and one that only calculates until its
// deadline.
var jobs = []job{
	{"of 20 calls", `const [users, groups] = await Promise.all([retool.list_users({}), retool.list_groups({})]);
const found = await Promise.all(groups.slice(0, 18).map(g => retool.get_group({groupId: g.id})));
return found.map(g => ({name: g.name, users: users.filter(u => u.active).length}))`},
	{"that calculate for a second", `for (;;) {}`},
}

// measureScripts makes single calls at a steady rate, alone and beside scripts. The
// API takes 50 ms, as the real one does at least.
func measureScripts(t *testing.T, r *report, path string) {
	for _, latency := range []time.Duration{50 * time.Millisecond, 0} {
		s := startRemote(t, path, "--sandbox-latency", latency.String(), "--script-timeout", "1s")
		about := fmt.Sprintf(", API of %s", latency)
		s.singles(t, time.Second) // fills pools and grows the heap
		alone := percentile(s.singles(t, besideFor), 99)
		r.note(fmt.Sprintf("%d single calls a second%s, 99th percentile", callsPerSecond, about), fmt.Sprintf("%.1f ms", milliseconds(alone)))
		rest := s.memoryOn(t)
		for _, j := range jobs {
			ctx, stop := context.WithCancel(t.Context())
			var scripts sync.WaitGroup
			var ran atomic.Int64
			for range scriptsAtOnce {
				scripts.Go(func() {
					for ctx.Err() == nil {
						if err := s.query(ctx, j.code); err == nil {
							ran.Add(1)
						}
					}
				})
			}
			var most atomic.Int64
			scripts.Go(func() {
				for ctx.Err() == nil {
					most.Store(max(most.Load(), s.childMemory()))
					time.Sleep(50 * time.Millisecond)
				}
			})
			took := s.singles(t, besideFor)
			stop()
			scripts.Wait()
			require.Positive(t, ran.Load(), "scripts that ran")
			beside := percentile(took, 99)
			what := fmt.Sprintf("the same beside %d scripts %s", scriptsAtOnce, j.name)
			r.note(what, fmt.Sprintf("%.1f ms, median %.1f ms, %d scripts", milliseconds(beside), milliseconds(median(took)), ran.Load()))
			if latency > 0 {
				r.atMost("as a ratio", "%.2f", float64(beside)/float64(alone), maxBesideRatio)
			} else {
				r.note("as a ratio", fmt.Sprintf("%.2f", float64(beside)/float64(alone)))
			}
			r.note("resident memory before / after, processes of the scripts at most together", fmt.Sprintf("%.1f / %.1f / %.1f MiB", rest, s.memoryOn(t), float64(most.Load())/1024))
		}
		s.stop(t)
	}
}

// singles makes calls at a steady rate and returns how long each took from when it was
// due.
func (s *remoteProcess) singles(t *testing.T, d time.Duration) []time.Duration {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: callers}}
	defer client.CloseIdleConnections()
	took := make([]time.Duration, int(d.Seconds()*callsPerSecond))
	failed := make(chan error, len(took))
	var all sync.WaitGroup
	began := time.Now()
	for i := range took {
		due := began.Add(time.Duration(i) * time.Second / callsPerSecond)
		time.Sleep(time.Until(due))
		all.Go(func() {
			if err := s.call(client, i); err != nil {
				failed <- err
			}
			took[i] = time.Since(due)
		})
	}
	all.Wait()
	close(failed)
	require.NoError(t, <-failed)
	return took
}

// query runs a script.
func (s *remoteProcess) query(ctx context.Context, code string) error {
	body := fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"query_script","arguments":{"code":%q}}}`, code)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/mcp", strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json, text/event-stream")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	return nil
}

// childMemory is the resident memory of the processes of scripts together, in KiB, of
// which the program's file is shared with the server. It is 0 where the system does
// not tell.
func (s *remoteProcess) childMemory() (sum int64) {
	all, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", s.cmd.Process.Pid))
	for _, task := range all {
		children, _ := os.ReadFile(task) // it may be gone
		for pid := range strings.FieldsSeq(string(children)) {
			status, _ := os.ReadFile("/proc/" + pid + "/status")
			for line := range strings.Lines(string(status)) {
				if value, ok := strings.CutPrefix(line, "RssAnon:"); ok {
					kib, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
					sum += kib
				}
			}
		}
	}
	return sum
}
