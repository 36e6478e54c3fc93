package e2e_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"
)

// A result after a failure says how to go on: with the same code only where that goes on.
func TestHowToGoOnAfterFailures(t *testing.T) {
	t.Parallel()
	const makes = `for (const n of [1, 2, 3, 4, 5, 6, 7, 8, 9]) await retool.create_group({name: "Squad " + n});`
	const sameCode, changedCode = "To continue, plan the same code again", "Only the same code does not repeat what was made"
	for name, x := range map[string]struct {
		code    string
		answers func(w http.ResponseWriter, r *http.Request, writes int) bool
		says    []string
		lacks   []string
	}{
		"too many requests": {makes + `return "all"`, refusesThird(http.StatusTooManyRequests), []string{"429", sameCode}, []string{changedCode}},
		"an outage":         {makes + `return "all"`, refusesThird(http.StatusInternalServerError), []string{"500", sameCode}, []string{changedCode}},
		"a conflict": {makes + `return "all"`, refusesThird(http.StatusConflict), []string{
			"The same code would be refused again: change what was refused.", changedCode,
			"Made: 2 of 9 writes: 2 create_group.\nRefused, 1:\ncreate_group: name: \"Squad 3\"\nNot made, 6: 6 create_group. The first:\n",
		}, []string{sameCode, "Squad 7", "because"}},
		"a conflict that is caught": {
			strings.Replace(makes, `await retool.create_group({name: "Squad " + n});`, `try { await retool.create_group({name: "Squad " + n}) } catch {}`, 1) + `return "all"`,
			refusesThird(http.StatusConflict),
			[]string{"because: ", "change what was refused"},
			[]string{sameCode, "caught by the script"},
		},
		"an error of the script": {makes + `if (!retool.planning) null.x; return "all"`, nil, []string{
			"Made: 9 writes", "The same code would fail again: correct it.", changedCode,
		}, []string{sameCode}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := openGateway(t)
			s := g.connect(t, nil, "RETOOL_MCP_CONFIRM=never", "RETOOL_MCP_RETRIES=0")
			apply := given(t, object{"apply": idOfPlan(t, s.succeed("run_script", given(t, object{"code": x.code})))})
			writes := 0
			g.set(func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method == http.MethodGet || x.answers == nil {
					return false
				}
				writes++
				return x.answers(w, r, writes)
			})
			a := s.call("run_script", apply)
			require.True(t, a.isError, a.text)
			for _, part := range x.says {
				require.Contains(t, a.text, part)
			}
			for _, part := range x.lacks {
				require.NotContains(t, a.text, part)
			}
			require.LessOrEqual(t, strings.Count(a.text, "Nothing doing"), 1, a.text)
		})
	}
}

// refusesThird answers the third write with a status.
func refusesThird(status int) func(http.ResponseWriter, *http.Request, int) bool {
	return func(w http.ResponseWriter, r *http.Request, writes int) bool {
		if writes == 3 {
			answering(status, jsonType, `{"success":false,"message":"Nothing doing"}`)(w, r)
		}
		return writes == 3
	}
}

// Where nothing was applied, the result has nothing of what the script returned as a plan.
func TestNothingIsReturnedAfterANo(t *testing.T) {
	t.Parallel()
	const code = `const [u] = await retool.list_users({email: "jane@northwind.example"});
await retool.disable_user({userId: u.id});
console.log("logged"); save("done.csv", [{a: 1}]);
return "1 disabled"`
	refuses := func(t *testing.T, s *session) {
		t.Helper()
		plan, apply := s.planned(code)
		require.Contains(t, plan, "Returned: 1 disabled")
		a := s.call("run_script", apply)
		require.True(t, a.isError, a.text)
		require.Contains(t, a.text, "Not sent: ")
		for _, part := range []string{"disabled\n", "Returned", "logged", "done.csv"} {
			require.NotContains(t, a.text, part)
		}
	}
	for name, p := range map[string]*userAnswers{"declined": {answer: decline}, "cancelled": {answer: func(string) mcp.ElicitationResponse {
		return mcp.ElicitationResponse{Action: mcp.ElicitationResponseActionCancel}
	}}, "not confirmed": {answer: func(string) mcp.ElicitationResponse {
		return mcp.ElicitationResponse{Action: mcp.ElicitationResponseActionAccept, Content: map[string]any{"confirm": false}}
	}}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refuses(t, connectTo(t, modern, environment(t), p, "--sandbox"))
		})
	}
	t.Run("nobody to ask", func(t *testing.T) {
		t.Parallel()
		refuses(t, connectTo(t, modern, environment(t), nil, "--sandbox", "--confirm", "always"))
	})
}

// A plan whose script then failed says that it is not all, and the reason in lines.
func TestPlansOfScriptsThatFail(t *testing.T) {
	t.Parallel()
	s := connectTo(t, modern, environment(t), nil, "--sandbox")
	plan := s.call("run_script", scripted(t, `await retool.create_group({name: "Squad"}); await retool.create_folder({nam: "x"})`)).text
	require.Contains(t, plan, "\n\nTHIS PLAN IS INCOMPLETE. Then the script failed: Not sent: the arguments do not fit create_folder.\n  - nam: ")
	require.Contains(t, plan, "(line 1)\nCorrect the script and plan it again, unless these writes alone are wanted.\n")
	require.NotContains(t, plan, `\n`)
	plan, _ = s.planned(`const g = await retool.create_group({name: "Squad"}); for (const m of g.members) await retool.delete_group({groupId: m.id})`)
	require.Contains(t, plan, " Applying goes on from here. Run the code again only if the result of that says so.\n")
	plan, _ = s.planned(`await retool.update_group({groupId: (await retool.list_groups())[5].id, operations: [{op: "replace", path: "/name", value: "` + strings.Repeat("long name ", 19) + `end"}]})`)
	require.Contains(t, plan, "end\"", "what fits is not cut")
}

// Words of a plan name elements of source control, and say nothing of the state of an
// object that an earlier step changes.
func TestWordsOfPlans(t *testing.T) {
	t.Parallel()
	s := connectTo(t, modern, environment(t), nil, "--sandbox")
	for name, x := range map[string]struct {
		code        string
		says, lacks []string
	}{
		"elements": {
			`const app = (await retool.list_apps()).find(a => a.name === "Payroll"), flow = (await retool.list_workflows())[0];
const [m] = await retool.list_source_control_manifests();
await retool.create_source_control_release({elementUuid: app.id, elementType: "PAGE", release_version: "9.9.9"});
await retool.create_source_control_release({elementUuid: flow.id, elementType: "WORKFLOW", release_version: "9.9.9"});
await retool.replace_source_control_manifest_element({manifestName: m.name, elementUuid: app.id, elementType: "PAGE", release: "9.9.9"});
await retool.replace_source_control_manifest({manifestName: "new", manifest: {apps: m.apps.slice(0, 2), workflows: []}});`,
			[]string{`create_source_control_release: App: "Payroll" (`, `create_source_control_release: Workflow: "`, `App: "Payroll" (c373d850-c6ff-454b-a76e-3737cbd57c47), release "1.0.0"; `, `manifest: apps "Payroll" {"release":"1.0.0","uuid":"c373d850-c6ff-454b-a76e-3737cbd57c47"}, "Orders" {`},
			[]string{"Element: ", `, uuid "`},
		},
		"items of a manifest": {
			`const [m] = await retool.list_source_control_manifests();
await retool.replace_source_control_manifest({manifestName: m.name, manifest: {apps: m.apps.slice(1).map((a, i) => i ? a : {...a, release: "9.9.9"}), workflows: m.workflows}});`,
			[]string{`removed "Payroll"`, `["Orders"].release "1.3.1" → "9.9.9"`},
			nil,
		},
		"after an earlier step": {
			`const [u] = await retool.list_users({email: "jane@northwind.example"});
await retool.disable_user({userId: u.id});
await retool.update_user({userId: u.id, operations: [{op: "replace", path: "/active", value: true}]});`,
			[]string{`active: true → false`, `update_user: User: "jane@northwind.example" (user_a7906d2aa65548afafdb7ad35ceb34e1); replace /active: true` + "\n"},
			[]string{"as it is"},
		},
		"after one about another": {
			`const us = await retool.list_users(), u = us.find(u => !u.active), w = us.find(u => u.active);
await retool.update_user({userId: w.id, operations: [{op: "replace", path: "/active", value: true}]});
await retool.disable_user({userId: u.id});`,
			[]string{"disabled; active: false, as it is\n", "replace /active: true, as it is\n"},
			nil,
		},
		"after one about a part": {
			`const g = (await retool.list_groups()).find(g => g.name === "Support");
await retool.remove_group_member({groupId: g.id, userId: g.members[0].id});
await retool.delete_group({groupId: g.id});`,
			[]string{`delete_group`, `Group: "Support" (`},
			[]string{"48 members\n"},
		},
		"nothing changes": {
			`const g = (await retool.list_groups()).find(g => g.name === "Support");
await retool.set_user_attribute({userId: g.members[0].id, name: "department", value: "a"});
await retool.set_user_attribute({userId: g.members[0].id, name: "region", value: "b"});`,
			[]string{`"department"`, `"region"`},
			nil,
		},
		"the order of execution": {
			`await retool.create_group({name: "A"});
for (const n of [1, 2]) await retool.create_folder({name: "F" + n, folder_type: "app"});`,
			[]string{"3 writes: 1 create_group, 2 create_folder\n"},
			nil,
		},
	} {
		plan := s.succeed("run_script", scripted(t, x.code))
		for _, part := range x.says {
			require.Contains(t, plan, part, name)
		}
		for _, part := range x.lacks {
			require.NotContains(t, plan, part, name)
		}
	}
}
