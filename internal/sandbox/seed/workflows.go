package seed

import (
	"strconv"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

func (b *builder) workflows() {
	for i := range b.sizes.Workflows {
		p := plannedWorkflow(i)
		created := b.spread(i, b.sizes.Workflows)
		w := &model.Workflow{
			ID: b.UUID(), Name: p.name, Description: optional(p.description),
			Crontab: optional(p.crontab), Timezone: optional(p.timezone), IsEnabled: !p.disabled,
			FolderID: b.folderOr("workflow", p.folder), Protected: p.protected,
			CreatedAt: created, UpdatedAt: b.since(created),
		}
		if author := b.author(created); author != nil && p.name != "untitled workflow" {
			w.CreatedBy = new(author.LegacyID)
		}
		if p.name == "Jane's macro test" && len(b.people) >= jane {
			w.CreatedBy = new(jane)
		}
		if p.memory > 0 {
			w.MemoryLimit = new(p.memory)
		}
		b.Workflows.Put(w)
		if p.task != "" {
			b.triggers = append(b.triggers, trigger{w, p.task, p.team})
		}
	}
}

// jane is the legacy id of Jane Halloran, whom scenarios let go.
const jane = 3

// trigger is a workflow that asks people for something.
type trigger struct {
	*model.Workflow
	task, team string
}

func plannedWorkflow(i int) workflowPlan {
	if i < len(plannedWorkflows) {
		return plannedWorkflows[i]
	}
	i -= len(plannedWorkflows)
	p, shop := storeWorkflows[i%len(storeWorkflows)], i/len(storeWorkflows)
	p.name += " – " + stores[shop%len(stores)].city
	if round := shop / len(stores); round > 0 {
		p.name += " " + strconv.Itoa(round+1)
	}
	return p
}

// author is somebody who was there already and builds things.
func (b *builder) author(at model.Time) *model.User {
	for range 20 {
		if u := pick(b, b.people); u.builds && u.CreatedAt <= at {
			return u.User
		}
	}
	return b.people[0].User
}
