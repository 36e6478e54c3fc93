package script_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/script"
	"github.com/retool-mcp/retool-mcp/internal/testprocess"
)

// refuse lets writes fail that match.
func refuse(match func(n int64, name, args string) bool) func(context.Context, string, string, string) error {
	var n atomic.Int64
	return func(_ context.Context, kind, name, args string) error {
		if kind == "write" && match(n.Add(1), name, args) {
			return &script.Failure{Operation: name, Status: 429, Message: name + ": too many requests"}
		}
		return nil
	}
}

// "Create if missing": after a failure, the next plan is the rest.
func TestTheNextPlanOfCreateIfMissingIsTheRest(t *testing.T) {
	r, o := newRunner(t, script.Options{}), &tools{}
	p := program(`
		const there = await retool.list_groups();
		await Promise.all([...Array(17).keys()].map(async n => there.find(g => g.name === "g" + n) ?? await retool.create_group({name: "g" + n})))`)
	id := planned(t, r, p, o).ID
	o.before = refuse(func(n int64, _, _ string) bool { return n > 14 })
	out := apply(t, r, p, o, id)
	require.Equal(t, 429, out.Error.Status)
	require.Len(t, out.Made, 14)
	require.Len(t, out.NotMade, 3)
	require.Contains(t, out.NotMade[0].Failed, "too many requests")
	o.before = nil
	rest := planned(t, r, p, o)
	require.Len(t, rest.Plan.Steps, 3)
	require.Len(t, apply(t, r, p, o, rest.ID).Made, 3)
	require.Len(t, o.groups, 17)
}

// Programs of two stages: what was made is not made again by the next plan of the same
// script, and counts with its real answers.
func TestWritesOfAnApplyThatDidNotEndAreReplayed(t *testing.T) {
	for name, x := range map[string]struct {
		stage string
		steps []string // of the second plan
	}{
		"iterating":       {`for (const m of [...g.members, 1]) await retool.add_member({group: g.id, m})`, []string{`add_member#1 {"group":"g1","m":1}`}},
		"counting":        {`if (g.members.length === 0) await retool.add_member({group: g.id})`, []string{`add_member#1 {"group":"g1"}`}},
		"comparing":       {`if (g.number === 7) await retool.add_member({group: g.id})`, []string{`add_member#1 {"group":"g1"}`}},
		"read and search": {`const again = (await retool.list_groups()).find(x => x.id === g.id); if (again) await retool.add_member({group: again.name})`, []string{`add_member#1 {"group":"a"}`}},
	} {
		t.Run(name, func(t *testing.T) {
			now := &clock{now: date}
			r, o := newRunner(t, script.Options{Now: now.Now}), &tools{}
			p := program("const g = await retool.create_group({name: 'a'});\n" + x.stage)
			first := planned(t, r, p, o)
			out := apply(t, r, p, o, first.ID)
			require.Equal(t, []string{"create_group#1"}, made(out))
			require.Contains(t, out.Stopped, "Run the same code again without apply for a plan of the rest")

			second := planned(t, r, p, o)
			require.Equal(t, 1, second.Replayed)
			require.Equal(t, x.steps, steps(second.Plan))
			bob := p
			bob.Caller = "bob"
			require.Zero(t, r.Plan(t.Context(), bob, o).Replayed, "the journal is of one caller")
			staging := p
			staging.Instance = "staging"
			require.Zero(t, r.Plan(t.Context(), staging, o).Replayed)
			changed := p
			changed.Code += " "
			require.Zero(t, r.Plan(t.Context(), changed, o).Replayed)

			now.add(5 * time.Minute)
			out = apply(t, r, p, o, second.ID)
			require.Empty(t, out.Stopped)
			require.Nil(t, out.Error)
			require.Equal(t, 1, out.Replayed)
			require.Equal(t, []string{"add_member#1"}, made(out))
			require.Len(t, o.groups, 1)
			require.Zero(t, r.Plan(t.Context(), p, o).Replayed, "it has ended: the next one makes everything again")
		})
	}
}

func TestTheJournalForgetsAfterTenMinutes(t *testing.T) {
	now := &clock{now: date}
	r, o := newRunner(t, script.Options{Now: now.Now}), &tools{}
	p := program(`await retool.create_group({name: "a"}); await retool.add_member({}); throw 1`)
	out := apply(t, r, p, o, planned(t, r, p, o).ID)
	require.Len(t, out.Made, 2)
	plan := r.Plan(t.Context(), p, o)
	require.Equal(t, 2, plan.Replayed)
	require.Empty(t, plan.ID, "there is nothing to apply")
	now.add(10*time.Minute + time.Second)
	require.Zero(t, r.Plan(t.Context(), p, o).Replayed)
}

// One write of sixty is refused: those under way are made, the others are not begun,
// and all is told.
func TestAfterAnErrorWritesAreNotBegun(t *testing.T) {
	r, o := newRunner(t, script.Options{}), &tools{}
	p := program(`await Promise.all([...Array(60).keys()].map(n => retool.create_group({name: "g" + n})))`)
	id := planned(t, r, p, o).ID
	fails := refuse(func(_ int64, _, args string) bool { return strings.Contains(args, `"g5"`) })
	o.before = func(ctx context.Context, kind, name, args string) error {
		if !strings.Contains(args, `"g5"`) && kind == "write" {
			time.Sleep(20 * time.Millisecond)
		}
		return fails(ctx, kind, name, args)
	}
	out := apply(t, r, p, o, id)
	require.Equal(t, "create_group: too many requests", out.Error.Message)
	require.Len(t, o.groups, len(out.Made), "each write that was made is told")
	require.Less(t, len(out.Made), 30)
	require.Len(t, out.NotMade, 60-len(out.Made))
	require.Contains(t, notMade(out), "create_group#6 create_group: too many requests")
	require.Empty(t, out.Caught, "it is the error")
}

// Writes that nobody awaits are made before the script ends.
func TestWritesThatAreNotAwaitedAreMade(t *testing.T) {
	r, o := newRunner(t, script.Options{}), &tools{}
	p := program(`for (let n = 0; n < 20; n++) retool.create_group({name: "g" + n}); return 1`)
	id := planned(t, r, p, o).ID
	o.before = func(context.Context, string, string, string) error { time.Sleep(5 * time.Millisecond); return nil }
	out := apply(t, r, p, o, id)
	require.Empty(t, out.Stopped)
	require.Len(t, out.Made, 20)
	require.Empty(t, out.NotMade)
}

// Refusals are told even if the script caught them.
func TestCaughtRefusalsAreTold(t *testing.T) {
	r, o := newRunner(t, script.Options{}), &tools{}
	p := program("for (const n of [1, 2, 3])\n  try { await retool.create_group({name: 'g' + n}) } catch {}\nreturn 'fine'")
	id := planned(t, r, p, o).ID
	o.before = refuse(func(n int64, _, _ string) bool { return n == 2 })
	out := apply(t, r, p, o, id)
	require.Nil(t, out.Error)
	require.Len(t, out.Caught, 1)
	require.Equal(t, 2, out.Caught[0].Line)
	require.Equal(t, []string{"create_group#2 create_group: too many requests"}, notMade(out))
	require.Equal(t, []string{"create_group#1", "create_group#3"}, made(out))

	o.before = nil
	rest := planned(t, r, p, o)
	require.Equal(t, 2, rest.Replayed, "the next plan is the rest")
	require.Equal(t, []string{`create_group#1 {"name":"g2"}`}, steps(rest.Plan))
	require.Len(t, apply(t, r, p, o, rest.ID).Made, 1)
	require.Zero(t, r.Plan(t.Context(), p, o).Replayed)
}

// A child that ends before the first write leaves the plan as it was.
func TestAPlanIsUsedUpByTheFirstWrite(t *testing.T) {
	starts := 0
	r, o := newRunner(t, script.Options{Command: func() *exec.Cmd {
		if starts++; starts == 3 {
			return exec.Command("/nowhere")
		}
		return testprocess.Command(t, nil, script.ChildArgument)
	}}), &tools{}
	p := program(`await retool.list_groups(); await retool.create_group({name: "a"})`)
	id := planned(t, r, p, o).ID
	out := apply(t, r, p, o, id)
	require.Contains(t, out.Stopped, "the process for the script does not start")
	require.Empty(t, made(out))
	require.Len(t, apply(t, r, p, o, id).Made, 1)
	require.Contains(t, apply(t, r, p, o, id).Stopped, "already applied")
}

// A write that is tried again after its refusal is not planned.
func TestARefusedWriteIsNotTriedAgain(t *testing.T) {
	r, o := newRunner(t, script.Options{}), &tools{}
	p := program(`try { await retool.create_group({name: "a"}) } catch { await retool.create_group({name: "a"}) }`)
	id := planned(t, r, p, o).ID
	o.before = refuse(func(n int64, _, _ string) bool { return n == 1 })
	out := apply(t, r, p, o, id)
	require.Contains(t, out.Stopped, "the plan has no create_group")
	require.Empty(t, o.take("write create_group"))
}

// The child of an apply is killed between two writes: what was made is told, and the
// next plan has the rest.
func TestACrashBetweenTwoWrites(t *testing.T) {
	commands := &commands{t: t}
	r, o := newRunner(t, script.Options{Command: commands.next}), &tools{}
	p := program(`for (let n = 0; n < 5; n++) await retool.create_group({name: "g" + n})`)
	id := planned(t, r, p, o).ID
	o.before = func(_ context.Context, kind, _, args string) error {
		if kind == "write" && strings.Contains(args, "g2") {
			child, err := os.FindProcess(commands.pid())
			require.NoError(t, err)
			require.NoError(t, child.Kill())
			time.Sleep(20 * time.Millisecond)
		}
		return nil
	}
	out := apply(t, r, p, o, id)
	require.Contains(t, out.Stopped, "the process of the script failed: signal: killed")
	require.Equal(t, []string{"create_group#1", "create_group#2", "create_group#3"}, made(out), "the write under way ends")
	require.Equal(t, []string{"create_group#4", "create_group#5"}, notMade(out))
	require.Len(t, o.groups, 3)
	o.before = nil
	rest := planned(t, r, p, o)
	require.Equal(t, 3, rest.Replayed)
	require.Equal(t, []string{`create_group#1 {"name":"g3"}`, `create_group#2 {"name":"g4"}`}, steps(rest.Plan))
	out = apply(t, r, p, o, rest.ID)
	require.Empty(t, out.Stopped)
	require.Equal(t, []string{"create_group#1", "create_group#2"}, made(out))
	require.Len(t, o.groups, 5)
}

// A write under way when the time is over may have been made: that is said.
func TestAWriteWithoutAnAnswer(t *testing.T) {
	var all sync.WaitGroup
	for _, deaf := range []bool{false, true} { // to its context
		r := newRunner(t, script.Options{Timeout: 500 * time.Millisecond})
		o := &tools{before: func(ctx context.Context, kind, _, args string) error {
			switch {
			case kind != "write" || !strings.Contains(args, `"b"`):
			case deaf:
				defer all.Done()
				time.Sleep(1500 * time.Millisecond)
			default:
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}}
		p := program(`await retool.create_group({name: "a"}); await retool.create_group({name: "b"}); await retool.create_group({name: "c"})`)
		id := planned(t, r, p, o).ID
		if deaf {
			all.Add(1)
		}
		begun := time.Now()
		out := apply(t, r, p, o, id)
		require.Less(t, time.Since(begun), 500*time.Millisecond+inTime+inTime) // there are two runs
		require.Contains(t, out.Stopped, "the script ran longer than 500ms")
		require.Equal(t, []string{"create_group#2 no answer came before the script was stopped: it may have been made", "create_group#3"}, notMade(out), fmt.Sprint(deaf))
	}
	all.Wait() // what comes too late is no race
}

// A fault of this program ends the script and is told.
func TestAFaultOfATool(t *testing.T) {
	r, o := newRunner(t, script.Options{}), &tools{}
	o.before = func(context.Context, string, string, string) error { return os.ErrClosed }
	out := r.Query(t.Context(), program(`try { await retool.list_groups() } catch {} return 1`), o)
	require.Equal(t, "list_groups (line 1) could not be called: file already closed", out.Stopped)
	o.before = func(context.Context, string, string, string) error { panic("secret") }
	out = r.Query(t.Context(), program(`try { await retool.list_groups() } catch {} return 1`), o)
	require.Equal(t, "list_groups (line 1) could not be called: internal error (string)", out.Stopped)
}

// Polling: the plan ends where a placeholder is waited for; in reality it is polled,
// and what follows from the last answer is planned.
func TestPolling(t *testing.T) {
	r, o := newRunner(t, script.Options{}), &tools{}
	p := program(`
		const job = await retool.start_job({});
		let state = await retool.get_job({id: job.id});
		while (!retool.planning && !state.done) { await sleep(1); state = await retool.get_job({id: job.id}) }
		await retool.add_member({result: state.result});`)
	out := planned(t, r, p, o)
	require.Len(t, out.Plan.Steps, 2)
	applied := apply(t, r, p, o, out.ID)
	require.Empty(t, applied.Stopped)
	require.Equal(t, `add_member {"result":"result 3"}`, o.take("write")[1])

	for name, wait := range map[string]string{
		"until":  `await until(() => retool.get_job({id: job.id}), j => j.done === true, {every: 1, for: 1000})`,
		"a loop": `for (;;) { if ((await retool.get_job({id: job.id})).done === true) break; await sleep(1) }`,
	} {
		t.Run(name, func(t *testing.T) {
			r, o := newRunner(t, script.Options{}), &tools{}
			p := program("const job = await retool.start_job({}); " + wait + "; await retool.add_member({})")
			out := planned(t, r, p, o)
			require.NotEmpty(t, out.Plan.Ended)
			applied := apply(t, r, p, o, out.ID)
			require.Contains(t, applied.Stopped, "The plan ended before the script does: ")
			require.Equal(t, 3, o.polls)
			out = planned(t, r, p, o)
			require.Equal(t, 1, out.Replayed)
			require.Equal(t, []string{`add_member#1 {}`}, steps(out.Plan))
			require.Empty(t, apply(t, r, p, o, out.ID).Stopped)
		})
	}
}
