package script_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/script"
)

func TestPlanAndApply(t *testing.T) {
	o := &tools{}
	r := newRunner(t, script.Options{})
	p := program(`
		const users = await retool.list_users();
		const g = await retool.create_group({name: "Support"});
		await retool.add_member({group: g.id, label: "to " + g.name, users: users.slice(0, 2).map(u => u.id)});
		return g.id`)
	out := planned(t, r, p, o)
	require.Equal(t, []string{
		`create_group#1 {"name":"Support"}`,
		`add_member#1 {"group":<create_group#1.id>,"label":"to <create_group#1.name>","users":[0,1]}`,
	}, steps(out.Plan))
	require.JSONEq(t, `"<create_group#1.id>"`, string(out.Value))
	require.Empty(t, o.take("write"))

	applied := r.Apply(t.Context(), script.Program{Caller: "ada", Instance: "production"}, o, out.ID, yes)
	require.Empty(t, applied.Stopped)
	require.Nil(t, applied.Error)
	require.Equal(t, `"g1"`, string(applied.Value))
	require.Len(t, applied.Made, 2)
	require.Empty(t, applied.NotMade)
	require.Equal(t, []string{`create_group {"name":"Support"}`, `add_member {"group":"g1","label":"to Support","users":[0,1]}`}, o.take("write"))
}

// apply applies a plan of the program.
func apply(t testing.TB, r *script.Runner, p script.Program, o *tools, id string) *script.Outcome {
	t.Helper()
	return r.Apply(t.Context(), p, o, id, yes)
}

func made(out *script.Outcome) (lines []string) {
	for _, m := range out.Made {
		lines = append(lines, m.Name)
	}
	return lines
}

func notMade(out *script.Outcome) (lines []string) {
	for _, m := range out.NotMade {
		lines = append(lines, strings.TrimSpace(m.Name+" "+m.Failed))
	}
	return lines
}

// What a placeholder is equal to, and whether it is true, cannot be known: the apply
// stops where it differs, and sends nothing that is not planned.
func TestApplyStopsWhereItDiffersFromThePlan(t *testing.T) {
	for name, x := range map[string]struct{ code, stopped string }{
		"equality": {
			`if (g.number === 7) await retool.create_group({name: "seven"}); else await retool.create_group({name: "other"}); await retool.add_member({group: g.id})`,
			`before create_group (line 2), which was not sent: create_group#2 is planned with other arguments: name.`,
		},
		"truth":                 {`if (!g.members[0]) await retool.update_group({id: g.id})`, `before update_group (line 2), which was not sent: the plan has no update_group.`},
		"a sum":                 {`await retool.update_group({id: g.id, number: g.number + 1})`, `before update_group (line 2), which was not sent: update_group#1 is planned with other arguments: number.`},
		"more than planned":     {`for (let i = 0; i < (retool.planning ? 1 : 2); i++) await retool.add_member({i})`, `before add_member (line 2), which was not sent: the plan has no add_member.`},
		"in another order":      {`for (const i of retool.planning ? [1, 2] : [2, 1]) await retool.add_member({i})`, `before add_member (line 2), which was not sent: add_member#1 is planned with other arguments: i.`},
		"another member":        {`await retool.add_member(retool.planning ? {a: 1} : {a: 1, b: 2})`, `before add_member (line 2), which was not sent: add_member#1 is planned with other arguments: b.`},
		"a number for its text": {`await retool.add_member({a: retool.planning ? 1 : "1"})`, `before add_member (line 2), which was not sent: add_member#1 is planned with other arguments: a.`},
		"another's id":          {`const h = await retool.create_group({name: "h"}); await retool.add_member({a: retool.planning ? g.id : h.id})`, `before add_member (line 2), which was not sent: add_member#1 is planned with other arguments: a.`},
	} {
		t.Run(name, func(t *testing.T) {
			r, o := newRunner(t, script.Options{}), &tools{}
			p := program("const g = await retool.create_group({name: 'a'});\n" + x.code)
			out := planned(t, r, p, o)
			applied := apply(t, r, p, o, out.ID)
			require.Contains(t, applied.Stopped, x.stopped)
			require.Equal(t, "create_group#1", made(applied)[0])
			require.Len(t, o.take("write"), len(applied.Made))
			require.Len(t, out.Plan.Steps, len(applied.Made)+len(applied.NotMade))
		})
	}
}

// What is only written differently is the same.
func TestApplyTakesEqualArguments(t *testing.T) {
	for name, code := range map[string]string{
		"order of names":     `await retool.add_member(retool.planning ? {a: 1, b: 2} : {b: 2, a: 1})`,
		"numbers":            `await retool.add_member({a: retool.planning ? 1.50 : 15e-1})`,
		"a field not there":  `await retool.add_member({c: "x " + g.members[3]})`,
		"a number in a text": `await retool.add_member({a: "no. " + g.number, b: [g.number, String(g.number)]})`,
		"the whole answer":   `await retool.add_member({a: g, b: g.data.id, c: g.success})`,
		"name of a member":   `await retool.add_member({[g.id]: {["x" + g.name]: g.members}})`,
		"an opened answer":   `const j = await retool.start_job({}); await retool.add_member({a: j.id, b: j.job.id, c: j})`,
	} {
		t.Run(name, func(t *testing.T) {
			r, o := newRunner(t, script.Options{}), &tools{}
			p := program("const g = await retool.create_group({name: 'a'});\n" + code)
			out := planned(t, r, p, o)
			applied := apply(t, r, p, o, out.ID)
			require.Empty(t, applied.Stopped)
			require.Nil(t, applied.Error)
			require.Empty(t, applied.NotMade)
			require.Len(t, applied.Made, len(out.Plan.Steps))
		})
	}
}

// A plan is applied once, by a client that tries again and by two at the same time.
func TestAPlanIsAppliedOnce(t *testing.T) {
	r, o := newRunner(t, script.Options{}), &tools{}
	p := program(`await retool.reset_user_2fa({id: 1})`)
	id := planned(t, r, p, o).ID
	require.Empty(t, apply(t, r, p, o, id).Stopped)
	again := apply(t, r, p, o, id)
	require.Equal(t, "Nothing was sent: this plan was already applied, and a plan is applied once. Run the code again for another one.", again.Stopped)
	require.Len(t, o.take("write"), 1)

	id = planned(t, r, p, o).ID
	outcomes := make([]*script.Outcome, 4)
	var all sync.WaitGroup
	for i := range outcomes {
		all.Go(func() { outcomes[i] = apply(t, r, p, o, id) })
	}
	all.Wait()
	refused := 0
	for _, out := range outcomes {
		if strings.Contains(out.Stopped, "already applied") {
			refused++
		}
	}
	require.Equal(t, 3, refused)
	require.Len(t, o.take("write"), 1)
}

// A question can be asked between the recomputation and the first write, and the plan
// is not used up by it.
func TestAPlanWaitsForTheUser(t *testing.T) {
	r, o := newRunner(t, script.Options{}), &tools{}
	p := program(`await retool.create_group({name: "a"})`)
	id := planned(t, r, p, o).ID
	for range 2 {
		out := r.Apply(t.Context(), p, o, id, func(_ context.Context, planned *script.Outcome) script.Approval {
			require.Len(t, planned.Plan.Steps, 1)
			require.Equal(t, id, planned.ID)
			return script.Approval{Stop: "asked"}
		})
		require.Equal(t, "asked", out.Stopped)
	}
	require.Empty(t, o.take("write"))
	require.Len(t, apply(t, r, p, o, id).Made, 1)
}

// A plan is bound to what it is for, and to ten minutes.
func TestWhatAPlanIsBoundTo(t *testing.T) {
	now := &clock{now: date}
	code := `await retool.create_group({name: args.name})`
	key := []byte("a key that two processes share!!")
	r := newRunner(t, script.Options{Now: now.Now, Key: key})
	other := newRunner(t, script.Options{Now: now.Now, Key: key}) // knows no plans
	stranger := newRunner(t, script.Options{Now: now.Now})
	p := script.Program{Code: code, Args: []byte(`{"name":"a"}`), Caller: "ada", Instance: "production"}
	const differs, noCode = "would not do now what that plan says", "the code of this plan is not here any more"
	for name, x := range map[string]struct {
		r    *script.Runner
		p    script.Program
		late time.Duration
		stop string
	}{
		"the same":                 {r, p, 0, ""},
		"without the code":         {r, script.Program{Caller: "ada", Instance: "production"}, 0, ""},
		"another process":          {other, p, 9 * time.Minute, ""},
		"another process, no code": {other, script.Program{Caller: "ada", Instance: "production"}, 0, noCode},
		"another key":              {stranger, p, 0, differs},
		"another caller":           {r, script.Program{Code: code, Args: p.Args, Caller: "bob", Instance: "production"}, 0, differs},
		"another caller, no code":  {r, script.Program{Caller: "bob", Instance: "production"}, 0, noCode},
		"another instance":         {r, script.Program{Code: code, Args: p.Args, Caller: "ada", Instance: "staging"}, 0, differs},
		"other code":               {r, script.Program{Code: code + " ", Args: p.Args, Caller: "ada", Instance: "production"}, 0, "this is not the code"},
		"other code there":         {other, script.Program{Code: code + " ", Args: p.Args, Caller: "ada", Instance: "production"}, 0, differs},
		"other args":               {other, script.Program{Code: code, Args: []byte(`{"name":"b"}`), Caller: "ada", Instance: "production"}, 0, differs},
		"too late":                 {r, p, 10 * time.Minute, "a plan can be applied for 10m0s"},
		"too late, no code":        {r, script.Program{Caller: "ada", Instance: "production"}, 11 * time.Minute, noCode},
		"before it was made":       {r, p, -2 * time.Minute, "a plan can be applied for 10m0s"},
	} {
		t.Run(name, func(t *testing.T) {
			o := &tools{}
			id := planned(t, r, p, o).ID
			now.add(x.late)
			defer now.add(max(-x.late, 0) + time.Millisecond)
			out := apply(t, x.r, x.p, o, id)
			if x.stop == "" {
				require.Empty(t, out.Stopped)
				require.Len(t, out.Made, 1)
				return
			}
			require.Contains(t, out.Stopped, x.stop)
			require.Empty(t, o.take("write"))
		})
	}
	for _, id := range []string{"", "yes", "AAAA", strings.Repeat("A", 33), strings.Repeat("!", 32)} {
		require.Contains(t, apply(t, r, p, &tools{}, id).Stopped, "is no id of a plan")
	}
	require.NotEmpty(t, apply(t, r, p, &tools{}, strings.Repeat("A", 32)).Stopped)
}

// A change of the organization changes the plan: nothing is sent, and only the
// difference is shown.
func TestNothingIsSentWhereTheOrganizationHasChanged(t *testing.T) {
	o := &tools{groups: []map[string]any{{"id": "g1", "name": "old"}, {"id": "g2", "name": "same"}}}
	r := newRunner(t, script.Options{})
	p := program(`for (const g of await retool.list_groups()) await retool.update_group({id: g.id, name: g.name + "!"})`)
	id := planned(t, r, p, o).ID
	o.groups[0]["name"] = "new"
	out := apply(t, r, p, o, id)
	require.Contains(t, out.Stopped, "Nothing was sent")
	require.Equal(t, []string{`new: update_group: id: g1; name: new!`, `no longer: update_group: id: g1; name: old!`}, out.Changed)
	require.Empty(t, o.take("write"))
	require.NotEqual(t, id, out.ID)
	require.Len(t, apply(t, r, p, o, out.ID).Made, 2, "the new plan has an id of its own")
}

// A read that fails only while the plan is recomputed is no other plan.
func TestAFailedReadOfTheRecomputationIsTold(t *testing.T) {
	fails := false
	o := &tools{groups: []map[string]any{{"id": "g1"}}, before: func(_ context.Context, _, name, _ string) error {
		if fails && name == "list_groups" || name == "get_job" {
			return &script.Failure{Operation: name, Status: 429, Message: "too many requests"}
		}
		return nil
	}}
	r := newRunner(t, script.Options{})
	p := program(`
		try { await retool.get_job({id: 1}) } catch {}
		let n = 0; try { n = (await retool.list_groups()).length } catch {}
		await retool.create_group({name: "after " + n})`)
	id := planned(t, r, p, o).ID
	fails = true
	out := apply(t, r, p, o, id)
	require.Equal(t, "Nothing was sent: reading failed (list_groups: too many requests); try again.", out.Stopped)
	fails = false
	out = apply(t, r, p, o, id)
	require.Empty(t, out.Stopped, "the plan is not used up, and get_job failed before as well")
	require.Len(t, out.Made, 1)
}

// Reads before the first write are not made a third time.
func TestReadsBeforeTheFirstWriteComeFromTheRecomputation(t *testing.T) {
	r, o := newRunner(t, script.Options{}), &tools{groups: []map[string]any{{"id": "g1"}}}
	p := program(`
		const all = await Promise.all([...Array(20).keys()].map(id => retool.echo({id})));
		try { await retool.get_group({id: "none"}) } catch {}
		await retool.list_groups();
		await retool.create_group({name: "of " + all.length});
		return (await retool.list_groups()).length`)
	id := planned(t, r, p, o).ID
	require.Len(t, o.take("read"), 23)
	out := apply(t, r, p, o, id)
	require.Empty(t, out.Stopped)
	require.Equal(t, "2", string(out.Value), "a read after the write is a new one")
	require.Len(t, o.take("read"), 23+1)
}
