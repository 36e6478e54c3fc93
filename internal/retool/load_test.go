package retool_test

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/testseed"
	"github.com/retool-mcp/retool-mcp/tools"
)

// faultyServer fails often and counts the writes that it carries out.
type faultyServer struct {
	seed     uint64
	requests atomic.Uint64
	down     atomic.Bool
	mu       sync.Mutex
	done     map[string]int // how often each write was carried out
}

// do carries out a write and reports whether there was anything to do.
func (s *faultyServer) do(r *http.Request) bool {
	if r.Method == http.MethodGet {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key := r.Method + " " + strings.TrimPrefix(r.URL.Path, "/api/v2")
	if r.Method == http.MethodDelete && s.done[key] > 0 {
		return false
	}
	s.done[key]++
	return true
}

func (s *faultyServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	if s.down.Load() {
		failing(503)(w, r)
		return
	}
	before := map[int]http.HandlerFunc{
		0: failing(429), 1: failing(429, "Retry-After", "0"), 2: failing(429, "Retry-After", "1"),
		3: failing(429, "Retry-After", time.Now().Add(time.Second).UTC().Format(http.TimeFormat)),
		4: failing(502), 5: failing(503), 6: failing(504), 7: cut(""), 8: cut("HTTP/1.1 200 OK\r\n"), 9: failing(400), 10: failing(500), 11: hang,
	}
	behind := map[int]http.HandlerFunc{
		20: failing(502), 21: failing(504), 22: cut(""), 23: cut("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"), 24: hang, 25: after(300 * time.Millisecond),
	}
	random := rand.New(rand.NewPCG(s.seed, s.requests.Add(1)))
	chance := random.IntN(60)
	if fault, ok := before[chance]; ok {
		fault(w, r)
		return
	}
	if !s.do(r) {
		failing(404)(w, r)
		return
	}
	if fault, ok := behind[chance]; ok {
		fault(w, r)
		return
	}
	time.Sleep(time.Duration(random.Int64N(int64(3 * time.Millisecond))))
	fine(w, r)
}

// inProgress counts requests in progress, on the client's side.
type inProgress struct{ now, most, all atomic.Int64 }

func (f *inProgress) wrap(next http.RoundTripper) http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		f.all.Add(1)
		n := f.now.Add(1)
		for most := f.most.Load(); n > most && !f.most.CompareAndSwap(most, n); most = f.most.Load() {
		}
		resp, err := next.RoundTrip(r)
		if err != nil {
			f.now.Add(-1)
			return nil, err
		}
		resp.Body = &countedBody{resp.Body, f, sync.Once{}}
		return resp, nil
	})
}

type countedBody struct {
	io.ReadCloser
	f    *inProgress
	once sync.Once
}

func (l *countedBody) Close() error {
	l.once.Do(func() { l.f.now.Add(-1) })
	return l.ReadCloser.Close()
}

// outcome is the outcome of one call.
type outcome struct {
	key      string // method and path
	err      error
	kind     string
	retries  int
	noEffect bool
	late     time.Duration // beyond its deadline
}

// All faults at once, on real sockets: every call ends in time, no write is
// carried out twice that must not be, errors are accurate, and no goroutine is
// left over.
func TestLoadWithFaults(t *testing.T) {
	long := 4 * time.Second
	if testing.Short() {
		long = time.Second
	}
	before := runtime.NumGoroutine()
	seed := testseed.New(t)
	s := &faultyServer{seed: seed, done: map[string]int{}}
	server := serve(t, s.ServeHTTP)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	gone := listener.Addr().String()
	require.NoError(t, listener.Close())

	var f inProgress
	const limit = 16
	var dials atomic.Uint64
	client := newClient(t, server.URL, concurrent(limit, 40), perMinute(60_000, 50), retries(3), breaker(12, 50*time.Millisecond),
		timeout(3*time.Second), func(o *retool.Options) {
			o.Wrap = f.wrap
			o.Allow = func(_, path string) error {
				if strings.HasPrefix(path, "/forbidden") {
					return errors.New("no")
				}
				return nil
			}
			o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
				if rand.New(rand.NewPCG(seed, dials.Add(1))).IntN(30) == 0 {
					address = gone
				}
				return (&net.Dialer{}).DialContext(ctx, network, address)
			}
		})

	var mu sync.Mutex
	var outcomes []outcome
	end := time.Now().Add(long)
	time.AfterFunc(long/3, func() { s.down.Store(true) }) // until a call reports it
	var calls sync.WaitGroup
	for i := range 64 {
		random := rand.New(rand.NewPCG(seed, 1<<32|uint64(i)))
		calls.Go(func() {
			for n := 0; time.Now().Before(end); n++ {
				o := randomCall(client, random, strconv.Itoa(i)+"-"+strconv.Itoa(n))
				mu.Lock()
				outcomes = append(outcomes, o)
				mu.Unlock()
				if o.kind == string(retool.Paused) {
					s.down.Store(false)
					time.Sleep(5 * time.Millisecond)
				}
			}
		})
	}
	calls.Wait()
	server.Close() // waits for requests in progress

	count, tries, unsure := map[string]int{}, 0, 0
	for _, o := range outcomes {
		count[o.kind]++
		require.Less(t, o.late, 2*time.Second, "%s: %v", o.key, o.err)
		require.LessOrEqual(t, o.retries, 3)
		done := s.done[o.key]
		method, path, _ := strings.Cut(o.key, " ")
		if method == "POST" || method == "PATCH" {
			require.LessOrEqual(t, done, 1, "%s was carried out %d times", o.key, done)
		}
		switch {
		case strings.HasPrefix(path, "/forbidden"):
			require.Zero(t, done)
			require.NotEmpty(t, o.kind)
		case o.kind == "" && method != "GET":
			require.Positive(t, done, "%s: a success without effect", o.key)
		case o.noEffect && method != "GET":
			require.Zero(t, done, "%s: %v", o.key, o.err)
		}
		require.NotEqual(t, "Not Found", o.kind, "%s: deleted by the call itself", o.key)

		switch retool.Kind(o.kind) {
		case retool.RateLimited, retool.QueueFull, retool.Paused:
			require.Zero(t, o.retries)
			require.True(t, o.noEffect)
		case retool.Canceled, retool.Timeout:
			unsure++ // it may have been in the queue
			tries += o.retries + 1
		default:
			tries += o.retries + 1
		}
	}
	t.Logf("%v in %d requests, at most %d at once", count, f.all.Load(), f.most.Load())
	require.LessOrEqual(t, f.all.Load(), int64(tries))
	require.GreaterOrEqual(t, f.all.Load(), int64(tries-unsure))
	require.LessOrEqual(t, f.most.Load(), int64(limit))
	require.Zero(t, f.now.Load())
	kinds := []retool.Kind{"", retool.Canceled, retool.Paused, retool.QueueFull, retool.Forbidden}
	if testing.Short() {
		kinds = kinds[:1]
	}
	for _, k := range kinds {
		require.Positive(t, count[string(k)], "%q did not occur", k)
	}

	require.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+2 }, 5*time.Second, 20*time.Millisecond, "goroutines are left over")
}

func randomCall(client *retool.Client, random *rand.Rand, id string) outcome {
	method := []string{"GET", "GET", "POST", "PUT", "PATCH", "DELETE"}[random.IntN(6)]
	path := []string{"/a/", "/a/", "/a/", "/a/", "/a/", "/forbidden/"}[random.IntN(6)] + id
	semantics := retool.RetrySemantics{Idempotent: random.IntN(3) > 0, ThirdParty: random.IntN(4) == 0}
	timeout := time.Duration(200+random.IntN(2000)) * time.Millisecond
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	if random.IntN(10) == 0 {
		timeout = time.Duration(random.Int64N(int64(timeout)))
		defer time.AfterFunc(timeout, cancel).Stop()
	}
	began := time.Now()
	answer, err := client.WithToken("retool_load_"+strconv.Itoa(random.IntN(5))).DoWith(ctx, tools.Request{Method: method, Path: path}, semantics)
	o := outcome{key: method + " " + path, err: err, late: time.Since(began) - timeout}
	if err == nil {
		o.retries = answer.Retries
		return o
	}
	if failure, ok := errors.AsType[*retool.TransportError](err); ok {
		o.kind, o.retries, o.noEffect = string(failure.Kind), failure.Retries, failure.NoEffect
	}
	if failure, ok := errors.AsType[*retool.StatusError](err); ok {
		o.kind, o.retries = http.StatusText(failure.Status), failure.Retries
	}
	return o
}
