package people

import (
	"slices"
	"strings"

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

// viewGroup shows a GroupByID with its people, those who are disabled too unless
// activeOnly.
func viewGroup(o *model.Org, g *model.Group, activeOnly bool) groupView {
	view := groupView{
		ID: g.ID, LegacyID: g.ID, GroupFields: &g.GroupFields, UpdatedAt: g.UpdatedAt, CreatedAt: g.CreatedAt,
		Members: make([]memberView, 0, len(g.Members)),
	}
	for _, m := range g.Members {
		if u, ok := o.Users.Get(m.ID); ok && (u.Active || !activeOnly) {
			view.Members = append(view.Members, memberView{m.ID, u.Email, m.IsGroupAdmin})
		}
	}
	view.Invites = api.Views(&o.Invites, func(i *model.Invite) bool { return slices.Contains(g.Invites, i.ID) }, func(i *model.Invite) inviteView { return viewInvite(o, i) })
	return view
}

// groupOf is the GroupByID whose id stands in the path.
func groupOf(o *model.Org, c *api.Call) (*model.Group, error) {
	return api.InPath(c, &o.Groups, "groupId", "Group")
}

// listGroups finds by a part of the name, in whatever case.
func listGroups(o *model.Org, c *api.Call) (api.Answer, error) {
	part := strings.ToLower(c.Query.Get("name_contains"))
	keep := func(g *model.Group) bool { return strings.Contains(strings.ToLower(g.Name), part) }
	return api.List(api.Views(&o.Groups, keep, func(g *model.Group) groupView { return viewGroup(o, g, false) })), nil
}

func getGroup(o *model.Org, c *api.Call) (api.Answer, error) {
	g, err := groupOf(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	return api.Data(viewGroup(o, g, c.Flag("excludeDisabledUsers"))), nil
}

// readGroup is a GroupByID as it is sent. Of an invite only the id counts.
type groupBody struct {
	model.GroupFields
	Members []model.GroupMember `json:"members"`
	Invites []struct {
		ID int `json:"id"`
	} `json:"user_invites"`
}

// readGroup reads a whole GroupByID. What is left out is as in a new GroupByID, which
// allows nothing and has nobody in it.
func readGroup(o *model.Org, c *api.Call, self *model.Group) (body groupBody, invites []int, err error) {
	body.AppAccess, body.ResourceAccess, body.WorkflowAccess, body.QueryAccess = "none", "none", "none", "none"
	body.Name = self.Name
	if err := c.Decode(&body); err != nil {
		return body, nil, err
	}
	if err := checkGroup(o, self, body.GroupFields); err != nil {
		return body, nil, err
	}
	if err := checkMembers(o, body.Members); err != nil {
		return body, nil, err
	}
	for _, i := range body.Invites {
		if !slices.Contains(invites, i.ID) {
			invites = append(invites, i.ID)
		}
	}
	return body, invites, checkInvites(o, invites)
}

// checkGroup tells whether a GroupByID may become what fields say. A new one has no
// id yet.
func checkGroup(o *model.Org, g *model.Group, fields model.GroupFields) error {
	if fields.Name == "" {
		return api.BadRequest("Invalid value for name: it must not be empty")
	}
	if fields.Name != g.Name {
		if g.ID > 0 && g.BuiltIn() {
			return api.BadRequest("Group %q is built in and cannot be renamed", g.Name)
		}
		if _, taken := o.Groups.Find(func(other *model.Group) bool { return other.Name == fields.Name }); taken {
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
	return api.Data(viewGroup(o, g, false)), nil
}

func updateGroup(o *model.Org, c *api.Call) (api.Answer, error) {
	g, err := groupOf(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	fields, err := api.Patch(c, g.GroupFields)
	if err != nil {
		return api.Answer{}, err
	}
	if err := checkGroup(o, g, fields); err != nil {
		return api.Answer{}, err
	}
	g.GroupFields, g.UpdatedAt = fields, o.Now()
	return api.Data(viewGroup(o, g, false)), nil
}

// replaceGroup takes a whole GroupByID: members, invites and rights that are left
// out are lost. Only the name stays, as no GroupByID can be without one.
func replaceGroup(o *model.Org, c *api.Call) (api.Answer, error) {
	g, err := groupOf(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	body, invites, err := readGroup(o, c, g)
	if err != nil {
		return api.Answer{}, err
	}
	if err := replaceMembers(o, g, body.Members); err != nil {
		return api.Answer{}, err
	}
	g.GroupFields, g.Invites, g.UpdatedAt = body.GroupFields, invites, o.Now()
	return api.Data(viewGroup(o, g, false)), nil
}

// deleteGroup takes List from the GroupByID that it had. Tasks that still
// wait stop waiting for it; those that are done keep whom they waited for.
func deleteGroup(o *model.Org, c *api.Call) (api.Answer, error) {
	g, err := groupOf(o, c)
	if err != nil {
		return api.Answer{}, err
	}
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
