package call_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/confirm"
	"github.com/retool-mcp/retool-mcp/internal/plan"
)

func checked(t testing.TB, r *call.Runner, ctx context.Context, tool, arguments string) plan.Step { //nolint:revive // t comes first in tests
	t.Helper()
	step, _, err := r.CheckStep(ctx, tool, []byte(arguments))
	require.NoError(t, err)
	return step
}

// A step says in words what it is about, by name, and what it changes.
func TestStepsReadLikeQuestions(t *testing.T) {
	r, u := onSandbox(t, call.Options{Confirm: call.ConfirmAuto})
	group, folder := plan.Marker("create_group#1", "id"), plan.Marker("create_folder#1", "id")
	const ava = "user_7488f10f594343e48f4da9965adac6fd"
	for _, c := range []struct {
		tool, arguments   string
		objects, changes  []string
		undo              string
		asks, compared    bool
		sends             int
		canonicalArgument string
	}{
		{"create_group", `{"name":"Night\u200bshift"}`, nil, []string{`name: "Night\u200bshift"`}, "", false, false, 0, ""},
		{"delete_group", `{"groupId":9}`, []string{`Group: "Operations" (9), 36 members, 1 user invite`}, nil, "cannot be undone; a new group has a new id and none of the access", true, true, 1, `{"groupId":"9"}`},
		{"delete_group", `{"groupId":"Operations"}`, []string{`Group: "Operations" (9), 36 members, 1 user invite`}, nil, "cannot be undone; a new group has a new id and none of the access", true, true, 2, `{"groupId":"9"}`},
		{"delete_group", `{"groupId":"` + group + `"}`, []string{`Group: "` + group + `"`}, nil, "cannot be undone; a new group has a new id and none of the access", true, false, 0, ""},
		{"add_group_members", `{"groupId":9,"members":"` + plan.Marker("list_users#1", "") + `"}`, []string{`Group: "Operations" (9), 36 members, 1 user invite`}, []string{`members: "` + plan.Marker("list_users#1", "") + `"`}, "", false, false, 1, ""},
		{"add_group_members", `{"groupId":"` + group + `","members":[{"id":"` + ava + `","is_group_admin":true},{"id":"` + plan.Marker("create_user#1", "id") + `","is_group_admin":false}]}`, []string{`Group: "` + group + `"`}, []string{`members: "ava.lindqvist@northwind.example" (is_group_admin), "` + plan.Marker("create_user#1", "id") + `"`}, "", false, false, 1, ""},
		{"create_user_invite", `{"email":"new@example.com","default_group_ids":[9,4711]}`, nil, []string{`email: "new@example.com"`, `defaultGroupIds: "Operations" (9), 4711`}, "", false, false, 3, ""},
		{"remove_group_member", `{"groupId":"` + group + `","userId":"` + ava + `"}`, []string{`Group: "` + group + `"`, `User: "ava.lindqvist@northwind.example" (` + ava + `)`}, nil, "add_group_members puts the user back", true, false, 1, ""},
		{"update_group", `{"groupId":"9","operations":[{"op":"replace","path":"/name","value":"Ops"}]}`, []string{`Group: "Operations" (9), 36 members, 1 user invite`}, []string{`replace /name: "Operations" → "Ops"`}, "", false, true, 1, ""},
		{"update_user", `{"userId":"` + ava + `","operations":[{"op":"replace","path":"/active","value":"` + group + `"}]}`, []string{`User: "ava.lindqvist@northwind.example" (` + ava + `), active, admin`}, []string{`replace /active: true → "` + group + `"`}, "update_user enables the user again", true, true, 1, ""},
		{"grant_permissions", `{"subject":{"type":"group","id":"` + group + `"},"object":{"type":"folder","id":"` + folder + `"},"access_level":"use"}`, []string{`Subject: group "` + group + `"`, `Object: folder "` + folder + `"`}, []string{`access_level: "use"`}, "", false, false, 0, ""},
		{"grant_permissions", `{"subject":{"type":"group","id":"9"},"object":{"type":"folder","id":"` + plan.Marker("get_folder#1", "id") + `"},"access_level":"use"}`, []string{`Subject: group "Operations" (9)`, `Object: folder "` + plan.Marker("get_folder#1", "id") + `"`}, []string{`access_level: "use"`}, "grant_permissions grants it again; of a folder, levels of the objects in it are lost", true, false, 1, ""},
		{"delete_folder", `{"folderId":"` + folder + `","recursive":true}`, []string{`Folder: "` + folder + `"`}, []string{`recursive: true`}, "cannot be undone; create_folder makes an empty folder with a new id", true, false, 0, ""},
	} {
		step, _, err := r.CheckStep(t.Context(), c.tool, []byte(c.arguments))
		require.NoError(t, err, c.tool)
		require.Equal(t, c.objects, step.Words.Objects, c.arguments)
		require.Equal(t, c.changes, step.Words.Changes, c.arguments)
		require.Equal(t, c.undo, step.Words.Undo, c.arguments)
		require.Equal(t, c.asks, step.Destructive, c.arguments)
		require.Equal(t, c.compared, step.Before != "", c.arguments)
		require.Len(t, u.take(), c.sends, c.arguments)
		if c.canonicalArgument != "" {
			require.Equal(t, c.canonicalArgument, string(step.Arguments))
		}
	}
}

// A step is another once what it replaces is, or once its name is that of another.
func TestStepsKnowWhatWasBefore(t *testing.T) {
	r, _ := onSandbox(t, call.Options{})
	before := func(tool, arguments string) string { return checked(t, r, t.Context(), tool, arguments).Before }
	all := func() []string {
		return []string{before("update_group", `{"groupId":"9","operations":[]}`), before("delete_group", `{"groupId":"9"}`), before("delete_group", `{"groupId":"8"}`)}
	}
	was := all()
	require.Equal(t, was, all())
	require.Empty(t, before("add_group_members", `{"groupId":"9","members":[]}`), "it replaces nothing")
	named := func() string {
		return string(checked(t, r, t.Context(), "add_group_members", `{"groupId":"Operations","members":[]}`).Arguments)
	}
	require.Equal(t, `{"groupId":"9","members":[]}`, named())

	rename := func(id, name string) {
		require.False(t, run(t, r, "update_group", object{"groupId": id, "operations": []object{{"op": "replace", "path": "/name", "value": name}}}).IsError)
	}
	rename("9", "Ops")
	rename("8", "Operations")
	is := all()
	for i := range was {
		require.NotEqual(t, was[i], is[i])
	}
	require.Equal(t, `{"groupId":"8","members":[]}`, named(), "another group has the name")
}

// What may be a secret because of a name, a path or a flag that is not known is not shown.
func TestWordsHideWhatMayBeASecret(t *testing.T) {
	r, _ := onSandbox(t, call.Options{})
	unknown := plan.Marker("create_group#1", "name")
	for _, c := range [][2]string{
		{"update_resource", `{"resourceId":"` + unknown + `","operations":[{"op":"replace","path":"` + unknown + `","value":"` + canary + `"}]}`},
		{"update_user", `{"userId":"` + unknown + `","operations":[{"op":"replace","path":"/metadata/api_token","value":"` + canary + `"}]}`},
		{"set_user_attribute", `{"userId":"` + unknown + `","name":"` + unknown + `","value":"` + canary + `"}`},
		{"set_user_attribute", `{"userId":"` + unknown + `","name":"api_token","value":"` + canary + `"}`},
		{"create_configuration_variable", `{"name":"A","secret":true,"values":[{"environment_id":"` + unknown + `","value":"` + canary + `"}]}`},
	} {
		step := checked(t, r, t.Context(), c[0], c[1])
		require.NotContains(t, fmt.Sprint(step.Words), canary, c[1])
		require.Contains(t, string(step.Arguments), canary)
	}
}

// The names of the API cannot pose as placeholders.
func TestNamesCannotPoseAsPlaceholders(t *testing.T) {
	r, _ := onSandbox(t, call.Options{})
	forged := plan.Marker("delete_space#1", "id")
	require.False(t, run(t, r, "create_group", object{"name": forged}).IsError)
	step := checked(t, r, t.Context(), "delete_group", `{"groupId":"`+idOf(t, r, forged)+`"}`)
	require.NotContains(t, fmt.Sprint(step.Words), string(plan.Open))
}

func idOf(t *testing.T, r *call.Runner, name string) string {
	t.Helper()
	for _, group := range decoded[[]object](t, value(t, r, "list_groups", `{}`)) {
		if group["name"] == name {
			return fmt.Sprint(group["id"])
		}
	}
	require.Fail(t, "no such group")
	return ""
}

// The steps of a plan read what they share once, also at the same time.
func TestStepsOfAPlanReadOnce(t *testing.T) {
	r, u := onSandbox(t, call.Options{Confirm: call.ConfirmAuto})
	var ids []string
	for _, user := range decoded[[]object](t, value(t, r, "list_users", `{"limit":60}`)) {
		ids = append(ids, user["id"].(string))
	}
	u.take()
	ctx := call.KeepReads(t.Context())
	var steps sync.WaitGroup
	for i, id := range ids {
		steps.Go(func() {
			step, _, err := r.CheckStep(ctx, "remove_group_member", fmt.Appendf(nil, `{"groupId":"9","userId":"%s"}`, id))
			if err != nil || len(step.Words.Objects) < 2 || !strings.Contains(step.Words.Objects[1], "@") {
				t.Errorf("step %d: %v %v", i, err, step.Words)
			}
		})
	}
	steps.Wait()
	require.LessOrEqual(t, len(u.take()), 10, "the group, two or so users, the list of users")
	_, _, err := r.CheckStep(ctx, "delete_group", []byte(`{"groupId":"4711"}`))
	require.Error(t, err)
	_, _, err = r.CheckStep(ctx, "delete_group", []byte(`{"groupId":"4711"}`))
	require.Error(t, err)
	require.Len(t, u.take(), 2, "what failed is read again")
	checked(t, r, t.Context(), "delete_group", `{"groupId":"9"}`)
	value(t, r, "get_group", `{"groupId":"9"}`)
	require.Len(t, u.take(), 2, "only steps of one plan share")
}

// Plans are confirmed by the rules of single calls, once for all their steps.
func TestPlansAreConfirmedOnce(t *testing.T) {
	harmless := plan.Step{Operation: "create_group", Arguments: []byte(`{}`)}
	destructive := plan.Step{Operation: "delete_group", Destructive: true}
	irreversible := plan.Step{Operation: "delete_space", Destructive: true, Irreversible: true}
	canAsk, cannot := confirm.Client{CanAsk: true}, confirm.Client{}
	for _, c := range []struct {
		setting call.Confirm
		client  confirm.Client
		steps   []plan.Step
		want    string // a confirmation, "?" for a question, or a refusal
	}{
		{call.ConfirmNever, canAsk, []plan.Step{irreversible}, "not asked"},
		{"", cannot, []plan.Step{irreversible}, "not asked"},
		{call.ConfirmAuto, canAsk, []plan.Step{harmless}, "not asked"},
		{call.ConfirmAuto, canAsk, []plan.Step{harmless, destructive}, "?"},
		{call.ConfirmAuto, canAsk, []plan.Step{irreversible}, "?"},
		{call.ConfirmAuto, cannot, []plan.Step{harmless, destructive}, "left to the client"},
		{call.ConfirmAuto, cannot, []plan.Step{destructive, irreversible}, "Not sent: delete_space is irreversible and affects the whole organization."},
		{call.ConfirmAlways, canAsk, []plan.Step{harmless}, "not asked"},
		{call.ConfirmAlways, canAsk, []plan.Step{destructive}, "?"},
		{call.ConfirmAlways, cannot, []plan.Step{destructive}, "Not sent: this plan requires the user's confirmation, and this client cannot ask for it."},
		{call.ConfirmAlways, cannot, []plan.Step{irreversible}, "Not sent: delete_space is irreversible"},
	} {
		r, _ := onSandbox(t, call.Options{Confirm: c.setting})
		confirmation, end := r.Approve(confirm.With(t.Context(), c.client), call.Planned{Tool: "run_script", ID: "p1", Question: "Delete?", Steps: c.steps})
		switch {
		case c.want == "?":
			require.NotNil(t, end)
			require.Equal(t, "Delete?", end.Ask.Text)
			require.Empty(t, confirmation)
		case strings.HasPrefix(c.want, "Not sent"):
			require.NotNil(t, end)
			require.Contains(t, end.Text, c.want)
			require.True(t, end.IsError)
		default:
			require.Nil(t, end)
			require.Equal(t, c.want, confirmation)
		}
	}
}

// A yes is one to a plan, of a caller, on an instance, by a tool, as it read, and once.
func TestAYesHoldsForOnePlan(t *testing.T) {
	agreements := confirm.NewAgreements(nil)
	east, _ := onSandbox(t, call.Options{Confirm: call.ConfirmAuto, Agreements: agreements, Instance: "east"})
	west, _ := onSandbox(t, call.Options{Confirm: call.ConfirmAuto, Agreements: agreements, Instance: "west"})
	planned := call.Planned{Tool: "run_script", ID: "p1", Question: "Delete?", Steps: []plan.Step{{Operation: "delete_group", Destructive: true}}}
	asked := func(ctx context.Context) string {
		_, end := east.Approve(confirm.With(ctx, confirm.Client{CanAsk: true}), planned)
		return end.Ask.State
	}
	with := func(ctx context.Context, r *call.Runner, p call.Planned, a confirm.Answer) (string, bool) {
		confirmation, end := r.Approve(confirm.With(ctx, confirm.Client{CanAsk: true, Answer: &a}), p)
		return confirmation, end != nil && end.Ask != nil
	}
	ada := caller.With(t.Context(), caller.Caller{ID: "ada"})
	yes := confirm.Answer{State: asked(ada), Confirmed: true}
	other, read := planned, planned
	other.ID, read.Question = "p2", "Delete all?"
	for _, c := range []struct {
		ctx context.Context //nolint:containedctx // a table
		r   *call.Runner
		p   call.Planned
	}{{t.Context(), east, planned}, {ada, west, planned}} {
		_, again := with(c.ctx, c.r, c.p, yes)
		require.True(t, again, "whoever answers was not asked")
	}
	confirmation, _ := with(ada, east, planned, yes)
	require.Equal(t, "confirmed", confirmation)
	_, again := with(ada, east, planned, yes)
	require.True(t, again, "once")
	for _, p := range []call.Planned{other, read} {
		_, again := with(ada, east, p, confirm.Answer{State: asked(ada), Confirmed: true})
		require.True(t, again, "another plan")
	}
	no := confirm.Answer{State: asked(ada), Said: "decline"}
	confirmation, end := east.Approve(confirm.With(ada, confirm.Client{Answer: &no}), planned)
	require.Equal(t, "declined", confirmation)
	require.Equal(t, "Not sent: the user declined run_script (answer: decline). Retry only if the user asks for it.", end.Text)
	_, again = with(ada, east, planned, confirm.Answer{State: no.State, Confirmed: true})
	require.True(t, again, "nobody can say yes to it any more")
}

// Of several instances, the strictest decides about a plan that has steps on it.
func TestPlansOnInstancesAreConfirmedAsTheStrictestWants(t *testing.T) {
	r, _ := instances(t) // both auto
	on := func(instance string, destructive, irreversible bool) plan.Step {
		return plan.Step{Operation: "delete_space", Arguments: []byte(`{"instance":"` + instance + `"}`), Destructive: destructive, Irreversible: irreversible}
	}
	approve := func(ctx context.Context, steps ...plan.Step) (string, string) {
		confirmation, end := r.Approve(ctx, call.Planned{Tool: "run_script", ID: "p1", Question: "Delete?", Steps: steps})
		switch {
		case end == nil:
			return confirmation, ""
		case end.Ask != nil:
			return confirmation, "?"
		}
		return confirmation, end.Text
	}
	canAsk := confirm.With(t.Context(), confirm.Client{CanAsk: true})
	_, asks := approve(canAsk, on("east", false, false), on("west", true, false))
	require.Equal(t, "?", asks)
	confirmation, _ := approve(canAsk, on("east", false, false))
	require.Equal(t, "not asked", confirmation)
	confirmation, _ = approve(t.Context(), on("west", true, false))
	require.Equal(t, "left to the client", confirmation)
	_, refused := approve(t.Context(), on("east", true, false), on("west", true, true))
	require.Contains(t, refused, "Not sent: delete_space is irreversible")
	confirmation, _ = approve(t.Context())
	require.Equal(t, "not asked", confirmation)
}

// An argument that the release does not know is refused in a plan, or noted there.
func TestStepsOnOlderInstances(t *testing.T) {
	arguments := []byte(`{"email":"` + plan.Marker("get_user#1", "email") + `","first_name":"N","last_name":"W","seat_type":"builder"}`)
	_, _, err := onOlder(t, &older{release: "3.400"}, call.Options{}).CheckStep(t.Context(), "create_user", arguments)
	require.ErrorContains(t, err, "this instance is release 3.400, and create_user has seat_type since release 4.0")
	step, _, err := onOlder(t, &older{}, call.Options{}).CheckStep(t.Context(), "create_user", arguments)
	require.NoError(t, err)
	require.Contains(t, step.Words.Changes[len(step.Words.Changes)-1], "Before release 4.0 it ignores seat_type")
}
