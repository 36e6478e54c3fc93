package org

import (
	"slices"
	"strings"
)

type groupView struct {
	ID       int          `json:"id"`
	LegacyID int          `json:"legacy_id"`
	Members  []memberView `json:"members"`
	Invites  []inviteView `json:"user_invites"`
	*GroupFields
	UpdatedAt Time `json:"updated_at"`
	CreatedAt Time `json:"created_at"`
}

type memberView struct {
	ID           string `json:"id"`
	Email        string `json:"email"`
	IsGroupAdmin bool   `json:"is_group_admin"`
}

// viewGroup shows a GroupByID with its people, those who are disabled too unless
// activeOnly.
func viewGroup(o *Org, g *Group, activeOnly bool) groupView {
	view := groupView{
		ID: g.ID, LegacyID: g.ID, GroupFields: &g.GroupFields, UpdatedAt: g.UpdatedAt, CreatedAt: g.CreatedAt,
		Members: make([]memberView, 0, len(g.Members)),
	}
	for _, m := range g.Members {
		if u, ok := o.Users.Get(m.ID); ok && (u.Active || !activeOnly) {
			view.Members = append(view.Members, memberView{m.ID, u.Email, m.IsGroupAdmin})
		}
	}
	view.Invites = Views(&o.Invites, func(i *Invite) bool { return slices.Contains(g.Invites, i.ID) }, func(i *Invite) inviteView { return viewInvite(o, i) })
	return view
}

// groupOf is the GroupByID whose id stands in the path.
func groupOf(o *Org, c *Call) (*Group, error) {
	return InPath(c, &o.Groups, "groupId", "Group")
}

// listGroups finds by a part of the name, in whatever case.
func listGroups(o *Org, c *Call) (Answer, error) {
	part := strings.ToLower(c.Query.Get("name_contains"))
	keep := func(g *Group) bool { return strings.Contains(strings.ToLower(g.Name), part) }
	return List(Views(&o.Groups, keep, func(g *Group) groupView { return viewGroup(o, g, false) })), nil
}

func getGroup(o *Org, c *Call) (Answer, error) {
	g, err := groupOf(o, c)
	if err != nil {
		return Answer{}, err
	}
	return Data(viewGroup(o, g, c.Flag("excludeDisabledUsers"))), nil
}

// readGroup is a GroupByID as it is sent. Of an invite only the id counts.
type groupBody struct {
	GroupFields
	Members []GroupMember `json:"members"`
	Invites []struct {
		ID int `json:"id"`
	} `json:"user_invites"`
}

// readGroup reads a whole GroupByID. What is left out is as in a new GroupByID, which
// allows nothing and has nobody in it.
func readGroup(o *Org, c *Call, self *Group) (body groupBody, invites []int, err error) {
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
func checkGroup(o *Org, g *Group, fields GroupFields) error {
	if fields.Name == "" {
		return BadRequest("Invalid value for name: it must not be empty")
	}
	if fields.Name != g.Name {
		if g.ID > 0 && g.BuiltIn() {
			return BadRequest("Group %q is built in and cannot be renamed", g.Name)
		}
		if _, taken := o.Groups.Find(func(other *Group) bool { return other.Name == fields.Name }); taken {
			return Conflict("Group with name %q already exists", fields.Name)
		}
	}
	for field, level := range [...]string{fields.AppAccess, fields.ResourceAccess, fields.WorkflowAccess, fields.QueryAccess} {
		if !slices.Contains([]string{"none", "use", "edit", "own"}, level) || field == 3 && level == "own" {
			return BadRequest("Invalid access level: %q", level)
		}
	}
	if fields.LandingPage != nil && !o.Apps.Has(*fields.LandingPage) {
		return Missing("App", *fields.LandingPage)
	}
	return nil
}

func createGroup(o *Org, c *Call) (Answer, error) {
	g := &Group{Members: []GroupMember{}, CreatedAt: o.Now(), UpdatedAt: o.Now()}
	body, invites, err := readGroup(o, c, g)
	if err != nil {
		return Answer{}, err
	}
	g.ID, g.GroupFields, g.Invites = o.Number(SequenceGroup), body.GroupFields, invites
	for _, m := range body.Members {
		o.SetMember(g, m)
	}
	o.Groups.Put(g)
	return Data(viewGroup(o, g, false)), nil
}

func updateGroup(o *Org, c *Call) (Answer, error) {
	g, err := groupOf(o, c)
	if err != nil {
		return Answer{}, err
	}
	fields, err := Patch(c, g.GroupFields)
	if err != nil {
		return Answer{}, err
	}
	if err := checkGroup(o, g, fields); err != nil {
		return Answer{}, err
	}
	g.GroupFields, g.UpdatedAt = fields, o.Now()
	return Data(viewGroup(o, g, false)), nil
}

// replaceGroup takes a whole GroupByID: members, invites and rights that are left
// out are lost. Only the name stays, as no GroupByID can be without one.
func replaceGroup(o *Org, c *Call) (Answer, error) {
	g, err := groupOf(o, c)
	if err != nil {
		return Answer{}, err
	}
	body, invites, err := readGroup(o, c, g)
	if err != nil {
		return Answer{}, err
	}
	if err := replaceMembers(o, g, body.Members); err != nil {
		return Answer{}, err
	}
	g.GroupFields, g.Invites, g.UpdatedAt = body.GroupFields, invites, o.Now()
	return Data(viewGroup(o, g, false)), nil
}

// deleteGroup takes List from the GroupByID that it had. Tasks that still
// wait stop waiting for it; those that are done keep whom they waited for.
func deleteGroup(o *Org, c *Call) (Answer, error) {
	g, err := groupOf(o, c)
	if err != nil {
		return Answer{}, err
	}
	if g.BuiltIn() {
		return Answer{}, BadRequest("Group %q is built in and cannot be deleted", g.Name)
	}
	o.DropSubject("group", g.Key())
	for t := range o.Tasks.All() {
		t.Assignees = slices.DeleteFunc(t.Assignees, func(a Assignee) bool {
			return t.Status == "pending" && a.Type == "group" && a.ID == g.ID
		})
	}
	o.Groups.Delete(g.Key())
	return Empty(), nil
}
