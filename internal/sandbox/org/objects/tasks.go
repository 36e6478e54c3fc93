package objects

import (
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// viewTask returns a task as it is now: a pending one may have expired, which is
// not stored.
func viewTask(o *model.Org, t *model.Task) model.Task {
	now := *t
	if t.Status == "pending" && t.ExpiresAt != nil && *t.ExpiresAt <= o.Now() {
		now.Status = "expired"
	}
	return now
}

// listUserTasks answers tasks in the order of their creation. Both cursors, ids of
// tasks, cut the list before it is counted and paged.
func listUserTasks(o *model.Org, c *api.Call) (api.Answer, error) {
	after, before := c.Query.Get("starting_after"), c.Query.Get("ending_before")
	for _, cursor := range []string{after, before} {
		if cursor != "" && !o.Tasks.Has(cursor) {
			return api.Answer{}, api.Missing("User task", cursor)
		}
	}
	started, ended := after == "", false
	fits := taskFilter(o, c)
	return api.Page(o, c, &o.Tasks, func(t *model.Task) bool {
		ended = ended || t.ID == before
		keep := started && !ended && fits(t)
		started = started || t.ID == after
		return keep
	}, viewTask)
}

// taskFilter selects tasks by status, workflow and assignee: a user by id or email
// address, whose groups count too.
func taskFilter(o *model.Org, c *api.Call) func(*model.Task) bool {
	status := c.Query.Get("statuses")
	var workflows []string
	if ids := c.Query.Get("workflow_ids"); ids != "" {
		workflows = strings.Split(ids, ",")
	}
	anyAssignee := c.Query.Get("assigned_to_users") == ""
	var users []*model.User
	for _, id := range c.Query["assigned_to_users"] {
		u, ok := o.Users.Get(id)
		if !ok {
			u, ok = o.UserByEmail(id)
		}
		if ok {
			users = append(users, u)
		}
	}
	return func(t *model.Task) bool {
		return (status == "" || viewTask(o, t).Status == status) &&
			(workflows == nil || slices.Contains(workflows, t.WorkflowID)) &&
			(anyAssignee || slices.ContainsFunc(users, func(u *model.User) bool { return assigned(o, t, u) }))
	}
}

// assigned reports whether a task waits for a user or for a group of the user.
func assigned(o *model.Org, t *model.Task, u *model.User) bool {
	return slices.ContainsFunc(t.Assignees, func(a model.Assignee) bool {
		if a.Type == "user" {
			return a.ID == u.LegacyID
		}
		g, ok := o.GroupByID(a.ID)
		return ok && (g.ID == model.GroupAllUsers ||
			slices.ContainsFunc(g.Members, func(m model.GroupMember) bool { return m.ID == u.ID }))
	})
}
