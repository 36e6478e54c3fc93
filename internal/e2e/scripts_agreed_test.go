package e2e_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// renames are statements that give a group another name.
const renames = `const rename = (groupId, name) => retool.update_group({groupId, operations: [{op: 'replace', path: '/name', value: name}]});
`

// rename does that by a single call.
func rename(s *session, id, name string) {
	s.t.Helper()
	s.succeed("update_group", given(s.t, object{"groupId": id, "operations": []object{{"op": "replace", "path": "/name", "value": name}}}))
}

// unclearTargets are scripts whose plans end where nobody can know what is affected.
var unclearTargets = map[string]struct{ code, ends, not string }{
	"an access level of a new object": {
		`const f = await retool.create_folder({name: 'use', folder_type: 'app', parent_folder_id: 'app_1'});
await retool.grant_permissions({subject: {type: 'group', id: '9'}, object: {type: 'folder', id: 'app_25'}, access_level: f.name});`,
		"grant_permissions is destructive and needs the real <create_folder#1.name> (line 2)", "grant_permissions",
	},
	"an object named by a new one": {
		`const f = await retool.create_folder({name: 'a', folder_type: 'app', parent_folder_id: 'app_25'});
await retool.grant_permissions({subject: {type: 'group', id: '9'}, object: {type: 'folder', id: f.parent_folder_id}, access_level: 'use'});`,
		"grant_permissions is destructive and needs the real <create_folder#1.parent_folder_id> (line 2)", "grant_permissions",
	},
	"an item of a list that is not read": {
		`const g = await retool.create_group({name: 'a'});
const us = await retool.list_apps({where: ` + "`name != \"${g.id}\"`" + `});
await retool.delete_app({appId: us[3].id});`,
		"delete_app is destructive and needs the real <list_apps#1[3].id> (line 3)", "delete_app",
	},
	"what is filled before it is deleted": {
		`const f = await retool.create_folder({name: 'Scratch', folder_type: 'app', parent_folder_id: 'app_1'});
await retool.update_folder({folderId: 'app_62', operations: [{op: 'replace', path: '/parent_folder_id', value: f.id}]});
await retool.delete_folder({folderId: f.id, recursive: true});`,
		"delete_folder is destructive and needs the real <create_folder#1.id> (line 3)", "delete_folder",
	},
	"what is there and filled before it is deleted": {
		`await retool.update_folder({folderId: 'app_62', operations: [{op: 'replace', path: '/parent_folder_id', value: 'app_85'}]});
await retool.delete_folder({folderId: 'app_85', recursive: true});`,
		"delete_folder is destructive, and what it affects depends on the writes before it (line 2)", "delete_folder",
	},
}

// A plan ends before a destructive write whose target or effect is only known once the
// writes before it are made, with any setting.
func TestPlansEndBeforeUnclearTargets(t *testing.T) {
	t.Parallel()
	for name, x := range unclearTargets {
		for _, setting := range []string{"auto", "always"} {
			t.Run(name+", "+setting, func(t *testing.T) {
				t.Parallel()
				g := openGateway(t)
				user := &userAnswers{answer: accept}
				s := g.connect(t, user, "RETOOL_MCP_CONFIRM="+setting)
				plan := s.succeed("run_script", scripted(t, x.code))
				require.Contains(t, plan, "The plan ends here: "+x.ends)
				require.NotContains(t, plan, "destructive\n", "no write of the plan is destructive")
				a := s.call("run_script", given(t, object{"apply": idOfPlan(t, plan)}))
				require.Contains(t, a.text, "before "+x.not)
				require.Empty(t, user.take())
				require.Zero(t, g.made(t, x.not))
			})
		}
	}
	t.Run("the rest is asked about when it is known", func(t *testing.T) {
		t.Parallel()
		g := openGateway(t)
		user := &userAnswers{answer: accept}
		s := g.connect(t, user)
		code := scripted(t, unclearTargets["what is filled before it is deleted"].code)
		s.call("run_script", given(t, object{"apply": idOfPlan(t, s.succeed("run_script", code))}))
		require.Contains(t, s.succeed("run_script", given(t, object{"apply": idOfPlan(t, s.succeed("run_script", code))})), "Made: 1 write: 1 delete_folder.")
		require.Contains(t, user.take()[0], "Deleted with it: 11 apps")
	})
}

// Names are resolved once: the objects that a person has seen are those that are changed.
func TestNamesInPlansKeepTheirMeaning(t *testing.T) {
	t.Parallel()
	g := openGateway(t)
	user := &userAnswers{answer: accept}
	s := g.connect(t, user)
	_, apply := s.planned(renames + `await rename(9, 'Operations (old)');
await rename(8, 'Operations');
await retool.grant_permissions({subject: {type: 'group', id: 'Operations'}, object: {type: 'folder', id: 'app_85'}, access_level: 'own'});
await retool.delete_group({groupId: 'Operations'});`)
	require.Contains(t, s.succeed("run_script", apply), "Made: 4 writes")
	require.Contains(t, user.take()[0], "(9)")
	require.NotContains(t, s.succeed("query_script", scripted(t, `return retool.list_groups()`)), "\n9,")
	require.Equal(t, []string{"Operations"}, g.groups(t, "Operations"), "the other one")
}

// changesMeanwhile are plans whose state somebody else changes after their first write.
var changesMeanwhile = map[string]struct {
	meanwhile       func(s *session)
	code, says, not string
}{
	"the name of the target": {
		meanwhile: func(s *session) { rename(s, "9", "Ops"); rename(s, "8", "Operations") },
		code:      `await mark(); await retool.delete_group({groupId: 'Operations'});`,
		says:      "what it replaces has changed since the plan", not: "delete_group",
	},
	"the value that is replaced": {
		meanwhile: func(s *session) {
			v := variableNamed(s)
			v["description"] = "by somebody else"
			s.succeed("replace_configuration_variable", given(s.t, v))
		},
		code: `const v = (await retool.list_configuration_variables()).find(v => v.name === 'API_BASE_URL');
await mark(); await retool.replace_configuration_variable({...v, values: v.values.map(x => ({...x, value: 'https://new.example'}))});`,
		says: "what it replaces has changed since the plan",
	},
	"the level that is raised": {
		meanwhile: func(s *session) { grant(s, "own") },
		code:      `await mark(); await retool.grant_permissions({subject: {type: 'group', id: '9'}, object: {type: 'folder', id: 'app_85'}, access_level: 'edit'});`,
		says:      "it is destructive now, and in the plan it was not",
	},
	"what is deleted with it": {
		meanwhile: func(s *session) {
			s.succeed("update_folder", given(s.t, object{"folderId": "app_62", "operations": []object{{"op": "replace", "path": "/parent_folder_id", "value": "app_86"}}}))
		},
		code: `await mark(); await retool.delete_folder({folderId: 'app_85', recursive: true});`,
		says: "what it affects has changed since the plan", not: "delete_folder",
	},
}

func variableNamed(s *session) object {
	for _, v := range read[[]object](s, "list_configuration_variables", nil) {
		if v["name"] == "API_BASE_URL" {
			return v
		}
	}
	return nil
}

func grant(s *session, level string) {
	s.t.Helper()
	s.succeed("grant_permissions", given(s.t, object{"subject": object{"type": "group", "id": "9"}, "object": object{"type": "folder", "id": "app_85"}, "access_level": level}))
}

// What somebody else changes while a plan is applied is not overwritten, and what the
// user was not asked about is not done.
func TestChangesDuringAnApplyStopIt(t *testing.T) {
	t.Parallel()
	for name, x := range changesMeanwhile {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := openGateway(t)
			other := g.host.connect("", sandboxToken)
			s := g.connect(t, &userAnswers{answer: accept})
			_, apply := s.planned("const mark = () => retool.create_group({name: 'Marker'});\n" + x.code)
			var once sync.Once
			counts := 0
			g.set(func(_ http.ResponseWriter, r *http.Request) bool {
				if createsGroup(r) {
					once.Do(func() {
						x.meanwhile(other)
						if x.not != "" {
							counts = g.made(t, x.not)
						}
					})
				}
				return false
			})
			a := s.call("run_script", apply)
			require.True(t, a.isError, a.text)
			require.Contains(t, a.text, "which was not sent: "+x.says)
			require.Contains(t, a.text, "Made: 1 of 2 writes: 1 create_group.")
			require.NotEqual(t, "https://new.example", variableNamed(other)["values"].([]any)[0].(map[string]any)["value"])
			if x.not != "" {
				require.Equal(t, counts, g.made(t, x.not))
			}
		})
	}
}

// Destructive writes keep their place among all writes of a plan.
func TestOrderOfDestructiveWrites(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct{ code, says string }{
		"reversed": {
			`const make = () => retool.create_group({name: 'Copy'}), drop = () => retool.delete_group({groupId: 9});
if (retool.planning) { await make(); await drop(); } else { await drop(); await make(); }`,
			"before delete_group (line 1), which was not sent: create_group#1 is planned before it",
		},
		"without what comes before": {
			`if (retool.planning) await retool.create_group({name: 'Copy'});
await retool.delete_group({groupId: 9});`,
			"before delete_group (line 2), which was not sent: create_group#1 is planned before it",
		},
		"left out": {
			`if (retool.planning) await retool.delete_group({groupId: 9});
await retool.create_group({name: 'Instead'});`,
			"before create_group (line 2), which was not sent: delete_group#1 is planned before it",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := openGateway(t)
			s := g.connect(t, &userAnswers{answer: accept})
			_, apply := s.planned(x.code)
			a := s.call("run_script", apply)
			require.True(t, a.isError, a.text)
			require.Contains(t, a.text, x.says)
			require.Zero(t, g.made(t, "delete_group")+g.made(t, "create_group"))
		})
	}
}

// What a plan changes itself on the way to a destructive write is part of it.
func TestOffboardingIsOnePlan(t *testing.T) {
	t.Parallel()
	g := openGateway(t)
	user := &userAnswers{answer: accept}
	s := g.connect(t, user)
	_, apply := s.planned(`const group = await retool.get_group({groupId: 9});
await Promise.all(group.members.slice(0, 12).map(async m => {
  await retool.remove_group_member({groupId: 9, userId: m.id});
  await retool.logout_user({userId: m.id});
  await retool.disable_user({userId: m.id});
}));`)
	require.Contains(t, s.succeed("run_script", apply), "Made: 36 writes")
	require.Len(t, user.take(), 1)
	require.Equal(t, 12, g.made(t, "disable_user"))
}

// Writes at once do not change what a destructive one takes with it.
func TestNothingIsMovedIntoWhatIsDeleted(t *testing.T) {
	t.Parallel()
	for name, order := range map[string]string{"before": "[move(), drop()]", "after": "[drop(), move()]"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := openGateway(t)
			s := g.connect(t, &userAnswers{answer: accept})
			_, apply := s.planned(`const move = () => retool.update_folder({folderId: 'app_62', operations: [{op: 'replace', path: '/parent_folder_id', value: 'app_86'}]});
const drop = () => retool.delete_folder({folderId: 'app_85', recursive: true});
await Promise.all(` + order + `);`)
			g.set(func(_ http.ResponseWriter, r *http.Request) bool {
				if r.Method == http.MethodPatch && name == "before" || r.Method == http.MethodDelete && name == "after" {
					time.Sleep(10 * quietTime)
				}
				return false
			})
			a := s.call("run_script", apply)
			require.True(t, a.isError, a.text)
			require.Contains(t, a.text, "Made: 1 of 2 writes")
			require.Contains(t, s.succeed("query_script", scripted(t, `return (await retool.get_folder({folderId: 'app_62'})).name`)), "Experiments")
		})
	}
}
