package script_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/script"
)

// The same script has the same plan, whatever the order in which calls are answered.
func TestPlansOfAScriptWithJitterHaveOneID(t *testing.T) {
	const code = `
		const users = await retool.list_users();
		const seen = await Promise.all(users.slice(0, 20).map(async (u) => {
			const again = await retool.echo({id: u.id});
			await retool.add_member({user: again.id, at: Date.now()});
			return again.id;
		}));
		const groups = await Promise.all([1, 2, 3].map(n => retool.create_group({name: "g" + n + Math.random()})));
		await Promise.all(groups.map(g => retool.update_group({id: g.id, first: seen[0]})));`
	now := &clock{now: date.Add(time.Hour)}
	o := &tools{before: func(context.Context, string, string, string) error {
		time.Sleep(time.Duration(rand.IntN(2000)) * time.Microsecond)
		return nil
	}}
	r := newRunner(t, script.Options{Key: []byte("key"), Now: now.Now})
	ids := map[string]int{}
	for range 100 {
		out := planned(t, r, program(code), o)
		require.Len(t, out.Plan.Steps, 26)
		ids[out.ID]++
	}
	require.Len(t, ids, 1)
	require.Empty(t, o.take("write"))
}

// The clock of a script is that of the API, stands still, and is the plan's when it is
// applied; random numbers follow from the code.
func TestClockAndRandomAreThoseOfThePlan(t *testing.T) {
	now := &clock{now: date.Add(3 * time.Hour)}
	r := newRunner(t, script.Options{Now: now.Now})
	ask := func(code string) string {
		out := r.Query(t.Context(), program(code), &tools{})
		require.Nil(t, out.Error)
		return string(out.Value)
	}
	require.Equal(t, fmt.Sprint(now.now.UnixMilli()), ask(`return Date.now()`), "the API does not say the time")
	require.Equal(t, fmt.Sprint(date.UnixMilli()), ask(`await retool.list_groups(); const a = Date.now(); await sleep(5); return Date.now() === a ? a : "moved"`))
	require.NotEqual(t, ask(`return Math.random()`), ask(`return  Math.random()`))

	o := &tools{}
	p := program(`await retool.create_group({name: "at " + Date.now() + " " + new Date().toISOString() + Math.random()})`)
	out := planned(t, r, p, o)
	now.add(5 * time.Minute)
	applied := r.Apply(t.Context(), p, o, out.ID, yes)
	require.Empty(t, applied.Stopped)
	require.Len(t, applied.Made, 1)
	require.Contains(t, o.take("write")[0], fmt.Sprint(date.Add(3*time.Hour).UnixMilli()))
}

// The clock is the same whether a script asks for the time before the first answer or
// after it. The API is asked for its time only if there is no answer, and once.
func TestOneClock(t *testing.T) {
	const before, after, never = "const now = daysAgo(1); await retool.list_groups();", "await retool.list_groups(); const now = daysAgo(1);", "await retool.list_groups(); const now = 0;"
	const write = " await retool.create_group({name: `${now} ${Date.now()}`})"
	r := newRunner(t, script.Options{})
	for name, c := range map[string]struct {
		code string
		asks []string
	}{
		"before":         {before, []string{""}},
		"after":          {after, nil},
		"during":         {"const p = retool.list_groups(); const now = daysAgo(1); await p;", []string{""}},
		"without a read": {"const now = daysAgo(1);", []string{""}},
	} {
		t.Run(name, func(t *testing.T) {
			o := &tools{now: date}
			out := planned(t, r, program(c.code+write), o)
			if asks := o.take("now"); name != "during" { // the answer may be there by then
				require.Equal(t, c.asks, asks)
			}
			require.Contains(t, string(out.Plan.Steps[0].Arguments), fmt.Sprintf(`"2026-11-29T12:00:00.000Z %d"`, date.UnixMilli()))
			o.now = date.Add(time.Hour)
			applied := r.Apply(t.Context(), program(c.code+write), o, out.ID, yes)
			require.Empty(t, applied.Stopped)
			require.Len(t, applied.Made, 1)
			require.Empty(t, o.take("now"), "an apply has the clock of the plan")
		})
	}
	o := &tools{now: date}
	require.Nil(t, r.Query(t.Context(), program(never), o).Error)
	require.Empty(t, o.take("now"))
}

// A plan ends where it needs what it does not know, and the script cannot catch that.
func TestPlansEndWhereAPlaceholderIsUsed(t *testing.T) {
	for name, use := range map[string]string{
		"number":      `g.number * 2`,
		"iteration":   `for (const m of g.members) ;`,
		"spread":      `[...g.members]`,
		"keys":        `Object.keys(g)`,
		"map":         `g.members.map(m => m)`,
		"length":      `g.members.length`,
		"in":          `"id" in g`,
		"assignment":  `g.name = "x"`,
		"comparison":  `g.number > 3`,
		"JSON":        `JSON.parse(JSON.stringify({n: g.number})).n.toFixed()`,
		"conditional": `g.members.find(m => m.id == 1)`,
	} {
		t.Run(name, func(t *testing.T) {
			r, o := newRunner(t, script.Options{}), &tools{}
			out := r.Plan(t.Context(), program("const g = await retool.create_group({name: 'a'});\ntry { "+use+" } catch {}\nawait retool.create_group({name: 'b'})"), o)
			require.Empty(t, out.Stopped)
			if name == "JSON" { // a text by then, which has no such method: the script goes on
				require.Len(t, out.Plan.Steps, 2)
				return
			}
			require.NotEmpty(t, out.Plan.Ended)
			require.Contains(t, out.Plan.Ended, "<create_group#1")
			require.Equal(t, 2, out.Plan.Line)
			require.Len(t, out.Plan.Steps, 1)
			require.NotEmpty(t, out.ID, "what is planned so far can be applied")
		})
	}
}

// A read that needs the answer of a write is not sent.
func TestReadsWithPlaceholdersAreNotSent(t *testing.T) {
	r, o := newRunner(t, script.Options{}), &tools{}
	p := program(`
		const g = await retool.create_group({name: "a"});
		const again = await retool.get_group({id: g.id});
		await retool.update_group({id: again.id, name: again.name + " of " + again.number});`)
	out := planned(t, r, p, o)
	require.Empty(t, o.take("read"))
	require.Equal(t, []string{
		`create_group#1 {"name":"a"}`,
		`update_group#1 {"id":<get_group#1.id>,"name":"<get_group#1.name> of <get_group#1.number>"}`,
	}, steps(out.Plan))
	applied := r.Apply(t.Context(), p, o, out.ID, yes)
	require.Empty(t, applied.Stopped)
	require.Len(t, applied.Made, 2)
	require.Equal(t, `{"id":"g1","name":"a of 7"}`, strings.TrimPrefix(o.take("write")[1], "update_group "))
}

// Reads after a planned write are made, and the result says what they show.
func TestReadsAfterPlannedWritesShowTheOldState(t *testing.T) {
	r, o := newRunner(t, script.Options{}), &tools{}
	out := planned(t, r, program(`
		const before = (await retool.list_groups()).length;
		await retool.create_group({name: "a"});
		return [before, (await retool.list_groups()).length, (await retool.list_groups()).length, retool.planning]`), o)
	require.Equal(t, `[0,0,0,true]`, string(out.Value))
	require.Len(t, o.take("read"), 3)
	require.Equal(t, []string{"Reads after planned writes show the state before them. A script can test retool.planning to skip what checks its writes."}, out.Notes)
	require.Empty(t, r.Plan(t.Context(), program(`await retool.list_groups(); await retool.create_group({name: "a"})`), o).Notes)
}

// A plan whose script throws is a plan.
func TestAPlanThatThrowsIsAPlan(t *testing.T) {
	r, o := newRunner(t, script.Options{}), &tools{}
	p := program("await retool.create_group({name: 'a'});\nif ((await retool.list_groups()).length === 0) throw new Error('it is not there');")
	out := planned(t, r, p, o)
	require.Contains(t, out.Error.Message, "it is not there")
	require.Equal(t, 2, out.Error.Line)
	applied := r.Apply(t.Context(), p, o, out.ID, yes)
	require.Empty(t, applied.Stopped)
	require.Nil(t, applied.Error, "it is there now")
	require.Len(t, applied.Made, 1)
}

// Planned writes are checked; the apply does not send what the plan was refused.
func TestARefusedWriteIsRefusedAgainWithoutBeingSent(t *testing.T) {
	r, o := newRunner(t, script.Options{}), &tools{}
	p := program(`
		try { await retool.create_group({name: ""}) } catch (e) { console.log(e.message) }
		await retool.create_group({name: "b"})`)
	out := planned(t, r, p, o)
	require.Equal(t, []string{`create_group#2 {"name":"b"}`}, steps(out.Plan))
	require.Len(t, out.Caught, 1, "refusals are told even if they are caught")
	require.Equal(t, "Not sent: name must not be empty", out.Caught[0].Message)
	applied := r.Apply(t.Context(), p, o, out.ID, yes)
	require.Empty(t, applied.Stopped)
	require.Len(t, applied.Made, 1)
	require.Len(t, applied.Caught, 1)
	require.Equal(t, []string{`create_group {"name":"b"}`}, o.take("write"))
}

// Nothing in real data or in code can pose as a placeholder.
func TestForgedMarkersAreRefused(t *testing.T) {
	const open, closed = "\U000F8A91", "\U000F8A92"
	o := &tools{groups: []map[string]any{{"id": "g1", "name": open + "create_group#1.id" + closed}}}
	r := newRunner(t, script.Options{})
	out := r.Plan(t.Context(), program(`return (await retool.list_groups())[0].name`), o)
	require.JSONEq(t, `"\ufffdcreate_group#1.id\ufffd"`, string(out.Value))

	out = r.Plan(t.Context(), program(`const s = "`+open+`"; return s`), o)
	require.Contains(t, out.Stopped, "U+F8A91")
	out = r.Plan(t.Context(), script.Program{Code: "return args", Args: []byte(`{"a":"` + closed + `"}`)}, o)
	require.Contains(t, out.Stopped, "U+F8A91")

	for name, text := range map[string]string{
		"unknown step":   `"\u{F8A91}create_group#9.id\u{F8A92}"`,
		"open alone":     `"\u{F8A91}"`,
		"close alone":    `"a\u{F8A92}"`,
		"no name":        `"\u{F8A91}.id\u{F8A92}"`,
		"nested":         `"\u{F8A91}\u{F8A91}create_group#1\u{F8A92}\u{F8A92}"`,
		"halves":         `"\udba2" + "\ude91"`,
		"name of member": `{["\u{F8A91}"]: 1}`,
	} {
		for mode, run := range map[string]func() *script.Outcome{
			"query": func() *script.Outcome {
				return r.Query(t.Context(), program(`return await retool.echo({x: `+text+`})`), o)
			},
			"plan": func() *script.Outcome {
				return r.Plan(t.Context(), program(`await retool.add_member({x: `+text+`})`), o)
			},
		} {
			out := run()
			require.NotNil(t, out.Error, "%s in a %s: %+v", name, mode, out)
			require.Contains(t, out.Error.Message, "U+F8A91", "%s in a %s", name, mode)
		}
	}
	require.Empty(t, o.take("write"))

	// The text of a real placeholder, built by the script, is none in reality.
	p := program(`const g = await retool.create_group({name: "a"}); await retool.add_member({group: "\u{F8A91}create_group#1.id\u{F8A92}"})`)
	plan := planned(t, r, p, o)
	applied := r.Apply(t.Context(), p, o, plan.ID, yes)
	require.Contains(t, applied.Error.Message, "U+F8A91")
	require.Len(t, o.take("write"), 1)
}

// Queries do not write, whatever they try.
func TestAQueryDoesNotWrite(t *testing.T) {
	r, o := newRunner(t, script.Options{}), &tools{}
	out := r.Query(t.Context(), program(`await retool.create_group({name: "a"})`), o)
	require.Contains(t, out.Error.Message, "run_script")
	out = r.Query(t.Context(), program(`await retool.list_members()`), o)
	require.Contains(t, out.Error.Message, "list_members is now list_users")
	require.Empty(t, o.take("write"))
}
