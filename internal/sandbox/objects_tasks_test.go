package sandbox_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// users who have tasks to do.
const (
	ann    = "user_0000000000000000000000000000000a"
	ben    = "user_0000000000000000000000000000000b"
	cleo   = "user_0000000000000000000000000000000c"
	absent = "user_0000000000000000000000000000000d"
)

// office has two workflows and five tasks: 101 and 102 wait for Ann, 103 for
// Ben and the editors, to whom Cleo belongs, 104 for everybody, and 105 was
// canceled. 102 expires 90 seconds after the start.
func office(o *model.Org) {
	for i, id := range []string{ann, ben, cleo, absent} {
		name := []string{"ann", "ben", "cleo", "absent"}[i]
		o.Users.Put(&model.User{UserView: model.UserView{
			ID: id, LegacyID: 7 + i, Email: name + "@northwind.example", Active: id != absent,
		}})
	}
	editors, _ := o.Groups.Get("2")
	o.SetMember(editors, model.GroupMember{ID: cleo})
	refunds, orders := workflow(o, 1, 10, "Refunds"), workflow(o, 2, 20, "Orders")
	forAnn := model.Assignee{Type: "user", ID: 7, Name: "ann@northwind.example"}
	task(o, 101, refunds, 10, forAnn)
	task(o, 102, refunds, 10, forAnn).ExpiresAt = new(o.Now().Add(90 * time.Second))
	task(o, 103, orders, 20, model.Assignee{Type: "user", ID: 8, Name: "ben@northwind.example"}, model.Assignee{Type: "group", ID: 2, Name: "editor"})
	task(o, 104, orders, 20, model.Assignee{Type: "group", ID: 4, Name: "All Users"})
	task(o, 105, orders, 20, forAnn).Status = "cancelled"
}

func (a *api) tasks(pairs ...string) []any {
	a.t.Helper()
	return field(a.items("list_user_tasks", request{}.where(pairs...)), "id")
}

func TestTasksAreFiltered(t *testing.T) {
	a := startWith(t, office)
	require.Equal(t, []any{uuid(101), uuid(102), uuid(103), uuid(104), uuid(105)}, a.tasks())
	require.Equal(t, []any{uuid(101), uuid(102), uuid(104), uuid(105)}, a.tasks("assigned_to_users", ann))
	require.Equal(t, []any{uuid(103), uuid(104)}, a.tasks("assigned_to_users", cleo), "through a group")
	require.Empty(t, a.tasks("assigned_to_users", "BEN@northwind.example"), "ids only")
	require.Empty(t, a.tasks("assigned_to_users", "user_00000000000000000000000000000000"))
	require.Equal(t, []any{uuid(105)}, a.tasks("statuses", "cancelled"))
	require.Equal(t, []any{uuid(101), uuid(102)}, a.tasks("workflow_ids", uuid(1)))
	require.Equal(t, a.tasks(), a.tasks("workflow_ids", uuid(2)+","+uuid(1)))
	require.Equal(t, []any{uuid(104)}, a.tasks("workflow_ids", uuid(2), "statuses", "pending", "assigned_to_users", ann))
	require.Empty(t, a.tasks("workflow_ids", uuid(9)))
	require.Equal(t, a.tasks(), a.tasks("assigned_to_users", "", "workflow_ids", ""), "what is empty does not count")

	both := url.Values{"assigned_to_users": {ann, ben}, "statuses": {"pending"}}
	out := a.send(http.MethodGet, "/api/v2/user_tasks?"+both.Encode(), "", http.NoBody)
	require.EqualValues(t, 4, out.body.(map[string]any)["total_count"], "%s", out.raw)
}

func TestTasksArePagedBetweenCursors(t *testing.T) {
	a := startWith(t, office)
	require.Equal(t, []any{uuid(103), uuid(104), uuid(105)}, a.tasks("starting_after", uuid(102)))
	require.Equal(t, []any{uuid(101), uuid(102)}, a.tasks("ending_before", uuid(103)))
	require.Equal(t, []any{uuid(102), uuid(103)}, a.tasks("starting_after", uuid(101), "ending_before", uuid(104)))
	require.Empty(t, a.tasks("starting_after", uuid(105)))
	require.Equal(t, []any{uuid(103), uuid(104)}, a.tasks("starting_after", uuid(102), "statuses", "pending"))

	first := a.call("list_user_tasks", request{}.where("limit", "2", "starting_after", uuid(101))).body.(map[string]any)
	require.EqualValues(t, 4, first["total_count"])
	require.Equal(t, true, first["has_more"])
	rest := a.tasks("limit", "2", "starting_after", uuid(101), "next_token", first["next_token"].(string))
	require.Equal(t, []any{uuid(104), uuid(105)}, rest)

	a.fails(http.StatusBadRequest, "list_user_tasks", request{}.where("starting_after", uuid(999)))
	a.fails(http.StatusBadRequest, "list_user_tasks", request{}.where("ending_before", "nothing"))
	a.fails(http.StatusBadRequest, "list_user_tasks", request{}.where("limit", "many"))
}

func TestTaskIsSubmittedByAssignee(t *testing.T) {
	submit := func(id int, email string) request {
		return at("taskId", uuid(id)).with(map[string]any{"email": email, "output": map[string]any{"approved": true}})
	}
	a := startWith(t, office)
	before := a.state()
	a.fails(http.StatusBadRequest, "submit_user_task", submit(101, "ben@northwind.example"))
	a.fails(http.StatusBadRequest, "submit_user_task", submit(101, "nobody@northwind.example"))
	a.fails(http.StatusBadRequest, "submit_user_task", submit(104, "absent@northwind.example"))
	a.fails(http.StatusBadRequest, "submit_user_task", submit(105, "ann@northwind.example"))
	a.fails(http.StatusNotFound, "submit_user_task", submit(999, "ann@northwind.example"))
	require.Equal(t, before, a.state())

	done := a.object("submit_user_task", submit(101, "Ann@northwind.example"))["user_task"].(map[string]any)
	require.Equal(t, "submitted", done["status"])
	require.Equal(t, map[string]any{"approved": true}, done["output"])
	require.Equal(t, "2026-11-02T09:00:01.000Z", done["completed_at"])
	require.Equal(t, []any{uuid(101)}, a.tasks("statuses", "submitted"))
	require.Contains(t, a.fails(http.StatusBadRequest, "submit_user_task", submit(101, "ann@northwind.example")), "not pending but submitted")

	a.ok("submit_user_task", submit(103, "cleo@northwind.example"))
	a.ok("submit_user_task", submit(104, "ben@northwind.example"))
	require.Equal(t, []any{uuid(102)}, a.tasks("statuses", "pending"))
}

func TestTaskIsCanceledByAnyUser(t *testing.T) {
	a := startWith(t, office)
	plain := at("taskId", uuid(101)).with(map[string]any{"email": "cleo@northwind.example"})
	done := a.object("cancel_user_task", plain)["user_task"].(map[string]any)
	require.Equal(t, "cancelled", done["status"])
	require.NotContains(t, done, "output")
	require.NotNil(t, done["completed_at"])
	a.fails(http.StatusBadRequest, "cancel_user_task", plain)

	reason := at("taskId", uuid(103)).with(map[string]any{"email": "ann@northwind.example", "output": map[string]any{"reason": "twice"}})
	done = a.object("cancel_user_task", reason)["user_task"].(map[string]any)
	require.Equal(t, map[string]any{"reason": "twice"}, done["output"])
}

func TestRunEndsWithLastTask(t *testing.T) {
	a := startWith(t, func(o *model.Org) {
		office(o)
		for r := range o.Runs.All() {
			r.Status = "PENDING"
		}
	})
	status := func(run int) any {
		return a.call("get_workflow_run", at("id", uuid(run))).body.(map[string]any)["status"]
	}
	by := func(id int, email string) request {
		return at("taskId", uuid(id)).with(map[string]any{"email": email, "output": map[string]any{}})
	}
	a.ok("submit_user_task", by(101, "ann@northwind.example"))
	require.Equal(t, "PENDING", status(10), "another task waits")
	a.ok("submit_user_task", by(102, "ann@northwind.example"))
	require.Equal(t, "SUCCESS", status(10))
	a.ok("submit_user_task", by(104, "ben@northwind.example"))
	a.ok("cancel_user_task", by(103, "ben@northwind.example"))
	require.Equal(t, "CANCELLED", status(20))
}

func TestEndedRunKeepsStatus(t *testing.T) {
	a := startWith(t, func(o *model.Org) {
		office(o)
		r, _ := o.Runs.Get(uuid(20))
		r.Status = "FAILURE"
	})
	for _, id := range []int{103, 104} {
		a.ok("submit_user_task", at("taskId", uuid(id)).with(map[string]any{"email": "ben@northwind.example", "output": map[string]any{}}))
	}
	require.Equal(t, "FAILURE", a.call("get_workflow_run", at("id", uuid(20))).body.(map[string]any)["status"])
}

func TestTaskIsReassigned(t *testing.T) {
	reassign := func(id int, assignees ...any) request {
		return at("taskId", uuid(id)).with(map[string]any{"email": "ann@northwind.example", "assignees": append([]any{}, assignees...)})
	}
	user := func(id string) any { return map[string]any{"type": "user", "id": id} }
	group := func(id float64) any { return map[string]any{"type": "group", "id": id} }

	a := startWith(t, office)
	before := a.state()
	a.fails(http.StatusBadRequest, "reassign_user_task", reassign(101))
	a.fails(http.StatusBadRequest, "reassign_user_task", reassign(101, user(ben), user("user_00000000000000000000000000000000")))
	a.fails(http.StatusBadRequest, "reassign_user_task", reassign(101, group(99)))
	a.fails(http.StatusBadRequest, "reassign_user_task", reassign(101, group(2.5)))
	a.fails(http.StatusBadRequest, "reassign_user_task", reassign(105, user(ben)))
	a.fails(http.StatusNotFound, "reassign_user_task", reassign(999, user(ben)))
	require.Equal(t, before, a.state())

	now := a.object("reassign_user_task", reassign(101, user(ben), group(2), user(ben)))["user_task"].(map[string]any)
	require.Equal(t, "pending", now["status"])
	require.Nil(t, now["completed_at"])
	require.Equal(t, []any{
		map[string]any{"type": "user", "id": 8.0, "name": "ben@northwind.example"},
		map[string]any{"type": "group", "id": 2.0, "name": "editor"},
	}, now["assignees"])
	require.NotContains(t, a.tasks("assigned_to_users", ann), uuid(101))
	require.Contains(t, a.tasks("assigned_to_users", cleo), uuid(101))
}

func TestTaskExpires(t *testing.T) {
	a := startWith(t, func(o *model.Org) {
		office(o)
		r, _ := o.Runs.Get(uuid(10))
		r.Status = "PENDING"
	})
	require.Empty(t, a.tasks("statuses", "expired"))
	for range 90 { // every change takes a second
		a.ok("update_workflow", at("workflowId", uuid(1)).with(map[string]any{}))
	}
	require.Equal(t, []any{uuid(102)}, a.tasks("statuses", "expired"))
	require.NotContains(t, a.tasks("statuses", "pending"), uuid(102))
	run := a.call("get_workflow_run", at("id", uuid(10))).body.(map[string]any)
	require.Equal(t, "expired", run["user_tasks"].([]any)[1].(map[string]any)["status"])
	for _, change := range []string{"submit_user_task", "cancel_user_task"} {
		late := at("taskId", uuid(102)).with(map[string]any{"email": "ann@northwind.example", "output": map[string]any{}})
		require.Contains(t, a.fails(http.StatusBadRequest, change, late), "not pending but expired")
	}

	a.ok("submit_user_task", at("taskId", uuid(101)).with(map[string]any{"email": "ann@northwind.example", "output": map[string]any{}}))
	run = a.call("get_workflow_run", at("id", uuid(10))).body.(map[string]any)
	require.Equal(t, "SUCCESS", run["status"], "nobody waits for what has expired")
}
