package e2e_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
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
	h := &hostileTest{t: t, duration: duration, limit: limit << 20}
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

// hostileAPI stands for Retool: it accepts the tokens of honest and hostile callers
// and none that is invented, and answers some users with too much.
func hostileAPI(t *testing.T) string {
	t.Helper()
	zeros := []byte(strings.Repeat("0,", 512<<10)) // 1 MiB
	zeroes := func(w io.Writer, megabytes int) {
		_, _ = io.WriteString(w, `{"success":true,"data":[`)
		for range megabytes {
			if _, err := w.Write(zeros); err != nil {
				return
			}
		}
		_, _ = io.WriteString(w, `0]}`)
	}
	var bomb bytes.Buffer
	packer := gzip.NewWriter(&bomb)
	zeroes(packer, 64)
	require.NoError(t, packer.Close())
	user := `{"success":true,"data":{"id":"user_1","email":"ann@example.com"}}`
	page := `{"success":true,"data":[` + strings.TrimSuffix(strings.Repeat(`{"id":"user_1","email":"ann@example.com","active":true,"metadata":{"team":"a"},"groups":[{"id":1,"name":"g"}]},`, 100), ",") + `],"total_count":100,"next_token":null,"has_more":false}`
	server := http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", jsonType)
		token := r.Header.Get("Authorization")
		switch {
		case !strings.Contains(token, "retool_honest") && !strings.Contains(token, "retool_hostile"):
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, `{"success":false,"message":"Invalid access token"}`)
		case strings.HasSuffix(r.URL.Path, "/user_2MB"):
			zeroes(w, 2)
		case strings.HasSuffix(r.URL.Path, "/user_33MB"):
			zeroes(w, 33)
		case strings.HasSuffix(r.URL.Path, "/user_text"):
			_, _ = io.WriteString(w, `{"success":true,"data":{"id":"`)
			_, _ = io.CopyN(w, endlessText{}, 20<<20)
			_, _ = io.WriteString(w, `"}}`)
		case strings.HasSuffix(r.URL.Path, "/user_bomb"):
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb.Bytes())
		case strings.HasSuffix(r.URL.Path, "/user_slow"):
			select {
			case <-time.After(time.Second):
			case <-r.Context().Done():
			}
			_, _ = io.WriteString(w, user)
		case strings.HasSuffix(r.URL.Path, "/users") && r.Method == http.MethodGet:
			_, _ = io.WriteString(w, page)
		default:
			_, _ = io.WriteString(w, user)
		}
	})}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return "http://" + listener.Addr().String()
}

// endlessText is a text of letters.
type endlessText struct{}

func (endlessText) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// raised lets the test process open as many files as it may.
var raised = sync.OnceFunc(func() {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) == nil {
		limit.Cur = limit.Max
		_ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
	}
})

// hostileCase is one kind of hostile request. It runs once, with the token of a
// hostile caller that Retool accepts.
type hostileCase struct {
	name string
	run  func(ctx context.Context, h *hostileTest, token string)
}

var invented atomic.Int64

// inventedToken is one that nobody has used before.
func inventedToken() string { return fmt.Sprintf("invented_%d", invented.Add(1)) }

// hostileCases are all kinds.
func hostileCases() []hostileCase {
	raised()
	kib := func(n int, text string) string { return strings.Repeat(text, n<<10/len(text)) }
	create := func(what, value string) string {
		return callLine(what, "create_user", `{"email":"a@example.com","first_name":"a","last_name":"b","dry_run":true,"metadata":`+value+`}`)
	}
	var keys strings.Builder
	for i := range 40_000 {
		fmt.Fprintf(&keys, `"k%d":0,`, i)
	}
	zeros := func(n int) string { return "[" + kib(n, "0,") + "0]" }
	out := []hostileCase{
		{"answers of 33 MB of zeros", userCall("user_33MB")},
		{"answers of 2 MB of zeros", userCall("user_2MB")},
		{"answers of 20 MB of text", userCall("user_text")},
		{"answers that unpack without end", userCall("user_bomb")},
		{"slow answers", userCall("user_slow")},
		{"bodies that stay incomplete", incompleteBody},
		{"headers of many fields", manyFields},
		{"headers that stay incomplete", incompleteHeader},
		{"event streams under invented tokens", eventStream},
		{"lists that nobody reads", unreadList},
		{"messages to a stream that nobody reads", unreadStream},
		{"subscriptions under invented tokens", subscription},
	}
	for name, body := range map[string]string{
		"4 MiB of zeros in a dry run":         create("a", zeros(4096)),
		"1 MiB of zeros in a dry run":         create("b", zeros(1000)),
		"200 KiB of zeros in a dry run":       create("c", zeros(200)),
		"1 MiB of zeros in a notification":    `{"jsonrpc":"2.0","method":"notifications/initialized","params":{"a":` + zeros(1000) + `}}`,
		"1 MiB of zeros in an answer":         `{"jsonrpc":"2.0","id":1,"result":` + zeros(1000) + `}`,
		"1 MiB of zeros beside the arguments": `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"create_user","_meta":{"a":` + zeros(1000) + `}}}`,
		"1 MiB of objects":                    create("d", `[`+kib(1000, `{"":0},`)+`0]`),
		"100 KiB of objects":                  create("e", `[`+kib(100, `{"":0},`)+`0]`),
		"deep lists":                          create("f", kib(500, "[")+kib(500, "]")),
		"deep objects":                        create("g", strings.Repeat(`{"a":`, 9000)+"1"+strings.Repeat("}", 9000)),
		"many names":                          create("h", "{"+keys.String()+`"k":0}`),
		"escapes":                             create("i", `"`+kib(1000, `\\u0041\"\n`)+`"`),
		"invisible characters":                create("j", `"`+kib(1000, "\u200b\U000e0041")+`"`),
		"a batch":                             "[" + kib(1000, "{},") + "{}]",
		"no JSON":                             kib(1023, "[:\"\\"),
	} {
		out = append(out, hostileCase{name, func(ctx context.Context, h *hostileTest, token string) {
			_, _ = h.tryAsk(ctx, http.MethodPost, "/mcp", body, bearer(token))
			_, _ = h.tryAsk(ctx, http.MethodPost, "/mcp", body, bearer(inventedToken()))
		}})
	}
	slices.SortFunc(out, func(a, b hostileCase) int { return strings.Compare(a.name, b.name) })
	return out
}

// userCall reads a user whose answer is hostile, eight times at once.
func userCall(user string) func(context.Context, *hostileTest, string) {
	line := callLine("x", "get_user", `{"userId":"`+user+`"}`)
	return func(ctx context.Context, h *hostileTest, token string) {
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() { _, _ = h.tryAsk(ctx, http.MethodPost, "/mcp", line, bearer(token)) })
		}
		all.Wait()
	}
}

// hold sends a text on connections of its own and keeps them open for a while.
func hold(ctx context.Context, h *hostileTest, connections int, text func() string) {
	var all sync.WaitGroup
	for range connections {
		all.Go(func() {
			connection, err := (&net.Dialer{Timeout: waitTime}).DialContext(ctx, "tcp", strings.TrimPrefix(h.url, "http://"))
			if err != nil {
				return
			}
			defer connection.Close()
			_, _ = io.WriteString(connection, text())
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		})
	}
	all.Wait()
}

func incompleteBody(ctx context.Context, h *hostileTest, token string) {
	part := "{" + strings.Repeat(" ", 900<<10)
	hold(ctx, h, 8, func() string {
		return postHead + bearer(token) + "\r\nContent-Length: 1000000\r\n\r\n" + part
	})
}

func manyFields(ctx context.Context, h *hostileTest, token string) {
	var fields strings.Builder
	for i := 0; fields.Len() < 15<<10; i++ {
		fmt.Fprintf(&fields, "%s:\r\n", strconv.FormatInt(int64(i), 36))
	}
	hold(ctx, h, 16, func() string {
		return postHead + bearer(token) + "\r\n" + fields.String() + "Content-Length: 100\r\n\r\n{"
	})
}

func incompleteHeader(ctx context.Context, h *hostileTest, _ string) {
	var fields strings.Builder
	for i := 0; fields.Len() < 15<<10; i++ {
		fmt.Fprintf(&fields, "%s:\r\n", strconv.FormatInt(int64(i), 36))
	}
	hold(ctx, h, 8, func() string { return postHead + fields.String() })
}

func eventStream(ctx context.Context, h *hostileTest, _ string) {
	hold(ctx, h, 60, func() string {
		return "GET /sse HTTP/1.1\r\nHost: 127.0.0.1\r\n" + bearer(inventedToken()) + "\r\n\r\n"
	})
}

func subscription(ctx context.Context, h *hostileTest, _ string) {
	body := `{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}`
	hold(ctx, h, 60, func() string {
		return fmt.Sprintf("%s%s\r\nAccept: application/json, text/event-stream\r\nMcp-Protocol-Version: 2026-07-28\r\nMcp-Method: subscriptions/listen\r\nContent-Length: %d\r\n\r\n%s", postHead, bearer(inventedToken()), len(body), body)
	})
}

// unreadList asks for lists on connections that it does not read.
func unreadList(ctx context.Context, h *hostileTest, token string) {
	list := fmt.Sprintf("%s%s\r\nAccept: application/json, text/event-stream\r\nContent-Length: %d\r\n\r\n%s", postHead, bearer(token), len(listLine), listLine)
	hold(ctx, h, 40, func() string { return list + list + list })
}

// unreadStream posts to a stream whose events it does not read.
func unreadStream(ctx context.Context, h *hostileTest, token string) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, h.url+"/sse", http.NoBody)
	if err != nil {
		return
	}
	request.Header.Set("Authorization", "Bearer "+token)
	stream, err := h.http.Do(request)
	if err != nil {
		return
	}
	defer stream.Body.Close()
	first := make([]byte, 200)
	n, _ := stream.Body.Read(first)
	_, address, _ := strings.Cut(string(first[:n]), "data: ")
	address, _, _ = strings.Cut(address, "\n")
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			_, _ = h.tryAsk(ctx, http.MethodPost, strings.TrimSpace(address), listLine, bearer(token))
		})
	}
	all.Wait()
	runtime.KeepAlive(stream)
}
