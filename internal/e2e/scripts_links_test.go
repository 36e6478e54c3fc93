package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Links of invites, which two tools show by design, are there in what scripts return and
// save, under any name and in texts. Those of a write that is not made again are there
// too. Other secrets stay hidden.
func TestInviteLinksOfScripts(t *testing.T) {
	t.Parallel()
	g, folder := openGateway(t), t.TempDir()
	s := g.connect(t, &userAnswers{answer: accept}, "RETOOL_MCP_EXPORT_DIR="+folder)
	code := `const invite = await retool.create_user_invite({email: 'new@partner.example', default_group_ids: []});
if (!retool.planning) await save('links.csv', [{invite_link: invite.invite_link}]);
return {open: invite.invite_link, token: invite.invite_link, say: 'Go to ' + invite.invite_link, password: 'hunter2'};`
	plan := s.succeed("run_script", given(t, object{"code": code + " //"}))
	requireInText(t, s.succeed("run_script", given(t, object{"apply": idOfPlan(t, plan)})), folder)

	code = `const {invite_link} = await retool.create_user_invite({email: 'two@partner.example', default_group_ids: []});
const team = await retool.create_group({name: 'Two stages'});
for (const m of (await retool.get_group({groupId: team.id})).members) console.log(m.id);
await retool.create_folder({name: 'Two stages', folder_type: 'app'});
return {open: invite_link, token: invite_link, say: 'Go to ' + invite_link, password: 'hunter2'};`
	plan = s.succeed("run_script", given(t, object{"code": code}))
	require.True(t, s.call("run_script", given(t, object{"apply": idOfPlan(t, plan)})).isError, "the plan ended before the script")
	plan = s.succeed("run_script", given(t, object{"code": code}))
	require.Contains(t, plan, "not again: 2.")
	requireInText(t, s.succeed("run_script", given(t, object{"apply": idOfPlan(t, plan)})), folder)

	code = `const [{id}] = (await retool.list_user_invites()).filter(i => i.invited_email === 'new@partner.example');
const read = await retool.get_user_invite({userInviteId: id});
await save('links.json', [{token: read.invite_link}]);
return {open: read.invite_link, token: read.invite_link, say: 'Go to ' + read.invite_link, password: 'hunter2'};`
	requireInText(t, s.succeed("query_script", given(t, object{"code": code})), folder)
}

func requireInText(t *testing.T, text, folder string) {
	t.Helper()
	require.Equal(t, 3, strings.Count(text, "/auth/signup?token="), text)
	require.Equal(t, 1, strings.Count(text, "[redacted: "), text)
	require.Contains(t, text, `"password":"[redacted: password]"`)
	files, err := filepath.Glob(filepath.Join(folder, "links.*"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Contains(t, string(content), "/auth/signup?token=")
	}
}
