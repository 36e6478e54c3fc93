package seed

import (
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

func (b *builder) workflows() {
	for i := range b.sizes.Workflows {
		p := plannedWorkflow(i)
		created := b.spread(i, b.sizes.Workflows)
		w := &model.Workflow{
			ID: b.UUID(), Name: p.Name, Description: optional(p.Description),
			Crontab: optional(p.Crontab), Timezone: optional(p.Timezone), IsEnabled: !p.Disabled,
			FolderID: b.folderOr("workflow", p.Folder), Protected: p.Protected,
			CreatedAt: created, UpdatedAt: b.since(created),
		}
		if author := b.author(created); author != nil && p.Name != "untitled workflow" {
			w.CreatedBy = new(author.LegacyID)
		}
		if p.Name == "Jane's macro test" && len(b.people) >= jane {
			w.CreatedBy = new(jane)
		}
		if p.Memory > 0 {
			w.MemoryLimit = new(p.Memory)
		}
		b.Workflows.Put(w)
		if p.Task != "" {
			b.triggers = append(b.triggers, trigger{w, p.Task, p.Team})
		}
	}
}

// jane is the legacy id of Jane Halloran, who leaves in some scenarios.
const jane = 3

// trigger is a workflow that creates tasks.
type trigger struct {
	*model.Workflow
	task, team string
}

func plannedWorkflow(i int) workflowPlan {
	if i < len(plan().Workflows) {
		return plan().Workflows[i]
	}
	i -= len(plan().Workflows)
	p, shop := plan().StoreWorkflows[i%len(plan().StoreWorkflows)], i/len(plan().StoreWorkflows)
	p.Name += " – " + cityOf(shop)
	return p
}

// author returns a user who could have built an object at a time.
func (b *builder) author(at model.Time) *model.User {
	for range 20 {
		if u := pick(b, b.people); u.builds && u.CreatedAt <= at {
			return u.User
		}
	}
	return b.people[0].User
}
