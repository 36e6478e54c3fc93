package call_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/pipe"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/sandbox"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/seed"
	"github.com/retool-mcp/retool-mcp/internal/testseed"
)

const (
	faultCallers = 64
	faultCalls   = 20 // of each caller, in each scenario: 10,240 in all
)

// sizes make three pages of users, which are soon read.
var sizes = seed.Sizes{Users: 30, Spaces: 1}

// faultScenario is a kind of faults, and the client's settings.
type faultScenario struct {
	name, faults      string
	slowness, timeout time.Duration
	cancels           bool // some callers cancel
	breaker           retool.CircuitBreaker
	concurrent, queue int
}

// The waits after a 429 are long, so there are fewer of them.
var faultScenarios = []faultScenario{
	{name: "429", faults: "429:0.06", timeout: 6 * time.Second},
	{name: "5xx", faults: "500:0.05,502:0.08,503:0.08,504:0.08", timeout: 4 * time.Second},
	{name: "cut", faults: "cut:0.25", timeout: 4 * time.Second},
	{name: "drop", faults: "drop:0.25", timeout: 4 * time.Second},
	{name: "slow", faults: "slow:0.25", timeout: 4 * time.Second},
	{name: "slower than the deadline", faults: "slow:0.05", slowness: time.Minute, timeout: time.Second},
	{name: "html", faults: "html:0.25", timeout: 4 * time.Second},
	{
		name: "all at once", faults: "429:0.03,500:0.03,502:0.05,503:0.05,504:0.05,cut:0.08,drop:0.08,slow:0.08,html:0.05", timeout: 4 * time.Second,
		cancels: true, breaker: retool.CircuitBreaker{Failures: 6, Pause: 20 * time.Millisecond}, concurrent: 16, queue: 40,
	},
}

// Whatever fails, every call ends by its deadline, in a correct result or an
// accurate error. Nothing is written twice, nothing is lost silently, and no
// connection or goroutine is left over.
func TestFaults(t *testing.T) {
	random := testseed.New(t)
	for _, s := range faultScenarios {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { s.test(t, random) }) // which fails for goroutines left over
		})
	}
}

func (s faultScenario) test(t *testing.T, random uint64) {
	faults, err := sandbox.ParseFaults(s.faults)
	require.NoError(t, err)
	slowness := max(s.slowness, 150*time.Millisecond)
	box, err := sandbox.New(sandbox.Options{Seed: 1, Sizes: sizes, Faults: sandbox.Faults{Seed: random, List: faults, Slowness: slowness}})
	require.NoError(t, err)
	f := &faultTest{faultScenario: s, box: box, listener: pipe.Listen("upstream"), done: map[string]int{}, counts: map[string]int{}}
	f.users = allUsers(t)
	address, err := retool.ParseAddress("http://upstream", "")
	require.NoError(t, err)
	f.runner = serve(t, nil, "", call.Options{Timeout: s.timeout, Client: retool.New(retool.Options{
		Address: address, Token: sandbox.DefaultToken, Timeout: s.timeout, Retries: 3, Dial: f.dial,
		Breaker: s.breaker, MaxConcurrent: s.concurrent, MaxWaiting: s.queue,
	})})
	server := &http.Server{Handler: f, ErrorLog: quiet}
	go func() { _ = server.Serve(f.listener) }()

	each := faultCalls
	if testing.Short() {
		each = 3
	}
	callers := make([]*faultCaller, faultCallers)
	var all sync.WaitGroup
	for i := range callers {
		callers[i] = &faultCaller{faultTest: f, Rand: rand.New(rand.NewPCG(random, uint64(i))), name: fmt.Sprintf("%s %d", s.name, i), patched: map[string]effect{}}
		all.Go(func() {
			for range each {
				callers[i].call(t.Context())
			}
		})
	}
	all.Wait()
	time.Sleep(2 * time.Minute) // for handlers of calls that ended before
	server.Close()
	synctest.Wait()
	require.Empty(t, f.wrong)
	for _, fault := range faults {
		require.Positive(t, box.Stats().Faults[string(fault.Kind)], "no %s occurred", fault.Kind)
	}
	f.check(t, callers)
	require.Zero(t, f.open.Load(), "connections are left over")
	t.Logf("%v; %d requests, %d writes", f.counts, box.Stats().Requests, box.Stats().Writes)
}

// faultTest is a run of a scenario and its outcome.
type faultTest struct {
	faultScenario
	box      *sandbox.Sandbox
	listener *pipe.Listener
	runner   *call.Runner
	users    []any          // as list_users returns them
	open     atomic.Int64   // connections
	mu       sync.Mutex     // protects the fields below
	done     map[string]int // how often each write was carried out, by method and name
	counts   map[string]int // how calls ended
	wrong    []string
}

// allUsers are the users of a sandbox of the same seed without faults.
func allUsers(t *testing.T) []any {
	t.Helper()
	box, err := sandbox.New(sandbox.Options{Seed: 1, Sizes: sizes})
	require.NoError(t, err)
	r := serve(t, box, sandbox.DefaultToken, call.Options{})
	page := bodyOf(run(t, r, "list_users", object{"all_pages": true, "format": "json", "limit": 10}))
	users, _ := page["data"].([]any)
	require.Len(t, users, sizes.Users)
	return users
}

// ServeHTTP counts what is carried out: what succeeds, and what is cut off, as
// the sandbox does that only afterwards.
func (f *faultTest) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	name := strings.Trim(groupName.FindString(string(body)), `"`)
	out := &statusRecorder{ResponseWriter: w}
	defer func() {
		aborted := recover()
		if aborted != nil || out.status/100 == 2 {
			f.mu.Lock()
			f.done[r.Method+" "+name]++
			f.mu.Unlock()
		}
		if aborted != nil {
			panic(aborted)
		}
	}()
	f.box.ServeHTTP(out, r)
}

// groupName is a name of faultCaller.newName.
var groupName = regexp.MustCompile(`"group of [^"]+"`)

type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (w *statusRecorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *statusRecorder) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (f *faultTest) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := f.listener.Dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	f.open.Add(1)
	return &countedConn{Conn: conn, closed: sync.OnceFunc(func() { f.open.Add(-1) })}, nil
}

type countedConn struct {
	net.Conn
	closed func()
}

func (c *countedConn) Close() error {
	defer c.closed()
	return c.Conn.Close()
}
