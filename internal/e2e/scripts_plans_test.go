package e2e_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A script whose reads are answered in any order has one plan, with one id: each
// apply computes it again, and asks the user only if it is the same.
func TestHundredPlansHaveOneID(t *testing.T) {
	t.Parallel()
	g := openGateway(t)
	g.set(func(http.ResponseWriter, *http.Request) bool {
		time.Sleep(time.Duration(rand.IntN(3000)) * time.Microsecond)
		return false
	})
	user := &userAnswers{answer: decline}
	s := g.connect(t, user)
	// Which write comes first would depend on which read is answered first.
	const code = `const groups = await retool.list_groups();
await Promise.all(groups.slice(4, 12).map(async g => {
  const whole = await retool.get_group({groupId: g.id});
  await retool.create_group({name: 'Copy of ' + whole.name + ' ' + Math.random()});
  if (whole.members.length < 9) await retool.delete_group({groupId: g.id});
}));
const first = await Promise.race([retool.list_spaces(), retool.list_environments(), retool.list_roles()]);
await retool.create_group({name: 'First: ' + first[0].name});
return 'done';`
	text := s.succeed("run_script", given(t, object{"code": code}))
	apply := given(t, object{"apply": idOfPlan(t, text)})
	for i := range 99 {
		declined := s.call("run_script", apply)
		require.True(t, declined.isError, declined.text)
		require.Len(t, user.take(), 1, "%s", declined.text)
		if i < 10 { // as a plan of its own it has another id, and the same text
			again := s.succeed("run_script", given(t, object{"code": code}))
			require.Equal(t, withoutTime(text), withoutTime(again))
		}
	}
	require.Zero(t, g.made(t, "create_group"))
	user.answer = accept
	require.Contains(t, s.succeed("run_script", apply), "done")
	require.Equal(t, 9, g.made(t, "create_group"))
}

// timed matches what a result says about one run alone: how long it took, and the
// id, which begins with the time.
var timed = regexp.MustCompile(`(?m), \d+\.\d s$|\{"apply":"[^"]+"\}`)

func withoutTime(text string) string { return timed.ReplaceAllString(text, "") }

// A plan is applied once, however often and over whatever its client asks.
func TestPlanIsAppliedOnce(t *testing.T) {
	t.Parallel()
	const code = `const [u] = await retool.list_users({email: 'jane@northwind.example'});
await retool.reset_user_2fa({userId: u.id});
return 'reset';`
	for name, open := range map[string]func(t *testing.T, g *gateway) *session{
		"stdio": func(t *testing.T, g *gateway) *session { return g.connect(t, &userAnswers{answer: accept}) },
		"HTTP": func(t *testing.T, g *gateway) *session {
			r := serveRemote(t, g.environment(t), "--toolsets", "scripts")
			return requireClientOf(t, modern, overHTTP(t, r.url, nil), &userAnswers{answer: accept})
		},
		"HTTP with sessions": func(t *testing.T, g *gateway) *session {
			r := serveRemote(t, g.environment(t), "--toolsets", "scripts", "--stateful")
			return requireClientOf(t, legacy, overHTTP(t, r.url, nil), &userAnswers{answer: accept})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := openGateway(t)
			s := open(t, g)
			apply := object{"apply": idOfPlan(t, s.succeed("run_script", given(t, object{"code": code})))}
			require.Contains(t, s.succeed("run_script", given(t, apply)), "reset")
			require.Equal(t, 1, g.made(t, "reset_user_2fa"))
			for _, again := range []object{apply, with(apply, "code", code)} {
				a := s.call("run_script", given(t, again))
				require.True(t, a.isError, a.text)
				require.Contains(t, a.text, "once")
			}
			require.Equal(t, 1, g.made(t, "reset_user_2fa"))
		})
	}
	t.Run("a client that gives up and tries again", func(t *testing.T) {
		t.Parallel()
		g := openGateway(t)
		s := g.connect(t, &userAnswers{answer: accept})
		apply := given(t, object{"apply": idOfPlan(t, s.succeed("run_script", given(t, object{"code": code})))})
		arrived := make(chan bool, 9)
		g.set(func(_ http.ResponseWriter, r *http.Request) bool {
			if strings.Contains(r.URL.Path, "/reset2fa/") {
				arrived <- true
				time.Sleep(5 * quietTime)
			}
			return false
		})
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() {
			_, err := s.try(ctx, "run_script", apply)
			ended <- err
		}()
		receive(t, arrived, "the write")
		cancel()
		require.Error(t, receive(t, ended, "the end of the call"))
		for range 3 {
			a := s.call("run_script", apply)
			require.True(t, a.isError, a.text)
		}
		time.Sleep(6 * quietTime)
		require.Empty(t, arrived, "nothing was sent again")
		require.LessOrEqual(t, g.made(t, "reset_user_2fa"), 1)
	})
}

// A program that needs the answers of its own writes is done in two rounds of the
// same code: what the first has made is not made again.
func TestTwoStageScriptEndsInTwoRounds(t *testing.T) {
	t.Parallel()
	for name, second := range map[string]string{
		"iterating": `for (const m of read.members) await retool.create_group({name: 'Stage B ' + m.email.slice(0, 3)});`,
		"a number":  `await retool.create_group({name: 'Stage B ' + (read.id * 2)});`,
		"a method":  `await retool.create_group({name: 'Stage B ' + read.members.map(m => m.email.slice(0, 3)).join()});`,
		"a length":  `await retool.create_group({name: 'Stage B ' + read.members.length});`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := openGateway(t)
			s := g.connect(t, nil, "RETOOL_MCP_CONFIRM=never")
			code := `const [jane] = await retool.list_users({email: 'jane@northwind.example'});
const made = await retool.create_group({name: 'Stage A', members: [{id: jane.id, is_group_admin: false}]});
const read = await retool.get_group({groupId: made.id});
` + second + `
return 'whole';`
			plan := s.succeed("run_script", given(t, object{"code": code}))
			require.Contains(t, plan, "The plan ends here")
			require.Contains(t, plan, "line 4")
			require.Equal(t, []string{"Stage A"}, plannedGroups(plan))
			first := s.call("run_script", given(t, object{"apply": idOfPlan(t, plan)}))
			require.NotContains(t, first.text, "whole")
			require.Contains(t, first.text, "Stopped: before create_group (line 4), which was not sent")
			require.Equal(t, 1, g.made(t, "create_group"))

			plan = s.succeed("run_script", given(t, object{"code": code}))
			require.NotContains(t, plan, "The plan ends here")
			require.Contains(t, plan, "Stage B")
			require.Contains(t, s.succeed("run_script", given(t, object{"apply": idOfPlan(t, plan)})), "whole")
			require.Equal(t, 2, g.made(t, "create_group"))
			g.mu.Lock()
			defer g.mu.Unlock()
			require.Len(t, g.writes, 2)
			require.Contains(t, g.writes[0], "Stage A")
			require.Contains(t, g.writes[1], "Stage B")
		})
	}
}

// After refusals in the middle, the result says what was made, and the next plan has
// exactly the rest.
func TestNextPlanHasTheRest(t *testing.T) {
	t.Parallel()
	g := openGateway(t)
	s := g.connect(t, nil, "RETOOL_MCP_CONFIRM=never", "RETOOL_MCP_RETRIES=0")
	const code = `const have = (await retool.list_groups()).map(g => g.name);
const missing = [...'ABCDEFGHIJKLMNOPQ'].map(l => 'Stage ' + l).filter(n => !have.includes(n));
await Promise.all(missing.map(name => retool.create_group({name})));
return 'all there';`
	all := strings.Split("Stage "+strings.Join(strings.Split("ABCDEFGHIJKLMNOPQ", ""), ",Stage "), ",")
	plan := s.succeed("run_script", given(t, object{"code": code}))
	require.Equal(t, all, plannedGroups(plan))
	var count atomic.Int32
	g.set(func(w http.ResponseWriter, r *http.Request) bool {
		if !createsGroup(r) || count.Add(1)%5 != 4 {
			return false
		}
		w.Header().Set("Retry-After", "1")
		answering(http.StatusTooManyRequests, jsonType, `{"success":false,"message":"Too many requests"}`)(w, r)
		return true
	})
	a := s.call("run_script", given(t, object{"apply": idOfPlan(t, plan)}))
	require.True(t, a.isError)
	require.Contains(t, a.text, "429")
	exist := g.groups(t, all...)
	require.NotEmpty(t, exist)
	require.Less(t, len(exist), len(all))

	g.set(nil)
	plan = s.succeed("run_script", given(t, object{"code": code}))
	rest := slices.DeleteFunc(slices.Clone(all), func(n string) bool { return slices.Contains(exist, n) })
	require.Equal(t, rest, plannedGroups(plan))
	require.Contains(t, s.succeed("run_script", given(t, object{"apply": idOfPlan(t, plan)})), "all there")
	require.Equal(t, all, g.groups(t, all...))
}

// A password in a script is sent, and shown nowhere: not in the plan, the question,
// the result, the audit log, or the log of the program.
func TestPasswordsOfScriptsAreNotShown(t *testing.T) {
	t.Parallel()
	const password = "correct-horse-4711"
	code := strings.NewReplacer("rotated-p", password+"-p", "rotated-s", password+"-s").Replace(taskScript(t, "07_passwords")) + `
`
	code = strings.Replace(code, "return `", `const [e] = await retool.list_environments();
await retool.create_configuration_variable({name: 'HIDDEN', secret: true, values: [{environment_id: e.id, value: '`+password+`-v'}]});
const [v] = (await retool.list_configuration_variables()).filter(v => !v.secret);
await retool.replace_configuration_variable({id: v.id, name: v.name, secret: true, values: [{environment_id: e.id, value: '`+password+`-w'}]});
return `+"`", 1)
	g, file := openGateway(t), filepath.Join(t.TempDir(), "audit.log")
	user := &userAnswers{answer: accept}
	s := g.connect(t, user, "RETOOL_MCP_AUDIT_LOG="+file, "RETOOL_MCP_LOG_LEVEL=debug")
	plan := s.succeed("run_script", given(t, object{"code": code}))
	done := s.succeed("run_script", given(t, object{"apply": idOfPlan(t, plan)}))
	asked := user.take()
	require.Len(t, asked, 1, "replacing a variable is destructive")
	log, err := os.ReadFile(file)
	require.NoError(t, err)
	for what, text := range map[string]string{
		"plan": plan, "question": asked[0], "result": done, "audit log": string(log), "log": s.stderr.String(),
	} {
		require.NotContains(t, text, password, what)
	}
	require.Contains(t, string(log), "update_resource_configuration")

	changed := readAll[configuration](connect(t, modern, g.host.environmentFor("", sandboxToken), "--reveal-secrets"), "list_resource_configurations", nil)
	count := 0
	for _, c := range changed {
		if database, _ := c.Options["database_options"].(object); database["password"] == password+"-p" || database["password"] == password+"-s" {
			count++
		}
	}
	require.Equal(t, 8, count, "and yet it was sent")
}
