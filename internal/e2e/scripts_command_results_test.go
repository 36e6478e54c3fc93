package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// args are JSON where they are valid JSON, from pairs and an object.
func TestScriptCommandArguments(t *testing.T) {
	t.Parallel()
	c := newCommandLine(t, "return JSON.stringify(args)")
	object := filepath.Join(t.TempDir(), "args.json")
	require.NoError(t, os.WriteFile(object, []byte(`{"a": [1, "x"], "b": 12345678901234567890}`), 0o600))
	for _, x := range []struct {
		args []string
		want string
	}{
		{nil, `{}`},
		{[]string{"--arg", "n=1", "--arg", "s=two words", "--arg", "zip=007", "--arg", "e=", "--arg", "o={\"x\":null}", "--arg", "eq=a=b"}, `{"n":1,"s":"two words","zip":"007","e":"","o":{"x":null},"eq":"a=b"}`},
		{[]string{"--args", `{"a":true}`, "--arg", "b=false"}, `{"a":true,"b":false}`},
		{[]string{"--args", "@" + object, "--arg", "c=1"}, `{"a":[1,"x"],"b":12345678901234567000,"c":1}`},
	} {
		require.Equal(t, x.want+"\n", c.run(0, x.args...).stdout)
	}
	for want, args := range map[string][]string{
		`--arg "n" is not of the form key=value`: {"--arg", "n"},
		`--arg "=1" is not of the form`:          {"--arg", "=1"},
		`args has "n" twice`:                     {"--arg", "n=1", "--arg", "n=2"},
		`args has "a" twice`:                     {"--arg", "a=1", "--args", `{"a":1}`},
		"--args must be a JSON object":           {"--args", "[1]"},
		"--args: ":                               {"--args", "{"},
		"unexpected argument":                    {"n=1"},
	} {
		o := c.run(2, args...)
		require.Contains(t, o.stderr, want)
		require.Empty(t, o.stdout)
	}
	o := run(t, c.env, "return args.n + 1", "script", "-", "--arg", "n=41")
	require.Equal(t, outcome{stdout: "42\n"}, untimed(o))
	o = run(t, c.env, `{"n": 1}`, "script", c.file, "--args", "-")
	require.Equal(t, outcome{stdout: "{\"n\":1}\n"}, untimed(o))
	require.Equal(t, 2, run(t, c.env, "", "script", "-", "--args", "-").code)
	require.Equal(t, 2, run(t, c.env, "", "script", c.file+"x").code)
	require.Equal(t, 2, run(t, c.env, "", "script").code)
}

// Exit codes are those of call --output json.
func TestScriptCommandExitCodes(t *testing.T) {
	t.Parallel()
	c := newCommandLine(t, "")
	for _, x := range []struct {
		name, code string
		env        []string
		exit       int
		says       string
	}{
		{"nothing returned", `await retool.get_group({groupId: "1"})`, nil, 0, ""},
		{"a wrong call", `return retool.get_group({})`, nil, 2, "groupId: missing"},
		{"an unknown operation", `return retool.get_grp({})`, nil, 1, "there is no operation get_grp"},
		{"not found", `return await retool.get_group({groupId: "999"})`, nil, 1, "404"},
		{"caught", `try { await retool.get_group({groupId: "999"}) } catch (e) { return e.status }`, nil, 0, ""},
		{"thrown", `throw new Error("my own")`, nil, 1, "my own"},
		{"syntax", `return 1 +`, nil, 1, "SyntaxError"},
		{"no instance", `return retool.list_users({})`, []string{"RETOOL_URL=http://127.0.0.1:1", "RETOOL_MCP_RETRIES=0"}, 4, "no connection to"},
		{"no token", `return retool.list_users({})`, []string{"RETOOL_ACCESS_TOKEN="}, 2, "no access token"},
		{"read-only", `await retool.create_group({name: "x"})`, []string{"RETOOL_MCP_READ_ONLY=true"}, 1, "create_group is not available"},
		{"read-only, by another way", `await retool["create_" + "group"]({name: "x"})`, []string{"RETOOL_MCP_READ_ONLY=true"}, 1, "create_group is not available"},
		{"a plan", `await retool.create_group({name: "x"})`, nil, 0, "1 write: 1 create_group"},
		{"a plan of a former name", `await retool.delete_user({userId: "x"})`, nil, 1, "delete_user is now disable_user"},
		{"a plan that then fails", `await retool.create_group({name: "x"}); throw new Error("late")`, nil, 0, "Then the script failed: "},
	} {
		require.NoError(t, os.WriteFile(c.file, []byte(x.code), 0o600))
		o := run(t, append(c.env, x.env...), "", "script", c.file)
		require.Equal(t, x.exit, o.code, "%s: %s %s", x.name, o.stdout, o.stderr)
		require.Contains(t, o.stderr, x.says, x.name)
		if x.says == "" {
			require.Empty(t, o.stderr, x.name)
		}
	}
	require.Zero(t, c.writes())
}

// Two commands are the confirmation of a destructive plan; what is irreversible for the
// organization needs --confirm never, as for call.
func TestScriptCommandConfirms(t *testing.T) {
	t.Parallel()
	c := newCommandLine(t, `await retool.delete_group({groupId: args.id})`)
	group := run(t, c.env, "", "call", "create_group", "name=Old", "--output", "json")
	var made struct{ Data struct{ ID int } }
	require.NoError(t, json.Unmarshal([]byte(group.stdout), &made))
	arg := []string{"--arg", fmt.Sprintf("id=%q", fmt.Sprint(made.Data.ID))}
	id := c.plan(arg...)
	o := c.run(1, append(arg, "--apply", id, "--confirm", "always")...)
	require.Contains(t, o.stderr, "Not sent: ")
	require.Equal(t, 1, c.writes())
	c.run(0, append(arg, "--apply", id)...)
	require.Equal(t, 2, c.writes())

	require.NoError(t, os.WriteFile(c.file, []byte(`await retool.delete_sso_config({})`), 0o600))
	id = c.plan()
	for _, confirm := range []string{"auto", "always"} {
		o = c.run(1, "--apply", id, "--confirm", confirm)
		require.Contains(t, o.stderr, "delete_sso_config is irreversible")
		require.Contains(t, o.stderr, "--confirm")
		require.Empty(t, o.stdout)
	}
	require.Equal(t, 2, c.writes())
	c.run(0, "--apply", id, "--confirm", "never")
	require.Equal(t, 3, c.writes())
}

// A write that is refused ends with 3 if others were made, and the plan of the rest is
// one command away.
func TestScriptCommandContinues(t *testing.T) {
	t.Parallel()
	c := newCommandLine(t, `
const have = await retool.list_groups({});
for (const name of ["First", "admin", "Last"]) {
  if (name === "admin" && !args.skip || !have.some(g => g.name === name)) await retool.create_group({name});
}`)
	id := c.plan()
	o := c.run(3, "--apply", id)
	require.Contains(t, o.stderr, "Made: 1 of 3 writes")
	require.Contains(t, o.stderr, "make another plan: the same command without --apply")
	require.Equal(t, 1, c.writes())
	o = c.run(0, "--arg", "skip=true")
	require.Contains(t, o.stderr, "1 write: 1 create_group")
	c.run(0, "--arg", "skip=true", "--apply", planID.FindStringSubmatch(o.stderr)[1])
	o = c.run(0, "--arg", "skip=true")
	require.Empty(t, o.stdout)
	require.NotContains(t, o.stderr, "--apply")
}

// For programs, standard output has the value alone, and standard error lines of JSON.
func TestScriptCommandForPrograms(t *testing.T) {
	t.Parallel()
	c := newCommandLine(t, teamScript)
	type step struct {
		Is, Operation, Objects, Changes, Undo string
		Destructive                           bool
	}
	type line struct {
		Kind, ID, Message                 string
		Writes, Destructive, Irreversible int
		Operations                        map[string]int
		Whole                             bool
		Steps                             []step
	}
	last := func(o outcome) (l line) {
		require.Equal(t, 1, strings.Count(o.stderr, "\n"))
		require.NoError(t, json.Unmarshal([]byte(o.stderr), &l))
		return l
	}
	o := c.run(0, "--arg", "name=J", "--output", "json")
	planned := last(o)
	require.Equal(t, "plan", planned.Kind)
	require.Contains(t, planned.Message, "2 writes")
	require.Equal(t, map[string]int{"create_group": 1, "add_group_members": 1}, planned.Operations)
	require.True(t, planned.Whole)
	require.Equal(t, []int{2, 0, 0}, []int{planned.Writes, planned.Destructive, planned.Irreversible})
	require.Equal(t, step{Is: "planned", Operation: "create_group", Changes: `name: "J"`}, planned.Steps[0])
	require.True(t, json.Valid([]byte(o.stdout)))
	o = c.run(0, "--arg", "name=J", "--output", "json", "--apply", planned.ID)
	require.Regexp(t, `^\{"team":\d+\}\n$`, o.stdout)
	applied := last(o)
	require.Equal(t, "note", applied.Kind)
	require.Equal(t, "made", applied.Steps[1].Is)
	o = c.run(1, "--arg", "name=J", "--output", "json", "--apply", planned.ID)
	require.Empty(t, o.stdout)
	require.Equal(t, "failed", last(o).Kind)
	require.Equal(t, "usage", last(c.run(2, "--arg", "name", "--output", "json")).Kind)
	require.NoError(t, os.WriteFile(c.file, []byte(`const [a, b] = await retool.list_groups({});
await retool.delete_sso_config({});
await retool.disable_user({userId: (await retool.list_users({limit: 1}))[0].id});
const team = await retool.create_group({name: "L"});
for (const m of team.members) await retool.disable_user({userId: m.id});`), 0o600))
	planned = last(c.run(0, "--output", "json"))
	require.False(t, planned.Whole, "it ends where it needs real members")
	require.Equal(t, []int{3, 2, 1}, []int{planned.Writes, planned.Destructive, planned.Irreversible})
	require.True(t, planned.Steps[1].Destructive)
	require.Contains(t, planned.Steps[1].Undo, "update_user")
	require.NoError(t, os.WriteFile(c.file, []byte(`return (await retool.list_users({})).map(u => u.email)`), 0o600))
	o = c.run(0, "--output", "json")
	var emails []string
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &emails))
	require.Len(t, emails, 250)
	require.Empty(t, o.stderr)
	require.Greater(t, strings.Count(c.run(0).stdout, "@"), 249, "not cut")
}

// Texts are printed as they are, so that shells can use them; limits name what to do.
func TestScriptCommandPrintsTextsAlone(t *testing.T) {
	t.Parallel()
	c := newCommandLine(t, `return "one two three four"`)
	require.Equal(t, "one two three four\n", c.run(0).stdout)
	require.NoError(t, os.WriteFile(c.file, []byte(`return [{n: "one two three four"}]`), 0o600))
	require.Equal(t, "# 1 row\nn\none two three four\n", c.run(0).stdout)
	for code, want := range map[string]string{
		`for (;;);`: " Make calls at once with Promise.all, and fewer: lists, with filters. The operator can set --script-timeout (RETOOL_MCP_SCRIPT_TIMEOUT).",
		`for (let i = 0; i < 1001; i++) await retool.list_spaces({limit: 1}).catch(() => 0)`: "more than 1000 calls: read lists, with filters",
	} {
		require.NoError(t, os.WriteFile(c.file, []byte(code), 0o600))
		args := []string{"--script-timeout", "1s"}
		if strings.Contains(code, "spaces") {
			args = []string{"--script-timeout", "60s"}
		}
		require.Contains(t, c.run(1, args...).stderr, want)
	}
}

// An interrupt ends an apply with what was made until then.
func TestScriptCommandInterrupted(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no interrupts of this kind")
	}
	began := make(chan struct{}, 1)
	release := make(chan struct{})
	defer close(release)
	u := newUpstream(t, func(w http.ResponseWriter, r *http.Request) {
		if body, _ := io.ReadAll(r.Body); strings.Contains(string(body), "Hangs") {
			began <- struct{}{}
			<-release
		}
		w.Header().Set("Content-Type", jsonType)
		_, _ = w.Write([]byte(`{"success":true,"data":{"id":7}}`))
	})
	env := environment(t, "RETOOL_URL="+u.URL, "RETOOL_ACCESS_TOKEN="+testToken)
	code := `for (const name of ["Quick", "Hangs", "Never"]) await retool.create_group({name})`
	planned := run(t, env, code, "script", "-")
	require.Zero(t, planned.code, planned.stderr)
	require.Regexp(t, planID, planned.stderr)
	apply := exec.CommandContext(t.Context(), binary, "script", "-", "--apply", planID.FindStringSubmatch(planned.stderr)[1])
	var out, errs bytes.Buffer
	apply.Env, apply.Stdin, apply.Stdout, apply.Stderr = env, strings.NewReader(code), &out, &errs
	require.NoError(t, apply.Start())
	receive(t, began, "the second write")
	require.NoError(t, apply.Process.Signal(os.Interrupt))
	var ended *exec.ExitError
	require.ErrorAs(t, apply.Wait(), &ended)
	require.Equal(t, 3, ended.ExitCode(), errs.String())
	require.Empty(t, out.String())
	require.Contains(t, errs.String(), "Made: 1 of 3 writes")
	require.Contains(t, errs.String(), "the same command without --apply")
}
