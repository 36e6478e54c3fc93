package seed

import (
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// tasks creates runs of workflows, the oldest first, and their tasks.
func (b *builder) tasks() {
	runs, tasks := 40, 30
	if b.space {
		runs, tasks = 6, 3
	}
	workflows := slices.Collect(b.Workflows.All())
	for i := range runs {
		at := b.ago((runs - i) * 2)
		if i >= runs-tasks && len(b.triggers) > 0 {
			t := b.triggers[i%len(b.triggers)]
			b.task(b.run(t.Workflow, at), t, taskStatuses[(i-runs+tasks)*len(taskStatuses)/tasks])
		} else if len(workflows) > 0 {
			b.run(pick(b, workflows), at)
		}
	}
}

func (b *builder) run(w *model.Workflow, at model.Time) *model.Run {
	r := &model.Run{
		ID: b.UUID(), WorkflowID: w.ID, Status: "SUCCESS", TriggerType: "webhook", TriggerID: b.UUID(),
		CreatedAt: max(at, w.CreatedAt),
	}
	if w.Crontab != nil {
		r.TriggerType = "schedule"
	}
	if b.chance(15) {
		r.Status = "FAILURE"
	}
	b.Runs.Put(r)
	return r
}

// taskStatuses are in the order of the tasks, of which older ones are done.
var taskStatuses = [...]string{"submitted", "submitted", "expired", "cancelled", "submitted", "submitted", "pending", "pending", "pending", "pending"}

func (b *builder) task(r *model.Run, what trigger, status string) {
	t := &model.Task{
		ID: b.UUID(), WorkflowID: r.WorkflowID, WorkflowName: what.Name, RunID: r.ID, TaskName: what.task,
		Status: status, CreatedAt: r.CreatedAt,
		TaskURL: []string{}, Assignees: b.assignees(what.team),
		Context: object(map[string]any{
			"reference": "NW-" + strconv.Itoa(20_000+b.random.IntN(9_000)), "amount": 10 + b.random.IntN(900), "currency": "EUR",
			"note": pick(b, []string{"", "Customer is waiting", "Second reminder", `They say "urgent"`, "أمر عاجل"}),
		}),
	}
	if release, ok := b.pinned[r.WorkflowID]; ok {
		t.WorkflowRelease = new(release)
	}
	if len(b.appList) > 0 {
		t.TaskURL = append(t.TaskURL, "https://"+b.Domain+"/apps/"+pick(b, b.appList).ID)
	}
	done := b.between(t.CreatedAt, b.now)
	switch t.Status {
	case "pending":
		r.Status = "PENDING"
		if b.chance(70) {
			t.ExpiresAt = new(b.now.Add(time.Duration(1+b.random.IntN(20)) * day))
		}
	case "submitted":
		t.CompletedAt = new(done)
		t.Output = object(map[string]any{"approved": b.chance(80), "comment": pick(b, []string{"", "ok", "As agreed by phone"})})
	case "cancelled":
		t.CompletedAt, r.Status = new(done), "CANCELLED"
		t.Output = jsontext.Value("{}")
	case "expired":
		t.ExpiresAt, r.Status = new(done), "FAILURE"
	}
	b.Tasks.Put(t)
}

// assignees returns a member of a group, the group, or both.
func (b *builder) assignees(team string) []model.Assignee {
	g, ok := b.groupNamed[team]
	if !ok {
		g = b.groupNamed["admin"]
	}
	out := []model.Assignee{}
	if len(g.Members) > 0 && b.chance(65) {
		// The first members decide.
		if u, ok := b.Users.Get(pick(b, g.Members[:min(len(g.Members), 4)]).ID); ok {
			out = append(out, model.Assignee{Type: "user", ID: u.LegacyID, Name: u.Email})
		}
	}
	if len(out) == 0 || b.chance(20) {
		out = append(out, model.Assignee{Type: "group", ID: g.ID, Name: g.Name})
	}
	return out
}
