package call_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/sandbox"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/seed"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

const (
	faultCallers = 64
	faultCalls   = 20 // of each caller, in each weather: 10,240 in all
	// late is how long a call may take beyond its deadline on a busy machine.
	late = 2 * time.Second
)

// sizes make three pages of users, which are soon read.
var sizes = seed.Sizes{Users: 30, Spaces: 1}

// weathers are what goes wrong. The pauses behind a 429 are long, so there are
// fewer of them.
var weathers = []weather{
	{name: "429", faults: "429:0.06", timeout: 6 * time.Second},
	{name: "5xx", faults: "500:0.05,502:0.08,503:0.08,504:0.08", timeout: 4 * time.Second},
	{name: "cut", faults: "cut:0.25", timeout: 4 * time.Second},
	{name: "drop", faults: "drop:0.25", timeout: 4 * time.Second},
	{name: "slow", faults: "slow:0.25", timeout: 4 * time.Second},
	{name: "slower than the deadline", faults: "slow:0.05", slowness: time.Minute, timeout: time.Second},
	{name: "html", faults: "html:0.25", timeout: 4 * time.Second},
	{
		name: "all at once", faults: "429:0.03,500:0.03,502:0.05,503:0.05,504:0.05,cut:0.08,drop:0.08,slow:0.08,html:0.05", timeout: 4 * time.Second,
		cancels: true, breaker: retool.CircuitBreaker{Failures: 6, Pause: 20 * time.Millisecond}, places: 16, queue: 40,
	},
}

// Whatever goes wrong, every call ends in time, in a correct result or a clear
// error; nothing is written twice, nothing is lost without a word, and nothing
// is left over.
func TestFaults(t *testing.T) {
	goroutines := runtime.NumGoroutine()
	t.Run("of a kind", func(t *testing.T) {
		for _, w := range weathers {
			t.Run(w.name, func(t *testing.T) {
				t.Parallel() // most of it is waiting
				w.test(t)
			})
		}
	})
	// One more is Eventually's own.
	require.Eventually(t, func() bool { return runtime.NumGoroutine() <= goroutines+1 }, 5*time.Second, 10*time.Millisecond, "goroutines are left over")
}

type weather struct {
	name, faults      string
	slowness, timeout time.Duration
	cancels           bool // some callers give up
	breaker           retool.CircuitBreaker
	places, queue     int
}

func (w weather) test(t *testing.T) {
	faults, err := sandbox.ParseFaults(w.faults)
	require.NoError(t, err)
	slowness := max(w.slowness, 150*time.Millisecond)
	box, err := sandbox.New(sandbox.Options{Seed: 1, Sizes: sizes, Faults: sandbox.Faults{Seed: 6, List: faults, Slowness: slowness}})
	require.NoError(t, err)
	s := &storm{weather: w, box: box, done: map[string]int{}, counts: map[string]int{}, beat: &beat{last: time.Now()}}
	beating, stop := context.WithCancel(t.Context())
	defer stop()
	go s.beat.run(beating)
	s.users = people(t)
	server := httptest.NewServer(s)
	defer server.Close()
	address, err := retool.ParseAddress(server.URL, "")
	require.NoError(t, err)
	client := retool.New(retool.Options{
		Address: address, Token: sandbox.DefaultToken, Timeout: w.timeout, Retries: 3, Dial: s.dial,
		Breaker: w.breaker, MaxConcurrent: w.places, MaxWaiting: w.queue,
	})
	s.runner = call.NewRunner(embedded.Catalog(), call.Options{Client: client, Timeout: w.timeout, Log: slog.New(slog.DiscardHandler)})

	each := faultCalls
	if testing.Short() {
		each = 3
	}
	callers := make([]*stormCaller, faultCallers)
	var all sync.WaitGroup
	for i := range callers {
		callers[i] = &stormCaller{storm: s, Rand: rand.New(rand.NewPCG(7, uint64(i))), name: fmt.Sprintf("%s %d", w.name, i), patched: map[string]effect{}}
		all.Go(func() {
			for range each {
				callers[i].call(t.Context())
			}
		})
	}
	all.Wait()
	server.Close() // which closes what is idle, and waits for the rest
	require.Empty(t, s.wrong)
	for _, f := range faults {
		require.Positive(t, box.Stats().Faults[string(f.Kind)], "no %s occurred", f.Kind)
	}
	s.judge(t, callers)
	require.Eventually(t, func() bool { return s.open.Load() == 0 }, 5*time.Second, 10*time.Millisecond, "connections are left over")
	t.Logf("%v; latest call %s beyond its deadline, with %s of standstill; %d requests, %d writes", s.counts, s.worst, s.worstStall, box.Stats().Requests, box.Stats().Writes)
}

// A storm is a weather at work, and what came of it.
type storm struct {
	weather
	box    *sandbox.Sandbox
	runner *call.Runner
	users  []any          // all of them, as list_users has them
	open   atomic.Int64   // connections
	mu     sync.Mutex     // for what follows
	done   map[string]int // how often each write was carried out, by method and name
	counts map[string]int // how calls ended
	wrong  []string
	beat   *beat
	worst  time.Duration // beyond the deadline
	// worstStall is how long the machine stood still in that call.
	worstStall time.Duration
}

// A beat tells a call that is late from a machine that is: it measures how long
// a goroutine that has nothing to do but wake up is kept waiting.
type beat struct {
	mu    sync.Mutex
	last  time.Time
	total time.Duration
}

const everyBeat = 20 * time.Millisecond

func (b *beat) run(ctx context.Context) {
	for ctx.Err() == nil {
		time.Sleep(everyBeat)
		b.mu.Lock()
		now := time.Now()
		b.total += max(0, now.Sub(b.last)-everyBeat)
		b.last = now
		b.mu.Unlock()
	}
}

// stalled is for how long it was kept waiting so far, and is now.
func (b *beat) stalled() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.total + max(0, time.Since(b.last)-everyBeat)
}

// people are all users of a sandbox of the same seed, in fine weather.
func people(t *testing.T) []any {
	t.Helper()
	box, err := sandbox.New(sandbox.Options{Seed: 1, Sizes: sizes})
	require.NoError(t, err)
	calm := serve(t, box, sandbox.DefaultToken, call.Options{})
	page := bodyOf(run(t, calm, "list_users", object{"all_pages": true, "format": "json", "limit": 10}))
	users, _ := page["data"].([]any)
	require.Len(t, users, sizes.Users)
	return users
}

// ServeHTTP counts what is carried out: what succeeds, and what is broken off,
// as the sandbox does that only behind it.
func (s *storm) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	name := strings.Trim(named.FindString(string(body)), `"`)
	out := &witness{ResponseWriter: w}
	defer func() {
		broken := recover()
		if broken != nil || out.status/100 == 2 {
			s.mu.Lock()
			s.done[r.Method+" "+name]++
			s.mu.Unlock()
		}
		if broken != nil {
			panic(broken)
		}
	}()
	s.box.ServeHTTP(out, r)
}

// named is a name of stormCaller.fresh.
var named = regexp.MustCompile(`"group of [^"]+"`)

type witness struct {
	http.ResponseWriter
	status int
}

func (w *witness) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *witness) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (s *storm) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	s.open.Add(1)
	return &countedConn{Conn: conn, closed: sync.OnceFunc(func() { s.open.Add(-1) })}, nil
}

type countedConn struct {
	net.Conn
	closed func()
}

func (c *countedConn) Close() error {
	defer c.closed()
	return c.Conn.Close()
}
