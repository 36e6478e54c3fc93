package plan_test

import (
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/plan"
)

// An id says when it was made, and depends on all that the plan is for and does.
func TestIDs(t *testing.T) {
	made, clock := time.UnixMilli(1_800_000_000_123), time.UnixMilli(1_799_999_000_456)
	steps := []plan.Step{{Operation: "a", Arguments: []byte(`{}`)}, {Operation: "b", Arguments: []byte(`{"x":1}`), Before: "s"}}
	id := func(key string, f plan.For, steps []plan.Step, replayed string, made, clock time.Time) string {
		return plan.NewID([]byte(key), f, steps, []byte(replayed), made, clock)
	}
	f := plan.For{Code: "code", Args: "args", Caller: "caller", Instance: "instance"}
	all := map[string]string{}
	change := func(name, id string) {
		require.Len(t, id, 32)
		require.Empty(t, all[id], name)
		all[id] = name
	}
	change("as it is", id("key", f, steps, "", made, clock))
	change("key", id("key2", f, steps, "", made, clock))
	change("code", id("key", plan.For{Code: "code2", Args: "args", Caller: "caller", Instance: "instance"}, steps, "", made, clock))
	change("code into args", id("key", plan.For{Code: "codea", Args: "rgs", Caller: "caller", Instance: "instance"}, steps, "", made, clock))
	change("caller", id("key", plan.For{Code: "code", Args: "args", Caller: "other", Instance: "instance"}, steps, "", made, clock))
	change("caller into instance", id("key", plan.For{Code: "code", Args: "args", Caller: "callerin", Instance: "stance"}, steps, "", made, clock))
	change("replayed", id("key", f, steps, "r", made, clock))
	change("made", id("key", f, steps, "", made.Add(time.Millisecond), clock))
	change("clock", id("key", f, steps, "", made, clock.Add(time.Millisecond)))
	change("fewer steps", id("key", f, steps[:1], "", made, clock))
	change("another order", id("key", f, []plan.Step{steps[1], steps[0]}, "", made, clock))
	change("arguments", id("key", f, []plan.Step{steps[0], {Operation: "b", Arguments: []byte(`{"x":2}`), Before: "s"}}, "", made, clock))
	change("state before", id("key", f, []plan.Step{steps[0], {Operation: "b", Arguments: []byte(`{"x":1}`), Before: "t"}}, "", made, clock))
	change("operation", id("key", f, []plan.Step{steps[0], {Operation: "c", Arguments: []byte(`{"x":1}`), Before: "s"}}, "", made, clock))
	words := []plan.Step{steps[0], {Operation: "b", Arguments: []byte(`{"x":1}`), Before: "s", Line: 7, Words: plan.Words{Title: "B"}}}
	require.Equal(t, "as it is", all[id("key", f, words, "", made, clock)], "words and lines are not part of it")

	m, c, ok := plan.ReadID(id("key", f, steps, "", made, clock))
	require.True(t, ok)
	require.True(t, m.Equal(made))
	require.True(t, c.Equal(clock))
	for _, bad := range []string{"", "x", base64.RawURLEncoding.EncodeToString(make([]byte, 23)), base64.RawURLEncoding.EncodeToString(make([]byte, 25)), id("key", f, steps, "", made, clock) + "="} {
		_, _, ok := plan.ReadID(bad)
		require.False(t, ok, bad)
	}
}

func TestDifferences(t *testing.T) {
	step := func(operation, args, before string) plan.Step {
		return plan.Step{Operation: operation, Arguments: []byte(args), Before: before, Words: plan.Words{Changes: []string{"set: " + args}}}
	}
	a, b, c := step("a", "1", ""), step("b", "2", "x"), step("c", "3", "")
	later := step("b", "2", "y")
	for _, x := range []struct {
		before, now []plan.Step
		want        []string
	}{
		{[]plan.Step{a, b}, []plan.Step{a, b, c}, []string{"new: c: set: 3"}},
		{[]plan.Step{a, b, c}, []plan.Step{a, b}, []string{"no longer: c: set: 3"}},
		{[]plan.Step{a, a}, []plan.Step{a}, []string{"no longer: a: set: 1"}},
		{[]plan.Step{a, b}, []plan.Step{a, later}, []string{"what it replaces has changed: b: set: 2"}},
		{[]plan.Step{a, b}, []plan.Step{b, a}, []string{"the same writes in another order, or after other ones"}},
		{[]plan.Step{a}, nil, []string{"no longer: a: set: 1"}},
	} {
		require.Equal(t, x.want, plan.Differences(x.before, x.now))
	}
	var many []plan.Step
	for i := range 100 {
		many = append(many, step("a", fmt.Sprint(i), ""))
	}
	lines := plan.Differences(nil, many)
	require.Len(t, lines, 21)
	require.Equal(t, "and 80 more", lines[20])
}

// The journal is bounded in time and memory: it forgets the oldest scripts, whole.
func TestJournal(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	key := func(i int) [32]byte { return plan.For{Code: fmt.Sprint(i)}.Key() }
	var j plan.Journal
	j.Add(key(1), "a", []byte("1"), []byte("one"), now)
	j.Add(key(1), "a", []byte("2"), []byte("two"), now)
	j.Add(key(1), "a", []byte("1"), []byte("again"), now)
	r := plan.NewReplay(j.Of(key(1), now))
	require.Nil(t, r.Digest())
	take := func(r *plan.Replay, operation, args string) string {
		answer, _ := r.Take(operation, []byte(args))
		return string(answer)
	}
	require.Empty(t, take(r, "b", "1"))
	require.Empty(t, take(r, "a", "3"))
	require.Equal(t, "two", take(r, "a", "2"), "in any order")
	require.Equal(t, "one", take(r, "a", "1"))
	again := r.Again()
	require.Equal(t, "again", take(r, "a", "1"))
	require.Empty(t, take(r, "a", "1"), "each once")
	require.Equal(t, 3, r.Count)
	require.Equal(t, "one", take(again, "a", "1"))
	require.Empty(t, take(again, "a", "1"), "what was not taken is not there")
	require.Len(t, j.Of(key(1), now), 3, "a replay takes nothing from the journal")

	require.Empty(t, j.Of(key(2), now))
	require.Empty(t, j.Of(key(1), now.Add(plan.Validity+time.Second)))
	large := make([]byte, 1<<20)
	for i := range 20 {
		j.Add(key(i), "a", nil, large, now.Add(time.Duration(i)*time.Second))
	}
	kept := 0
	for i := range 20 {
		kept += len(j.Of(key(i), now))
	}
	require.Equal(t, 7, kept)
	require.Empty(t, j.Of(key(12), now))
	require.Len(t, j.Of(key(19), now), 1)
	j.Drop(key(19))
	require.Empty(t, j.Of(key(19), now))
}
