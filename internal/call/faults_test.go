package call_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/sandbox"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/seed"
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
		cancels: true, breaker: retool.Breaker{Failures: 6, Pause: 20 * time.Millisecond}, places: 16, queue: 40,
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
	breaker           retool.Breaker
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
	s.runner = call.NewRunner(embedded(t), call.Options{Client: client, Timeout: w.timeout, Log: slog.New(slog.DiscardHandler)})

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

// effect is what a call did, as far as its text tells.
type effect int

const (
	done effect = iota
	nothing
	unsure
)

const (
	doubt = `: a write may have taken effect all the same`
	tries = `(?: \((?:after \d+ repeats?|not repeated: [^\n]+|after \d+ repeats?; not again: [^\n]+)\))?`
)

// forms are all forms that errors may have here, and what they say of a write.
var forms = []struct {
	name   string
	form   *regexp.Regexp
	effect effect
}{
	{"429", regexp.MustCompile(`^HTTP 429 Too Many Requests: Too many requests, please try again later\.` + tries + "\n" + `Too many calls in a short time: wait \d+ seconds?, then call again\.$`), nothing},
	{"5xx", regexp.MustCompile(`^HTTP (?:500 Internal Server Error|50[234] [A-Z][A-Za-z ]+): [A-Z][A-Za-z ]+` + tries + "\n" + `The fault is on Retool's side(?:: call again in a moment|; before you call again, read whether the change took effect)\.$`), unsure},
	{"html", regexp.MustCompile(`^HTTP 502 Bad Gateway: 502 Bad Gateway \(a web page, not an answer of the API\)` + tries + "\n" + `The fault is on Retool's side(?:: call again in a moment|; before you call again, read whether the change took effect)\.$`), unsure},
	{"timeout", regexp.MustCompile(`^127\.0\.0\.1:\d+ gave no complete answer within [\d.]+m?s(?:` + doubt + `)?; check --url \(RETOOL_URL\) or raise --timeout \(RETOOL_TIMEOUT\)` + tries + `$`), unsure},
	{"canceled", regexp.MustCompile(`^the call to 127\.0\.0\.1:\d+ was canceled after [\d.]+m?s(?:` + doubt + `)?` + tries + `$`), unsure},
	{"cut off", regexp.MustCompile(`^the connection to 127\.0\.0\.1:\d+ ended before the answer was complete(?:` + doubt + `)? \([^\n]+\)` + tries + `$`), unsure},
	{"paused", regexp.MustCompile(`^nothing was sent to 127\.0\.0\.1:\d+: no request has succeeded since \S+, the last failed with [^;]+; (?:one call is trying the instance now: call again in a few seconds|the instance is tried again from \S+ on: call again in \d+s)$`), nothing},
	{"crowded", regexp.MustCompile(`^nothing was sent to 127\.0\.0\.1:\d+: requests under way are limited to \d+, and (?:\d+ wait for their turn, as many as may|the turn of this call did not come before its deadline); call again when some have ended`), nothing},
}

// judgement is which of these a text is, "" for none of them.
func judgement(text string, reads, repeatable bool) (name string, e effect) {
	for _, c := range forms {
		if !c.form.MatchString(text) {
			continue
		}
		switch doubtful := strings.Contains(text, doubt); {
		case reads && (doubtful || strings.Contains(text, "took effect")):
			return "", 0 // a read has none
		case c.effect == unsure && (c.name == "timeout" || c.name == "canceled" || c.name == "cut off") && !doubtful:
			return c.name, nothing
		case c.effect == nothing && repeatable && strings.Contains(text, "repeat"):
			return c.name, unsure // that was the last try, and not the first
		}
		return c.name, c.effect
	}
	return "", 0
}

// A stormCaller calls one thing after the other, and remembers what it was told.
type stormCaller struct {
	*storm
	*rand.Rand
	name string
	n    int

	live      []*stormGroup
	gone      []*stormGroup // deleted, so it was told
	lost      []*stormGroup // deleted, perhaps
	doubtful  []string      // names of groups that are there, perhaps
	never     []string      // names of groups that cannot be there
	patched   map[string]effect
	replaced  int
	confirmed int // creations
}

type stormGroup struct {
	id     int
	name   string          // what it was called last, so it was told
	may    map[string]bool // what it may be called, if later calls have had an effect
	always map[string]bool // the same, for requests that may still be under way
}

func (g *stormGroup) called(name string) bool { return g.name == name || g.may[name] || g.always[name] }

func (g *stormGroup) now(name string) { g.name, g.may = name, map[string]bool{} }

// fresh is a name that nothing else has.
func (c *stormCaller) fresh() string {
	c.n++
	return fmt.Sprintf("group of %s, %d", c.name, c.n)
}

func (c *stormCaller) complain(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wrong = append(c.wrong, fmt.Sprintf(format, args...))
}

// run makes one call, and looks at its end.
func (c *stormCaller) run(ctx context.Context, tool string, arguments object) (body object, text string, e effect, ended string) {
	reads, repeatable := strings.HasPrefix(tool, "get_") || strings.HasPrefix(tool, "list_"), tool == "replace_group" || tool == "delete_group"
	encoded, _ := json.Marshal(arguments)
	ctx, cancel := context.WithTimeout(ctx, c.timeout+late)
	defer cancel()
	gaveUp := false
	if c.cancels && c.IntN(20) == 0 {
		gaveUp = true
		defer time.AfterFunc(time.Duration(c.Int64N(int64(100*time.Millisecond))), cancel).Stop()
	}
	began, stalled := time.Now(), c.beat.stalled()
	outcome, err := c.runner.Run(ctx, tool, encoded)
	took := time.Since(began)
	stalled = c.beat.stalled() - stalled
	c.mu.Lock()
	if over := took - c.timeout; over > c.worst {
		c.worst, c.worstStall = over, stalled
	}
	c.mu.Unlock()
	switch {
	case err != nil:
		c.complain("%s broke: %v", tool, err)
		return nil, "", unsure, ""
	case took-stalled >= c.timeout+late:
		c.complain("%s took %s, of which the machine stood still for %s: %.300s", tool, took, stalled, outcome.Text)
	}
	ended = "fine"
	if outcome.IsError {
		if ended, e = judgement(outcome.Text, reads, repeatable); ended == "" || ended == "canceled" && !gaveUp {
			c.complain("%s: %s", tool, outcome.Text)
		}
	} else {
		body = bodyOf(outcome)
	}
	c.mu.Lock()
	c.counts[ended]++
	c.mu.Unlock()
	if ended == "paused" || ended == "crowded" {
		time.Sleep(20 * time.Millisecond) // as it says
	}
	return body, outcome.Text, e, ended
}

// bodyOf is the JSON at the front of a result.
func bodyOf(r result.Result) (body object) {
	if json.NewDecoder(strings.NewReader(r.Text)).Decode(&body) != nil {
		return nil
	}
	return body
}

func (c *stormCaller) call(ctx context.Context) {
	switch what := c.IntN(10); {
	case what == 0:
		c.list(ctx)
	case what <= 2:
		want := c.users[c.IntN(len(c.users))]
		body, text, _, ended := c.run(ctx, "get_user", object{"userId": want.(object)["id"]})
		if ended == "fine" && !reflect.DeepEqual(pick(body["data"], want), want) {
			c.complain("get_user: %s", text)
		}
	case what <= 5 || len(c.live) == 0:
		c.create(ctx)
	default:
		i := c.IntN(len(c.live))
		switch g := c.live[i]; what {
		case 6:
			body, text, _, ended := c.run(ctx, "get_group", object{"groupId": fmt.Sprint(g.id)})
			if name := nameIn(body); ended == "fine" && !g.called(name) {
				c.complain("get_group of what is called %s: %s", g.name, text)
			}
		case 7:
			name := c.fresh()
			c.change(ctx, g, "update_group", name, object{"operations": []object{{"op": "replace", "path": "/name", "value": name}}})
		case 8:
			name := c.fresh()
			c.change(ctx, g, "replace_group", name, object{"name": name})
		default:
			c.remove(ctx, i)
		}
	}
}

// pick is v with the fields that like has: a list of users has fewer of them.
func pick(v, like any) object {
	out := object{}
	from, _ := v.(object)
	for name := range like.(object) {
		out[name] = from[name]
	}
	return out
}

func nameIn(body object) string {
	data, _ := body["data"].(object)
	name, _ := data["name"].(string)
	return name
}

// list follows a list to its end. Where a page fails, what is there is the
// beginning, and the result says so.
func (c *stormCaller) list(ctx context.Context) {
	body, text, _, ended := c.run(ctx, "list_users", object{"all_pages": true, "format": "json", "limit": 10})
	if ended != "fine" {
		return
	}
	got, _ := body["data"].([]any)
	_, failed, cut := strings.Cut(text, "then a page failed, ")
	switch {
	case len(got) == 0, len(got) > len(c.users), !reflect.DeepEqual(got, c.users[:len(got)]):
		c.complain("list_users: wrong items: %.300s", text)
	case cut:
		failed, _, _ = strings.Cut(failed, "; there is more. Next page: call list_users with {")
		if name, _ := judgement(failed, true, true); name == "" || body["has_more"] != true {
			c.complain("list_users: %s", failed)
		}
		c.mu.Lock()
		c.counts["part of a list"]++
		c.mu.Unlock()
	case len(got) < len(c.users) && !strings.Contains(text, "one call fetches pages for"):
		c.complain("list_users: %d of %d items, and not a word", len(got), len(c.users))
	}
}

func (c *stormCaller) create(ctx context.Context) {
	name := c.fresh()
	body, text, e, ended := c.run(ctx, "create_group", object{"name": name})
	switch {
	case ended == "fine":
		data, _ := body["data"].(object)
		id, _ := data["id"].(float64)
		if id == 0 || data["name"] != name {
			c.complain("create_group: %s", text)
		}
		c.confirmed++
		c.live = append(c.live, &stormGroup{id: int(id), name: name, may: map[string]bool{}, always: map[string]bool{}})
	case e == unsure:
		c.doubtful = append(c.doubtful, name)
	default:
		c.never = append(c.never, name)
	}
}

func (c *stormCaller) change(ctx context.Context, g *stormGroup, tool, name string, arguments object) {
	arguments["groupId"] = fmt.Sprint(g.id)
	body, text, e, ended := c.run(ctx, tool, arguments)
	switch {
	case ended == "fine" && nameIn(body) != name:
		c.complain("%s: %s", tool, text)
	case ended == "fine":
		g.now(name)
	case e == unsure && (ended == "timeout" || ended == "canceled"):
		g.always[name] = true
	case e == unsure:
		g.may[name] = true
	}
	if tool == "update_group" {
		c.patched[name] = e
	} else if ended == "fine" {
		c.replaced++
	}
}

func (c *stormCaller) remove(ctx context.Context, i int) {
	g := c.live[i]
	_, text, e, ended := c.run(ctx, "delete_group", object{"groupId": fmt.Sprint(g.id)})
	switch {
	case ended == "fine" && !strings.HasPrefix(text, "Done: delete_group succeeded"):
		c.complain("delete_group: %s", text)
	case ended == "fine":
		c.gone = append(c.gone, g)
	case e == unsure:
		c.lost = append(c.lost, g)
	default:
		return
	}
	c.live = append(c.live[:i], c.live[i+1:]...)
}

// judge holds what callers were told against what there is.
func (s *storm) judge(t *testing.T, callers []*stormCaller) {
	t.Helper()
	encoded, err := json.Marshal(s.box)
	require.NoError(t, err)
	var org struct {
		Groups struct {
			Rows []struct {
				Item struct {
					ID   int
					Name string
				}
			}
		}
	}
	require.NoError(t, json.Unmarshal(encoded, &org))
	name, count := map[int]string{}, map[string]int{}
	for _, row := range org.Groups.Rows {
		name[row.Item.ID] = row.Item.Name
		count[row.Item.Name]++
	}
	stats := s.box.Stats()
	created, deleted, replaced, patches := 0, 0, 0, map[effect]int{}
	for _, c := range callers {
		created += c.confirmed
		replaced += c.replaced
		for _, g := range c.live {
			require.True(t, g.called(name[g.id]), "%d is called %q and not %q", g.id, name[g.id], g.name)
			require.Equal(t, 1, count[name[g.id]])
		}
		for _, g := range c.gone {
			require.NotContains(t, name, g.id, "deleted, and there")
			deleted++
		}
		for _, g := range c.lost {
			if _, there := name[g.id]; !there {
				deleted++
			}
		}
		for _, n := range c.doubtful {
			require.LessOrEqual(t, count[n], 1)
			require.Equal(t, count[n], s.done["POST "+n])
			created += count[n]
		}
		for _, n := range c.never {
			require.Zero(t, count[n], "%s was not to be there", n)
			require.Zero(t, s.done["POST "+n])
		}
		for n, e := range c.patched {
			switch patches[e]++; e {
			case done:
				require.Equal(t, 1, s.done["PATCH "+n])
			case nothing:
				require.Zero(t, s.done["PATCH "+n])
			case unsure:
				require.LessOrEqual(t, s.done["PATCH "+n], 1)
			}
		}
	}
	for key, times := range s.done {
		if strings.HasPrefix(key, "POST") || strings.HasPrefix(key, "PATCH") {
			require.Equal(t, 1, times, "%s was done more than once", key)
		}
	}
	made := stats.Operations
	require.Equal(t, created, made["create_group"])
	require.Equal(t, deleted, made["delete_group"])
	require.GreaterOrEqual(t, made["update_group"], patches[done])
	require.LessOrEqual(t, made["update_group"], patches[done]+patches[unsure])
	require.GreaterOrEqual(t, made["replace_group"], replaced)
	require.Equal(t, made["create_group"]+made["delete_group"]+made["update_group"]+made["replace_group"], stats.Writes, "writes that nobody asked for: %v", made)
	for _, some := range []int{created, deleted, patches[done], replaced} {
		require.Positive(t, some)
	}
}
