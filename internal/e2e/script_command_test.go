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
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/file"
)

// teamScript makes a group with one member, unless it is there.
const teamScript = `
const groups = await retool.list_groups({});
const team = groups.find(g => g.name === args.name) ?? await retool.create_group({name: args.name});
const [first] = await retool.list_users({limit: 1});
await retool.add_group_members({groupId: team.id, members: [{id: first.id, is_group_admin: false}]});
return {team: team.id};
`

// commandLine runs scripts against one organization, each in a process of its own.
type commandLine struct {
	t    *testing.T
	host *sandboxHost
	env  []string
	file string
}

func newCommandLine(t *testing.T, code string) *commandLine {
	t.Helper()
	h := openSandboxHost(t)
	c := &commandLine{t: t, host: h, env: h.environmentFor("", sandboxToken), file: filepath.Join(t.TempDir(), "script.js")}
	require.NoError(t, os.WriteFile(c.file, []byte(code), 0o600))
	return c
}

// state is a file of the state folder, or the folder.
func (c *commandLine) state(name ...string) string {
	home, _ := strings.CutPrefix(c.env[0], "HOME=")
	return filepath.Join(append([]string{home, ".local", "state", "retool-mcp"}, name...)...)
}

func (c *commandLine) run(code int, args ...string) outcome {
	c.t.Helper()
	o := run(c.t, c.env, "", append([]string{"script", c.file}, args...)...)
	require.Equal(c.t, code, o.code, "%s\n%s", o.stdout, o.stderr)
	return o
}

var planID = regexp.MustCompile(`To apply this plan, within ten minutes: the same command with --apply (\S+)\n$`)

// plan makes a plan and returns its id.
func (c *commandLine) plan(args ...string) string {
	c.t.Helper()
	o := c.run(0, args...)
	require.Regexp(c.t, planID, o.stderr)
	return planID.FindStringSubmatch(o.stderr)[1]
}

// writes is how many writes the organization has got.
func (c *commandLine) writes() int {
	c.t.Helper()
	_, body := c.host.get("/api/sandbox")
	var counts struct{ Writes int }
	require.NoError(c.t, json.Unmarshal([]byte(body), &counts))
	return counts.Writes
}

// A plan of one process is applied by the next, once.
func TestScriptCommandAppliesAPlanOnce(t *testing.T) {
	t.Parallel()
	c := newCommandLine(t, teamScript)
	id := c.plan("--arg", "name=Night Shift")
	require.Zero(t, c.writes())
	if file.HasModes {
		for name, mode := range map[string]os.FileMode{"": 0o700, "plan-key": 0o600} {
			info, err := os.Stat(c.state(name))
			require.NoError(t, err)
			require.Equal(t, mode, info.Mode().Perm(), name)
		}
	}
	o := c.run(1, "--arg", "name=Day Shift", "--apply", id)
	require.Contains(t, o.stderr, "Nothing was sent: ")
	require.Empty(t, o.stdout)
	require.Zero(t, c.writes(), "another plan")

	o = c.run(0, "--arg", "name=Night Shift", "--apply", id)
	require.Regexp(t, `^\{"team":\d+\}\n$`, o.stdout)
	require.Contains(t, o.stderr, "Made: 2 writes: 1 create_group, 1 add_group_members.")
	require.Equal(t, 2, c.writes())

	for range 2 {
		o = c.run(1, "--arg", "name=Night Shift", "--apply", id)
		require.Contains(t, o.stderr, "Nothing was sent: this plan was already applied")
		require.Empty(t, o.stdout)
	}
	require.Equal(t, 2, c.writes())
	require.Contains(t, c.run(1, "--arg", "name=Night Shift", "--apply", "nonsense").stderr, "nonsense is no id of a plan")
}

// What the plan does not say any more is not done: the plan as it is now is shown.
// A write that the text of a script does not show makes a plan too.
func TestScriptCommandPlansAWriteThatIsMet(t *testing.T) {
	t.Parallel()
	for _, code := range []string{
		`const r = retool; await r["create" + "_group"]({name: "Met"}); return 1`,
		"for (const f of Object.values(retool).slice(0, 0)) await f();\nconst {[['create', 'group'].join('_')]: make} = retool;\nawait make({name: 'Met'});",
	} {
		c := newCommandLine(t, code)
		o := c.run(0)
		require.Contains(t, o.stderr, "1 write: 1 create_group")
		id := regexp.MustCompile(`--apply (\S+)`).FindStringSubmatch(o.stderr)
		require.NotNil(t, id, o.stderr)
		require.Contains(t, c.run(0, "--apply", id[1]).stderr, "Made: 1 write: 1 create_group")
	}
	c := newCommandLine(t, `await retool["get" + "_group"]({groupId: 99999})`)
	require.NotContains(t, c.run(1).stderr, "run_script", "what fails otherwise stays a query")
}

func TestScriptCommandRefusesWhatChanged(t *testing.T) {
	t.Parallel()
	c := newCommandLine(t, teamScript)
	id := c.plan("--arg", "name=Ops")
	require.Zero(t, run(t, c.env, "", "call", "create_group", "name=Ops").code)
	o := c.run(1, "--arg", "name=Ops", "--apply", id)
	require.Empty(t, o.stdout)
	require.Contains(t, o.stderr, "Nothing was sent: the script would not do now what that plan says.")
	require.Contains(t, o.stderr, "1 write: 1 add_group_members\n")
	require.Equal(t, 1, c.writes())
	require.Regexp(t, planID, o.stderr)
	now := planID.FindStringSubmatch(o.stderr)[1]
	c.run(0, "--arg", "name=Ops", "--apply", now)
	require.Equal(t, 2, c.writes())

	// So is what another code, key or organization would do.
	id = c.plan("--arg", "name=Other")
	require.NoError(t, os.WriteFile(c.file, []byte(teamScript+"// more"), 0o600))
	require.Contains(t, c.run(1, "--arg", "name=Other", "--apply", id).stderr, "Nothing was sent: ")
	require.NoError(t, os.WriteFile(c.file, []byte(teamScript), 0o600))
	require.NoError(t, os.Rename(c.state(), c.state()+"-away"))
	require.Contains(t, c.run(1, "--arg", "name=Other", "--apply", id).stderr, "Nothing was sent: ")
	require.NoError(t, os.RemoveAll(c.state()))
	require.NoError(t, os.Rename(c.state()+"-away", c.state()))
	elsewhere := openSandboxHost(t)
	o = run(t, append(c.env, "RETOOL_URL="+elsewhere.url), "", "script", c.file, "--arg", "name=Other", "--apply", id)
	require.Equal(t, 1, o.code)
	require.Contains(t, o.stderr, "Nothing was sent: ")
	require.Equal(t, 2, c.writes())
	c.run(0, "--arg", "name=Other", "--apply", id)
	require.Equal(t, 4, c.writes())
}

// Of many processes that apply one plan at once, one does.
func TestScriptCommandAppliesOnceAtOnce(t *testing.T) {
	t.Parallel()
	c := newCommandLine(t, `await retool.create_folder({name: "Twice", folder_type: "app"});`)
	id := c.plan()
	outcomes := make([]outcome, 6)
	errs := make([]error, len(outcomes))
	var all sync.WaitGroup
	for i := range outcomes {
		all.Go(func() { outcomes[i], errs[i] = tryRun(c.env, "", "script", c.file, "--apply", id) })
	}
	all.Wait()
	applied := 0
	for i, o := range outcomes {
		require.NoError(t, errs[i])
		if o.code == 0 {
			applied++
			continue
		}
		require.Equal(t, 1, o.code)
		require.Contains(t, o.stderr, "Nothing was sent: this plan was already applied")
	}
	require.Equal(t, 1, applied)
	require.Equal(t, 1, c.writes())
}

// A script that only reads needs no folder; a plan that nobody could apply says so.
func TestScriptCommandAndItsFolder(t *testing.T) {
	t.Parallel()
	c := newCommandLine(t, teamScript)
	query := filepath.Join(t.TempDir(), "query.js")
	require.NoError(t, os.WriteFile(query, []byte("\ufeffreturn (await retool.list_groups({})).length > 3"), 0o600))
	for _, wrong := range []string{"mode", "a file", "damaged"} {
		id := c.plan("--arg", "name=X")
		want := ""
		switch wrong {
		case "mode":
			if !file.HasModes {
				continue
			}
			require.NoError(t, os.Chmod(c.state(), 0o755))
			want = "chmod 700"
		case "a file":
			require.NoError(t, os.RemoveAll(c.state()))
			require.NoError(t, os.WriteFile(c.state(), nil, 0o600))
			want = "the state folder"
		case "damaged":
			require.NoError(t, os.WriteFile(c.state("plan-key"), []byte("x"), 0o600))
			want = "holds no key"
		}
		o := run(t, c.env, "", "script", query)
		require.Equal(t, outcome{stdout: "true\n"}, untimed(o), wrong)
		o = c.run(2, "--arg", "name=X")
		require.Contains(t, o.stderr, "2 writes: ")
		require.Contains(t, o.stderr, "retool-mcp: the plan cannot be applied: ")
		require.Contains(t, o.stderr, want)
		o = c.run(2, "--arg", "name=X", "--apply", id)
		require.Contains(t, o.stderr, want)
		require.Equal(t, 1, strings.Count(o.stderr, "\n"))
		require.NoError(t, os.RemoveAll(c.state()))
	}
	require.Zero(t, c.writes())
}

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
