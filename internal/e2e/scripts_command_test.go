package e2e_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
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
