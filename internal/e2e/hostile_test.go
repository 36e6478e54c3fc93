package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
)

// hostileSeconds names the variable for the duration. Without it the test is short,
// and does not measure how soon a machine that runs other tests answers.
const hostileSeconds = "RETOOL_MCP_HOSTILE"

// The bounds that hold whatever the callers do.
const (
	hostileCallers = 32
	healthWithin   = 500 * time.Millisecond
)

// Hostile callers, some with a token of their own and some with invented ones, take
// neither the memory of the chart's container nor the server from the others.
func TestHostileCallers(t *testing.T) {
	seconds, _ := strconv.Atoi(os.Getenv(hostileSeconds))
	h := newHostileTest(t, time.Duration(max(seconds, 3))*time.Second)
	h.attack(hostileCases())
	h.requireUnharmed(seconds > 0)
}

// Each kind of hostile caller alone, to see what it takes.
func TestHostileCallersOfOneKind(t *testing.T) {
	seconds, _ := strconv.Atoi(os.Getenv(hostileSeconds))
	if seconds < 60 {
		t.Skip("takes minutes: make test-hostile")
	}
	for _, c := range hostileCases() {
		t.Run(c.name, func(t *testing.T) {
			h := newHostileTest(t, 5*time.Second)
			h.attack([]hostileCase{c})
			h.requireUnharmed(true)
		})
	}
}

// hostileTest is a server within the limits of the chart, its callers, and what was
// seen of it.
type hostileTest struct {
	*remote
	t        *testing.T
	control  *remote // a server that nobody attacks, to see how busy the machine is
	duration time.Duration
	limit    int64 // of resident memory, in bytes
	idle     int64 // resident memory before

	most   atomic.Int64    // resident memory
	health []time.Duration // answers of /healthz, beyond those of the control
	served atomic.Int64    // calls of honest callers
	sent   atomic.Int64    // requests of hostile callers

	mu     sync.Mutex
	failed []string // what honest callers and probes got instead of an answer
}

func newHostileTest(t *testing.T, duration time.Duration) *hostileTest {
	t.Helper()
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("resident memory is read in /proc, which is not here")
	}
	values, err := os.ReadFile(filepath.Join(referencedata.Root(t), "deploy", "kubernetes", "values.yaml"))
	require.NoError(t, err)
	setting := func(pattern string) string {
		found := regexp.MustCompile(pattern).FindSubmatch(values)
		require.NotNil(t, found, pattern)
		return string(found[1])
	}
	limit, err := strconv.ParseInt(setting(`limits:\s+memory: (\d+)Mi`), 10, 64)
	require.NoError(t, err)
	api := hostileAPI(t)
	const scripts = 4 * 140 // MiB of their processes, which have a share of their own
	h := &hostileTest{t: t, duration: duration, limit: (limit - scripts) << 20}
	h.remote = serveRemote(t, environment(t, "RETOOL_MCP_SPEC=embedded", "RETOOL_URL="+api, "RETOOL_MCP_CONFIRM=never", "GOMEMLIMIT="+setting(`goMemoryLimit: (\S+)`)), "--auth", "passthrough")
	h.http.Transport.(*http.Transport).MaxIdleConnsPerHost = 4 * hostileCallers
	h.idle = h.memory("VmRSS")
	h.control = serveRemote(t, environment(t, "RETOOL_MCP_SPEC=embedded", "RETOOL_URL="+api), "--auth", "passthrough")
	return h
}

// memory reads a size of the process.
func (h *hostileTest) memory(name string) int64 {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", h.cmd.Process.Pid)) // empty once the process is gone
	found := regexp.MustCompile(name + `:\s+(\d+) kB`).FindSubmatch(status)
	if found == nil {
		return 0
	}
	kilobytes, _ := strconv.ParseInt(string(found[1]), 10, 64)
	return kilobytes << 10
}

func (h *hostileTest) fail(format string, args ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.failed = append(h.failed, fmt.Sprintf(format, args...))
}

// attack runs hostile callers of all cases beside honest ones and probes.
func (h *hostileTest) attack(cases []hostileCase) {
	ctx, cancel := context.WithTimeout(h.t.Context(), h.duration)
	defer cancel()
	honest, stop := context.WithCancel(h.t.Context())
	defer stop()
	var attackers, others sync.WaitGroup
	for i := range hostileCallers {
		attackers.Go(func() {
			for n := i; ctx.Err() == nil; n++ {
				h.sent.Add(1)
				cases[n%len(cases)].run(ctx, h, fmt.Sprintf("retool_hostile_%d", i))
			}
		})
	}
	for i := range 4 {
		others.Go(func() { h.callHonestly(honest, i) })
	}
	others.Go(func() {
		for honest.Err() == nil {
			h.most.Store(max(h.most.Load(), h.memory("VmRSS")))
			time.Sleep(20 * time.Millisecond)
		}
	})
	others.Go(func() {
		for honest.Err() == nil {
			control := make(chan time.Duration, 1)
			go func() { control <- h.probe(h.t.Context(), h.control) }() //nolint:contextcheck // probes outlive the attack
			took := h.probe(h.t.Context(), h.remote)                     //nolint:contextcheck // probes outlive the attack
			h.health = append(h.health, took-<-control)
			time.Sleep(25 * time.Millisecond)
		}
	})
	<-ctx.Done()
	attackers.Wait()
	stop()
	others.Wait()
}

// probe returns how long /healthz takes.
func (h *hostileTest) probe(ctx context.Context, r *remote) time.Duration {
	began := time.Now()
	answer, err := r.tryAsk(ctx, http.MethodGet, "/healthz", "")
	if err != nil || answer.status != http.StatusOK {
		h.fail("/healthz: %d %v", answer.status, err)
	}
	return time.Since(began)
}

// callHonestly calls small and large tools with a token that Retool accepts, and as
// a new caller every now and then.
func (h *hostileTest) callHonestly(ctx context.Context, i int) {
	large := callLine("large", "create_user", `{"email":"ann@example.com","first_name":"`+strings.Repeat("n", 100<<10)+`","last_name":"b"}`)
	for n := 0; ctx.Err() == nil; n++ {
		token := fmt.Sprintf("retool_honest_%d_%d", i, n/10)
		for _, line := range []string{callLine("page", "list_users", "{}"), callLine("small", "get_user", `{"userId":"user_1"}`), large} {
			answer, err := h.tryAsk(context.WithoutCancel(ctx), http.MethodPost, "/mcp", line, bearer(token))
			if err != nil || answer.status != http.StatusOK || !strings.Contains(answer.body, `ann@example.com`) || strings.Contains(answer.body, `"isError":true`) {
				h.fail("%.60s: %d %.300s %v", line, answer.status, answer.body, err)
				continue
			}
			h.served.Add(1)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (h *hostileTest) requireUnharmed(measured bool) {
	h.t.Helper()
	const mb = 1 << 20
	high := h.memory("VmHWM")
	slices.Sort(h.health)
	usual, slowest := h.health[len(h.health)*95/100], h.health[len(h.health)-1]
	h.t.Logf("resident memory %d MiB before, at most %d MiB; %d calls served, %d hostile requests; of %d answers of /healthz, 95 %% took at most %s, the slowest %s",
		h.idle/mb, high/mb, h.served.Load(), h.sent.Load(), len(h.health), usual.Round(time.Millisecond), slowest.Round(time.Millisecond))
	require.LessOrEqual(h.t, max(high, h.most.Load()), h.limit, "resident memory")
	require.Empty(h.t, h.failed[:min(len(h.failed), 5)], "honest callers, %d failures", len(h.failed))
	require.Positive(h.t, h.served.Load())
	if measured {
		// The callers share the processors with the server here, so that the slowest
		// answer says more of the machine than of the server.
		require.Less(h.t, usual, healthWithin, "/healthz")
		require.Less(h.t, slowest, 4*healthWithin, "the slowest /healthz")
	}
	h.requireWorksFor("retool_honest_last")
}

func (h *hostileTest) requireWorksFor(token string) {
	h.t.Helper()
	got := h.post(callLine("works", "get_user", `{"userId":"user_1"}`), bearer(token)).reply(h.t)
	require.False(h.t, got.Result.IsError, got.text())
}
