package engine_test

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/script/wire"
)

func TestLimits(t *testing.T) {
	const tooLong, tooMuch = "failed: the script ran longer than 1 s (line", "failed: the script needs more than 64 MB: read less at once, or keep less of what was read"
	for _, p := range []program{
		{"loop", `for (;;);`, tooLong},
		{"loop in a promise", `await Promise.resolve().then(() => { for (;;); })`, tooLong},
		{"loop that catches", `for (;;) { try { for (;;); } catch (e) {} }`, tooLong},
		{"loop in finally", `try { for (;;); } finally { for (;;); }`, tooLong},
		{"loop of promises", `const f = () => { Promise.resolve().then(f); }; f(); await new Promise(() => 0)`, tooLong},
		{"loop of awaits", `for (;;) await 1`, tooLong},
		{"loop of pauses", `for (;;) await sleep(1)`, tooLong},
		{"pause", `await sleep(1e9)`, tooLong},
		{"loop in a getter", `return {get a() { for (;;); }}`, tooLong},
		{"loop while it is returned", `return {toJSON() { for (;;); }}`, tooLong},
		{"loop in the text of an error", `throw {toJSON() { for (;;); }}`, tooLong},
		{"regular expression", `return /^(a+)+$/.test("a".repeat(40) + "b")`, tooLong},
		{"native function", `return [..."x".repeat(1e6)].sort(() => 1).length, "a".repeat(1e6).split("").map(x => "b".repeat(1e6).indexOf("bc" + x))`, tooLong},
		{"more promises than QuickJS drains", `let n = 0; while (n < 1.1e6) await n++; return n`, "1100000"},
		{"array", `const a = []; for (;;) a.push({a: 1})`, tooMuch},
		{"text", `let s = "x"; for (;;) s += s`, "failed: "},
		{"large array", `new Array(1e9).fill(0)`, tooMuch},
		{"buffer", `new ArrayBuffer(1e9)`, tooMuch},
		{"memory that is caught", `try { const a = []; for (;;) a.push({a: 1}) } catch (e) { return "caught" }`, "text caught"},
		{"recursion", `const f = () => f() + 1; f()`, "failed: InternalError: stack overflow: functions or data are nested too deeply (line 1)"},
		{"deep answer", `await retool.echo({deep: true})`, "failed: SyntaxError: stack overflow: functions or data are nested too deeply"},
		{"deep value", `let o = {}; for (let i = 0; i < 2e4; i++) o = {o}; return o`, "failed: InternalError: stack overflow: functions or data are nested too deeply"},
		{"deep arguments", `let o = {}; for (let i = 0; i < 2e4; i++) o = {o}; await retool.echo({o})`, "failed: InternalError: stack overflow: functions or data are nested too deeply (line 1)"},
		{"deep code", "return " + strings.Repeat("[", 20000) + strings.Repeat("]", 20000), "failed: "},
		{"calls", `for (let i = 0; i < 1001; i++) await retool.echo({})`, "failed: the script makes more than 1000 calls: read lists, with filters, in place of single objects, or split it by args (line 1)"},
		{"large arguments", `await retool.echo({s: "x".repeat(5e6)})`, "failed: echo: 5000008 bytes are too many; at most 4194304 are possible (line 1)"},
		{"large result", `return "x".repeat(1e7)`, "failed: the script returned 10000002 bytes: return less, or await save(name, rows) (line 0)"},
		{"large rows", `await save("x", ["x".repeat(1e7)])`, "failed: x: 10000004 bytes are too many; at most 8323072 are possible (line 1)"},
		{"arguments that wait", `const s = "x".repeat(1e6); await Promise.all([...Array(50)].map(() => retool.echo({s})))`, "failed: echo: the arguments of the calls that wait have more than 32 MB; await some before the next (line 1)"},
		{"long error", `throw new Error("é".repeat(1e5))`, "failed: Error: é"},
	} {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			begun := time.Now()
			deadline := int64(120_000)
			if p.want == tooLong {
				deadline = 1000
			}
			o := run(t, &wire.Begin{Code: p.code, Deadline: deadline}, func(m wire.Message) wire.Reply {
				if strings.Contains(string(m.Args), "deep") {
					return wire.Reply{Value: json.RawMessage(strings.Repeat("[", 1e5) + strings.Repeat("]", 1e5))}
				}
				return organization(m)
			})
			assert.True(t, strings.HasPrefix(o.outcome(), p.want), "%s\n%.300s", p.code, o.outcome())
			assert.Less(t, len(o.outcome()), 4100)
			if p.want == tooLong {
				assert.Less(t, time.Since(begun), 3*time.Second)
			}
		})
	}
}

// A script that waits for an answer says for which.
func TestDeadlineWhileWaiting(t *testing.T) {
	o := runHeld(t, &wire.Begin{Code: "\nconst u = await retool.get_user({user_id: 1});", Deadline: 200}, organization, 2)
	require.Equal(t, "failed: the script ran longer than 0.2 s (line 2)", o.outcome())
}

// What a script no longer uses makes room for what comes.
func TestAnswersAreLetGo(t *testing.T) {
	item := `{"id":1,"name":"` + strings.Repeat("x", 100) + `"},`
	answer := json.RawMessage("[" + strings.TrimSuffix(strings.Repeat(item, 12_000), ",") + "]")
	o := run(t, &wire.Begin{Code: `let n = 0; for (let i = 0; i < 12; i++) n += (await retool.list_users()).length; return n`, Memory: 16 << 20}, func(wire.Message) wire.Reply {
		return wire.Reply{Value: answer, List: &wire.List{Total: 12_000}}
	})
	require.Equal(t, "144000", o.outcome())
}

func TestConsoleIsBounded(t *testing.T) {
	o := run(t, &wire.Begin{Code: `console.log("a", 1, {b: [1n]}, new Set([1]), undefined, new Error("x")); console.log("y".repeat(5000)); for (let i = 0; i < 1e5; i++) console.log("z")`}, organization)
	require.Equal(t, "nothing", o.outcome())
	require.Equal(t, `a 1 {"b":["1"]} [1] undefined Error: x`, o.logs[0])
	require.Less(t, len(o.logs[1]), 2100)
	require.Len(t, o.logs, 200)
	require.Contains(t, o.logs[199], "the console is full")
}

// Replies come in any order; the script sees them in the order of its calls.
func TestOrder(t *testing.T) {
	code := `const seen = [];
		await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(async (n) => {
			const a = await retool.echo({n, x: 1});
			seen.push(a.n);
			const b = await retool.echo({n: n * 10, x: 1});
			seen.push(b.n);
		}));
		return seen.concat(Math.random())`
	want := run(t, &wire.Begin{Code: code, Seed: 7}, organization)
	require.Contains(t, want.outcome(), "[1,2,")
	for range 3 {
		o := runHeld(t, &wire.Begin{Code: code, Seed: 7}, organization, 8)
		o8 := strings.Join(names(o.calls), " ")
		require.Equal(t, "1 2 3 4 5 6 7 8 10 20 30 40 50 60 70 80", o8)
		require.Equal(t, want.outcome(), o.outcome())
	}
	require.NotEqual(t, want.outcome(), run(t, &wire.Begin{Code: code, Seed: 8}, organization).outcome())
}

func names(calls []wire.Message) (all []string) {
	for _, m := range calls {
		var args struct{ N int }
		_ = json.Unmarshal(m.Args, &args)
		all = append(all, fmt.Sprint(args.N))
	}
	return all
}

// The child holds back what does not fit into the window, and ids ascend all the same.
func TestWindow(t *testing.T) {
	o := runHeld(t, &wire.Begin{Code: `const all = await Promise.all([...Array(128)].map((_, n) => retool.echo({n, now: n == 70 ? Date.now() : 0}))); return all.length`}, organization, 64)
	require.Equal(t, "128", o.outcome())
	last := 0
	for _, m := range o.calls {
		require.Greater(t, m.ID, last)
		last = m.ID
	}
	c := start(t, &wire.Begin{Code: `await Promise.all([...Array(9)].map(() => retool.echo({s: "x".repeat(1e6)})))`})
	for range 4 {
		var m wire.Message
		require.NoError(t, wire.Read(c.out, &m))
		require.Equal(t, wire.Call, m.Kind)
	}
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		_ = wire.Read(c.out, &wire.Message{})
	}()
	select {
	case <-heard:
		t.Fatal("a fifth megabyte is under way")
	case <-time.After(100 * time.Millisecond):
	}
}

// A child does not outlive its parent, whatever it does.
func TestChildEndsWithItsParent(t *testing.T) {
	for name, code := range map[string]string{
		"loop": `console.log("on"); for (;;);`, "regular expression": `console.log("on"); /^(a+)+$/.test("a".repeat(50) + "b")`,
		"waits for a call": `console.log("on"); await retool.echo({})`, "pause": `console.log("on"); await sleep(1e6)`, "waits for the time": `console.log("on"); Date.now()`,
	} {
		t.Run(name, func(t *testing.T) {
			c := start(t, &wire.Begin{Code: code, Deadline: 60_000})
			var m wire.Message
			require.NoError(t, wire.Read(c.out, &m))
			require.Equal(t, "on", m.Text)
			begun := time.Now()
			c.in.Close()
			_, _ = io.Copy(io.Discard, c.out)
			require.Less(t, time.Since(begun), 2*time.Second)
		})
	}
}

func TestFilesAndEnvironmentAreOutOfReach(t *testing.T) {
	o := run(t, &wire.Begin{Code: `return Object.getOwnPropertyNames(globalThis).filter(n => /std|os|bjson|scriptArgs|print|load|env|process|require/i.test(n))`}, organization)
	require.Equal(t, "[]", o.outcome())
	o = run(t, &wire.Begin{Code: "return await import('os').then(() => 'imported', e => String(e))"}, organization)
	require.Contains(t, o.outcome(), "could not load module")
}
