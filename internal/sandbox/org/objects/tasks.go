package objects

import (
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

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

// taskFilter selects tasks by status, workflow and assignee: a user by id, whose
// groups count too.
func taskFilter(o *model.Org, c *api.Call) func(*model.Task) bool {
	status := c.Query.Get("statuses")
	var workflows []string
	if ids := c.Query.Get("workflow_ids"); ids != "" {
		workflows = strings.Split(ids, ",")
	}
	anyAssignee := c.Query.Get("assigned_to_users") == ""
	var users []*model.User
	for _, id := range c.Query["assigned_to_users"] {
		if u, ok := o.Users.Get(id); ok {
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

// pendingTask finds the pending task that the path names, and the user who acts on
// it by email address.
func pendingTask(o *model.Org, c *api.Call) (at userTask, err error) {
	var body struct {
		Email string `json:"email"`
	}
	if err := c.Decode(&body); err != nil {
		return at, err
	}
	if at.Task, err = api.InPath(c, &o.Tasks, "taskId", "User task"); err != nil {
		return at, err
	}
	if status := viewTask(o, at.Task).Status; status != "pending" {
		return at, api.BadRequest("User task with id %q is not pending but %s", at.ID, status)
	}
	var ok bool
	if at.user, ok = o.UserByEmail(body.Email); !ok {
		return at, api.BadRequest("User with email %q does not exist", body.Email)
	}
	if !at.user.Active {
		return at, api.BadRequest("User with email %q is disabled", body.Email)
	}
	return at, nil
}

// userTask is a task and the user who acts on it.
type userTask struct {
	*model.Task
	user *model.User
}

// taskResult is the body of the operations that end a task.
type taskResult struct {
	Output jsontext.Value `json:"output"`
}

// submitUserTask ends a task on behalf of an assignee.
func submitUserTask(o *model.Org, _ *api.Call, at userTask, body taskResult) (api.Answer, error) {
	if !assigned(o, at.Task, at.user) {
		return api.Answer{}, api.BadRequest("User task with id %q is not assigned to user with email %q", at.ID, at.user.Email)
	}
	return endTask(o, at.Task, "submitted", body.Output), nil
}

// cancelUserTask ends a task on behalf of any user, assignee or not.
func cancelUserTask(o *model.Org, _ *api.Call, at userTask, body taskResult) (api.Answer, error) {
	return endTask(o, at.Task, "cancelled", body.Output), nil
}

// endTask ends a task. The run ends with its last pending task.
func endTask(o *model.Org, t *model.Task, status string, output jsontext.Value) api.Answer {
	t.Status, t.CompletedAt, t.Output = status, new(o.Now()), output
	waits := o.Tasks.Any(func(other *model.Task) bool { return other.RunID == t.RunID && viewTask(o, other).Status == "pending" })
	if r, ok := o.Runs.Get(t.RunID); ok && !waits && r.Status == "PENDING" {
		r.Status = "SUCCESS"
		if status == "cancelled" {
			r.Status = "CANCELLED"
		}
	}
	return taskAnswer(t)
}

type reassignUserTaskBody struct {
	Assignees []wantedAssignee `json:"assignees"`
}

// reassignUserTask replaces the assignees.
func reassignUserTask(o *model.Org, _ *api.Call, at userTask, body reassignUserTaskBody) (api.Answer, error) {
	if len(body.Assignees) == 0 {
		return api.Answer{}, api.BadRequest("User task with id %q needs an assignee", at.ID)
	}
	var assignees []model.Assignee
	for _, wanted := range body.Assignees {
		a, err := assignee(o, wanted)
		if err != nil {
			return api.Answer{}, err
		}
		if !slices.Contains(assignees, a) {
			assignees = append(assignees, a)
		}
	}
	at.Assignees = assignees
	return taskAnswer(at.Task), nil
}

// wantedAssignee is an assignee in a request: the id is a number for a group and a
// string for a user.
type wantedAssignee struct {
	Type string         `json:"type"`
	ID   jsontext.Value `json:"id"`
}

func assignee(o *model.Org, wanted wantedAssignee) (model.Assignee, error) {
	if wanted.Type == "group" {
		number := wanted.ID.String()
		if n, err := strconv.ParseFloat(number, 64); err == nil {
			number = strconv.FormatFloat(n, 'f', -1, 64)
		}
		g, ok := o.Groups.Get(number)
		if !ok {
			return model.Assignee{}, api.Missing("Group", number)
		}
		return model.Assignee{Type: "group", ID: g.ID, Name: g.Name}, nil
	}
	id, err := jsontext.AppendUnquote(nil, wanted.ID)
	if err != nil {
		return model.Assignee{}, api.BadRequest("Invalid string type for body parameter: assignees.id")
	}
	u, ok := o.Users.Get(string(id))
	if !ok {
		return model.Assignee{}, api.Missing("User", string(id))
	}
	return model.Assignee{Type: "user", ID: u.LegacyID, Name: u.Email}, nil
}

// taskAnswer is the answer of the operations that change a task.
func taskAnswer(t *model.Task) api.Answer {
	return api.Data(struct {
		UserTask *model.Task `json:"user_task"`
	}{t})
}
