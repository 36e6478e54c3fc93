package script_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/progress"
	"github.com/retool-mcp/retool-mcp/internal/script"
	"github.com/retool-mcp/retool-mcp/internal/testprocess"
)

// Each script that is too much ends with words that say what, and in time.
func TestLimits(t *testing.T) {
	for name, x := range map[string]struct{ code, stopped string }{
		"an endless loop":        {"let n = 0;\nfor (;;) n++", "the script ran longer than 1s"},
		"an endless native loop": {"[].indexOf.call({length: 2**53 - 1}, 1)", "the script ran longer than 1s"},
		"endless sleep":          {"await sleep(1e9)", "the script ran longer than 1s"},
		"too many calls":         {"for (let i = 0; i < 1001; i++) await retool.echo({})", "the script makes more than 1000 calls"},
		"too many at once":       {"await Promise.all([...Array(1001).keys()].map(i => retool.echo({i})))", "the script makes more than 1000 calls"},
		"too much returned":      {"return 'a'.repeat(9e6)", "return less, or await save(name, rows)"},
		"a slow tool":            {"await retool.get_job({})", "the script ran longer than 1s"},
	} {
		t.Run(name, func(t *testing.T) {
			o := &tools{before: func(ctx context.Context, _, name, _ string) error {
				if name == "get_job" {
					<-ctx.Done()
				}
				return nil
			}}
			timeout := time.Second
			if !strings.Contains(x.stopped, "longer") {
				timeout = 20 * time.Second
			}
			begun := time.Now()
			out := newRunner(t, script.Options{Timeout: timeout}).Query(t.Context(), program(x.code), o)
			said := out.Stopped
			if out.Error != nil { // the child saw it first
				said = out.Error.Message
			}
			require.Contains(t, said, x.stopped)
			require.Less(t, time.Since(begun), timeout+inTime)
		})
	}
}

func TestWhatIsOnlyCut(t *testing.T) {
	r, o := newRunner(t, script.Options{}), &tools{}
	out := r.Query(t.Context(), program(`for (let i = 0; i < 1000; i++) console.log("line " + i); return "x".repeat(5 << 20)`), o)
	require.Contains(t, out.Error.Message, "the script returned too much")
	require.Len(t, out.Console, 200)
	out = r.Query(t.Context(), program(strings.Repeat("/", script.MaxCode+1)), o)
	require.Contains(t, out.Stopped, "the code has 65537 bytes; the limit is 65536")
	out = r.Query(t.Context(), script.Program{Code: "return 1", Args: []byte(`"` + strings.Repeat("a", script.MaxArgs) + `"`)}, o)
	require.Contains(t, out.Stopped, "the limit is")
	out = r.Query(t.Context(), program(`await retool.echo({a: "x".repeat(4.3e6)})`), o)
	require.NotNil(t, out.Error)
	out = r.Query(t.Context(), program(`await retool.echo({a: [...Array(100000).keys()]})`), o)
	require.Contains(t, out.Error.Message, "the arguments of echo are too large")
	out = r.Query(t.Context(), program(`await save("a.csv", [{a: 1}, {a: 2}]); return 1`), o)
	require.Nil(t, out.Error)
	require.Equal(t, []script.Saved{{Name: "a.csv", Rows: 2, Content: []byte(`[{"a":1},{"a":2}]`)}}, out.Saved)
}

// What a script saves in vain, logs and notes takes no more memory than it has.
func TestWhatIsKeptIsSmall(t *testing.T) {
	for name, x := range map[string]struct{ code, failure string }{
		"long names":  {`const n = "x".repeat(7e6); for (let i = 0; i < 99; i++) await save(n + i, [])`, "the name of the file has more than 500 bytes"},
		"wide names":  {`const n = "é".repeat(251); await save(n, [])`, "the name of the file has more than 500 bytes"},
		"many rows":   {`for (let i = 0; i < 99; i++) await save("a", ["x".repeat(1e6)])`, "the rows are too many to return"},
		"small saves": {`for (let i = 0; i < 99; i++) await save("x".repeat(500), ["x".repeat(4e4)])`, ""},
		"long lines":  {`const n = "x".repeat(7e6); for (let i = 0; i < 99; i++) console.log(n + i)`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			heap := func() uint64 {
				var m runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&m)
				return m.HeapAlloc
			}
			before := heap()
			out := newRunner(t, script.Options{}).Query(t.Context(), program(x.code), &tools{})
			require.Less(t, heap(), before+6<<20)
			if x.failure == "" {
				require.Nil(t, out.Error)
			} else {
				require.Contains(t, out.Error.Message, x.failure)
			}
		})
	}
}

// Of too many notes the result says how many it lacks.
func TestManyNotes(t *testing.T) {
	code := strings.Repeat("await retool.noted({});\n", 30) + strings.Repeat("await retool.noted({});", 2)
	out := newRunner(t, script.Options{}).Query(t.Context(), program(code), &tools{})
	require.Len(t, out.Notes, 21)
	require.Equal(t, "11 more notes are left out", out.Notes[20], "one for each line")
	out = newRunner(t, script.Options{}).Query(t.Context(), program(strings.Repeat("await retool.noted({});\n", 20)), &tools{})
	require.Len(t, out.Notes, 20)
}

// Eight calls run at once, in their order; progress counts them.
func TestCallsRunEightAtOnce(t *testing.T) {
	var now, most atomic.Int64
	o := &tools{before: func(context.Context, string, string, string) error {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		time.Sleep(20 * time.Millisecond)
		now.Add(-1)
		return nil
	}}
	var last int
	var mu sync.Mutex
	ctx := progress.With(t.Context(), func(done, _ int, _ string) {
		mu.Lock()
		defer mu.Unlock()
		last = max(last, done)
	})
	begun := time.Now()
	out := newRunner(t, script.Options{}).Query(ctx, program(`return (await Promise.all([...Array(80).keys()].map(i => retool.echo({i})))).every((x, i) => x.i === i)`), o)
	require.Equal(t, "true", string(out.Value))
	require.Equal(t, 80, out.Reads)
	require.EqualValues(t, 8, most.Load())
	require.Greater(t, time.Since(begun), 190*time.Millisecond)
	require.Equal(t, 80, last)
	require.Contains(t, o.take("read")[0], `{"i":`)
}

// So many scripts run at once; the others wait in the order in which they came, and
// one that is cancelled leaves the queue.
func TestScriptsWaitInOrder(t *testing.T) {
	var order []string
	var mu sync.Mutex
	o := &tools{before: func(_ context.Context, _, _, args string) error {
		mu.Lock()
		order = append(order, args)
		mu.Unlock()
		time.Sleep(50 * time.Millisecond)
		return nil
	}}
	r := newRunner(t, script.Options{MaxScripts: 1})
	var all sync.WaitGroup
	for i := range 5 {
		ctx, cancel := context.WithCancel(t.Context())
		all.Go(func() {
			out := r.Query(ctx, program(fmt.Sprintf(`await retool.echo({i: %d})`, i)), o)
			if i == 3 {
				require.Contains(t, out.Stopped, "cancelled while it waited")
			} else {
				require.Empty(t, out.Stopped, "waiting counts for nothing")
			}
		})
		time.Sleep(10 * time.Millisecond)
		if i == 3 {
			cancel()
		}
		t.Cleanup(cancel)
	}
	all.Wait()
	require.Equal(t, []string{`{"i":0}`, `{"i":1}`, `{"i":2}`, `{"i":4}`}, order)
}

// One caller leaves a place for others, and the callers take turns.
func TestCallersOfScriptsTakeTurns(t *testing.T) {
	of := func(caller, code string) script.Program { return script.Program{Code: code, Caller: caller} }
	r := newRunner(t, script.Options{MaxScripts: 2})
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { r.Query(ctx, of("ada", `await sleep(50000)`), &tools{}) })
	}
	time.Sleep(100 * time.Millisecond)
	begun := time.Now()
	for range 2 {
		require.Equal(t, "1", string(r.Query(t.Context(), of("bob", `return 1`), &tools{}).Value))
	}
	require.Less(t, time.Since(begun), 20*time.Second)
	cancel()
	all.Wait()
	require.Eventually(t, r.Free, inTime, time.Millisecond)

	var mu sync.Mutex
	var order []string
	o := &tools{before: func(_ context.Context, _, _, args string) error {
		mu.Lock()
		order = append(order, args)
		mu.Unlock()
		time.Sleep(100 * time.Millisecond)
		return nil
	}}
	r = newRunner(t, script.Options{MaxScripts: 1})
	for i, caller := range []string{"ada", "ada", "ada", "bob", ""} {
		all.Go(func() { r.Query(t.Context(), of(caller, fmt.Sprintf(`await retool.echo({n: "%s %d"})`, caller, i)), o) })
		time.Sleep(10 * time.Millisecond)
	}
	all.Wait()
	require.Equal(t, []string{`{"n":"ada 0"}`, `{"n":"bob 3"}`, `{"n":" 4"}`, `{"n":"ada 1"}`, `{"n":"ada 2"}`}, order)

	// The operator has nobody to leave a place for.
	r = newRunner(t, script.Options{MaxScripts: 2})
	var now, most atomic.Int64
	both := &tools{before: func(context.Context, string, string, string) error {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		time.Sleep(300 * time.Millisecond)
		now.Add(-1)
		return nil
	}}
	for range 2 {
		all.Go(func() { r.Query(t.Context(), of("", `await retool.echo({})`), both) })
	}
	all.Wait()
	require.EqualValues(t, 2, most.Load())
}

// A cancelled call ends child and calls at once.
func TestCancelEndsTheChild(t *testing.T) {
	for name, code := range map[string]string{"in a call": `await retool.echo({})`, "in JavaScript": `retool.echo({}); await sleep(1); for (;;) ;`} {
		t.Run(name, func(t *testing.T) {
			commands := &commands{t: t}
			ctx, cancel := context.WithCancel(t.Context())
			var begun time.Time
			ended := make(chan struct{})
			o := &tools{before: func(ctx context.Context, _, _, _ string) error {
				begun = time.Now()
				cancel()
				<-ctx.Done()
				close(ended)
				return nil
			}}
			out := newRunner(t, script.Options{Command: commands.next}).Query(ctx, program(code), o)
			require.Equal(t, "the call was cancelled", out.Stopped)
			<-ended
			require.Less(t, time.Since(begun), inTime)
			require.Eventually(t, func() bool { return commands.last.Process.Signal(syscall.Signal(0)) != nil }, time.Second, time.Millisecond)
		})
	}
}

// Reads that nobody awaits end with the script.
func TestReadsThatOutliveTheScriptAreCancelled(t *testing.T) {
	ended := make(chan struct{})
	o := &tools{before: func(ctx context.Context, _, name, _ string) error {
		if name == "get_job" {
			<-ctx.Done()
			close(ended)
		}
		return nil
	}}
	begun := time.Now()
	out := newRunner(t, script.Options{}).Query(t.Context(), program(`retool.get_job({}); await sleep(500); throw new Error("enough")`), o)
	require.Contains(t, out.Error.Message, "enough")
	<-ended
	require.Less(t, time.Since(begun), 20*time.Second)
}

// A child gets no environment.
func TestTheChildGetsNoEnvironment(t *testing.T) {
	t.Setenv("RETOOL_TOKEN", "secret")
	program, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(program, script.ChildArgument)
	r := script.NewRunner(script.Options{Command: func() *exec.Cmd { return cmd }})
	r.Query(t.Context(), script.Program{Code: "return 1"}, &tools{})
	require.Empty(t, cmd.Env)
	require.NotNil(t, cmd.Env)
	require.Equal(t, "/", cmd.Dir)
}

// Children that do not keep to the protocol.
func TestHostileChildren(t *testing.T) {
	var child string
	runner := func(timeout time.Duration) *script.Runner {
		return newRunner(t, script.Options{Timeout: timeout, MaxScripts: 1, Command: func() *exec.Cmd {
			return testprocess.Command(t, []string{hostile + "=" + child}, script.ChildArgument)
		}})
	}
	const short = time.Second
	hurried, patient := runner(short), runner(20*short)
	for kind, want := range map[string]string{
		"nothing":       "the process of the script failed: exit status 0",
		"crash":         "the process of the script failed: exit status 2",
		"memory":        "the process of the script failed: exit status 2, out of memory",
		"garbage":       "the script passed on more than 8 MB at once",
		"json":          "the process of the script failed: it sent what is no message",
		"kind":          "the process of the script failed: it sent what is no message",
		"cut":           "the process of the script failed: exit status 0",
		"huge":          "the script passed on more than 8 MB at once",
		"same id":       "the process of the script failed: it sent what is no message",
		"ended":         "the process of the script failed: it sent what is no message",
		"form":          "the process of the script failed: it sent what is no message",
		"silent":        "the script ran longer than 1s",
		"deaf":          "the script ran longer than 1s",
		"slow frame":    "the script ran longer than 1s",
		"unread":        "the script ran longer than 1s",
		"log flood":     "the script slept or logged more than 20000 times",
		"clock flood":   "the script slept or logged more than 20000 times",
		"sleeps":        "the process of the script failed: it sent what is no message",
		"calls":         "the script makes more than 1000 calls",
		"large calls":   "the script ran longer than 1s",
		"large answers": "the script read more than 64 MB; ask for less",
		"long name":     "the process of the script failed: it sent what is no message",
		"long text":     "the process of the script failed: it sent what is no message",
		"long note":     "the process of the script failed: it sent what is no message",
		"write":         "",
		"unknown":       "",
		"no arguments":  "",
		"two arguments": "the process of the script failed: it sent what is no message",
	} {
		t.Run(kind, func(t *testing.T) {
			child = kind
			var under, most atomic.Int64
			o := &tools{before: func(ctx context.Context, _, _, args string) error {
				n := under.Add(int64(len(args)))
				defer under.Add(-int64(len(args)))
				if n > most.Load() {
					most.Store(n)
				}
				if kind == "large calls" {
					<-ctx.Done()
				}
				return nil
			}}
			begun := time.Now()
			r, timeout := patient, 20*short
			if strings.Contains(want, "longer") {
				r, timeout = hurried, short
			}
			out := r.Query(t.Context(), program("return 1"), o)
			require.Less(t, time.Since(begun), timeout+inTime)
			if want == "" {
				require.Empty(t, out.Stopped)
				require.JSONEq(t, `"refused"`, string(out.Value))
			} else {
				require.Contains(t, out.Stopped, want)
			}
			require.Empty(t, o.take("write"))
			require.LessOrEqual(t, most.Load(), int64(4<<20))
		})
	}
	child = ""
	require.Eventually(t, hurried.Free, inTime, time.Millisecond)
	require.Eventually(t, patient.Free, inTime, time.Millisecond)
	out := patient.Query(t.Context(), program(`await save("a", ["x".repeat(3e6)]); return 1`), &tools{})
	require.Equal(t, "1", string(out.Value), out.Stopped)
}
