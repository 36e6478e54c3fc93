package people

import (
	"cmp"
	"slices"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

type groupView struct {
	ID       int          `json:"id"`
	LegacyID int          `json:"legacy_id"`
	Members  []memberView `json:"members"`
	Invites  []inviteView `json:"user_invites"`
	*model.GroupFields
	UpdatedAt model.Time `json:"updated_at"`
	CreatedAt model.Time `json:"created_at"`
}

type memberView struct {
	ID           string `json:"id"`
	Email        string `json:"email"`
	IsGroupAdmin bool   `json:"is_group_admin"`
}

// viewGroup shows a group with its members and invites.
func viewGroup(o *model.Org, g *model.Group) groupView { return viewMembers(o, g, false) }

// viewMembers is viewGroup that can leave out disabled users.
func viewMembers(o *model.Org, g *model.Group, activeOnly bool) groupView {
	view := groupView{
		ID: g.ID, LegacyID: g.ID, GroupFields: &g.GroupFields, UpdatedAt: g.UpdatedAt, CreatedAt: g.CreatedAt,
		Members: make([]memberView, 0, len(g.Members)),
	}
	for _, m := range g.Members {
		if u, ok := o.Users.Get(m.ID); ok && (u.Active || !activeOnly) {
			view.Members = append(view.Members, memberView{m.ID, u.Email, m.IsGroupAdmin})
		}
	}
	invited := func(i *model.Invite) bool { return slices.Contains(g.Invites, i.ID) }
	view.Invites = api.Views(o, &o.Invites, invited, viewInvite)
	return view
}

func groupInPath(o *model.Org, c *api.Call) (*model.Group, error) {
	return api.InPath(c, &o.Groups, "groupId", "Group")
}

func listGroups(o *model.Org, c *api.Call) (api.Answer, error) {
	fits := c.NameFilter()
	keep := func(g *model.Group) bool { return fits(g.Name) }
	return api.List(api.Views(o, &o.Groups, keep, viewGroup)), nil
}

func getGroup(o *model.Org, c *api.Call, g *model.Group) (api.Answer, error) {
	return api.Data(viewMembers(o, g, c.Flag("excludeDisabledUsers"))), nil
}

// groupBody is a group in a request. Of an invite only the id counts.
type groupBody struct {
	model.GroupFields
	Members []model.GroupMember `json:"members"`
	Invites []struct {
		ID int `json:"id"`
	} `json:"user_invites"`
}

// readGroup reads a whole group. Defaults are those of a new group: no access and
// no members.
func readGroup(o *model.Org, c *api.Call, self *model.Group) (body groupBody, invites []int, err error) {
	body.AppAccess, body.ResourceAccess, body.WorkflowAccess, body.QueryAccess = "none", "none", "none", "none"
	body.Name = self.Name
	if err := c.Decode(&body); err != nil {
		return body, nil, err
	}
	if err := cmp.Or(checkGroup(o, self, body.GroupFields), checkMembers(o, body.Members)); err != nil {
		return body, nil, err
	}
	for _, i := range body.Invites {
		if !slices.Contains(invites, i.ID) {
			invites = append(invites, i.ID)
		}
	}
	return body, invites, checkInvites(o, invites)
}

// checkGroup checks the fields that a group is to have. A new one has no id yet.
func checkGroup(o *model.Org, g *model.Group, fields model.GroupFields) error {
	if fields.Name == "" {
		return api.BadRequest("Invalid value for name: it must not be empty")
	}
	if fields.Name != g.Name {
		if g.ID > 0 && g.BuiltIn() {
			return api.BadRequest("Group %q is built in and cannot be renamed", g.Name)
		}
		if o.Groups.Any(func(other *model.Group) bool { return other.Name == fields.Name }) {
			return api.Conflict("Group with name %q already exists", fields.Name)
		}
	}
	for field, level := range [...]string{fields.AppAccess, fields.ResourceAccess, fields.WorkflowAccess, fields.QueryAccess} {
		if !slices.Contains([]string{"none", "use", "edit", "own"}, level) || field == 3 && level == "own" {
			return api.BadRequest("Invalid access level: %q", level)
		}
	}
	if fields.LandingPage != nil && !o.Apps.Has(*fields.LandingPage) {
		return api.Missing("App", *fields.LandingPage)
	}
	return nil
}

func createGroup(o *model.Org, c *api.Call) (api.Answer, error) {
	g := &model.Group{Members: []model.GroupMember{}, CreatedAt: o.Now(), UpdatedAt: o.Now()}
	body, invites, err := readGroup(o, c, g)
	if err != nil {
		return api.Answer{}, err
	}
	g.ID, g.GroupFields, g.Invites = o.Number(model.SequenceGroup), body.GroupFields, invites
	for _, m := range body.Members {
		o.SetMember(g, m)
	}
	o.Groups.Put(g)
	return api.Data(viewGroup(o, g)), nil
}

func fieldsOfGroup(g *model.Group) model.GroupFields { return g.GroupFields }

func updateGroup(o *model.Org, _ *api.Call, g *model.Group, fields model.GroupFields) (api.Answer, error) {
	if err := checkGroup(o, g, fields); err != nil {
		return api.Answer{}, err
	}
	g.GroupFields, g.UpdatedAt = fields, o.Now()
	return api.Data(viewGroup(o, g)), nil
}

// replaceGroup removes members, invites and rights that the body leaves out. The
// name stays without one in the body.
func replaceGroup(o *model.Org, c *api.Call, g *model.Group) (api.Answer, error) {
	body, invites, err := readGroup(o, c, g)
	if err != nil {
		return api.Answer{}, err
	}
	if err := replaceMembers(o, g, body.Members); err != nil {
		return api.Answer{}, err
	}
	g.GroupFields, g.Invites, g.UpdatedAt = body.GroupFields, invites, o.Now()
	return api.Data(viewGroup(o, g)), nil
}

// deleteGroup removes the group with its grants and roles, and from the assignees
// of pending tasks. Completed tasks keep their assignees.
func deleteGroup(o *model.Org, _ *api.Call, g *model.Group) (api.Answer, error) {
	if g.BuiltIn() {
		return api.Answer{}, api.BadRequest("Group %q is built in and cannot be deleted", g.Name)
	}
	o.DropSubject("group", g.Key())
	for t := range o.Tasks.All() {
		t.Assignees = model.Without(t.Assignees, func(a model.Assignee) bool {
			return t.Status == "pending" && a.Type == "group" && a.ID == g.ID
		})
	}
	o.Groups.Delete(g.Key())
	return api.Empty(), nil
}
