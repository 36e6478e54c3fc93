package org

import "slices"

// roleGrantBody names who has which role, and on what.
type roleGrantBody struct {
	RoleID      string `json:"role_id"`
	SubjectType string `json:"subject_type"`
	SubjectID   string `json:"subject_id"`
	ObjectType  string `json:"object_type"`
	ObjectID    string `json:"object_id"`
}

func listRoleGrants(o *Org, _ *Call) (Answer, error) {
	return Data(slices.Collect(o.RoleGrants.All())), nil
}

func listRoleGrantsForSubject(o *Org, c *Call) (Answer, error) {
	subjectType, id := c.Path["subjectType"], c.Path["subjectId"]
	if !isSubject(o, subjectType, id) {
		return Answer{}, NotFound(subjectName(subjectType), id)
	}
	return Data(Views(&o.RoleGrants,
		func(g *RoleGrant) bool { return g.SubjectType == subjectType && g.SubjectID == id },
		func(g *RoleGrant) *RoleGrant { return g },
	)), nil
}

func createRoleGrant(o *Org, c *Call) (Answer, error) {
	grant, err := readRoleGrant(o, c)
	if err != nil {
		return Answer{}, err
	}
	if _, ok := o.RoleGrants.Find(func(other *RoleGrant) bool { return equal(grant, other) }); ok {
		return Answer{}, BadRequest("Role grant already exists")
	}
	grant.ID, grant.CreatedAt, grant.UpdatedAt = o.UUID(), o.Now(), o.Now()
	o.RoleGrants.Put(grant)
	return Created(grant), nil
}

func deleteRoleGrant(o *Org, c *Call) (Answer, error) {
	if !o.RoleGrants.Delete(c.Path["roleGrantId"]) {
		return Answer{}, NotFound("Role grant", c.Path["roleGrantId"])
	}
	return Empty(), nil
}

// removeRoleGrantsForSubject takes the role that somebody has everywhere, and
// with an object also the one on that object. Roles on other objects stay. Where
// there is nothing to take it is content, too.
func removeRoleGrantsForSubject(o *Org, c *Call) (Answer, error) {
	grant, err := readRoleGrant(o, c)
	if err != nil {
		return Answer{}, err
	}
	everywhere := *grant
	everywhere.ObjectType, everywhere.ObjectID = nil, nil
	o.RoleGrants.DeleteFunc(func(g *RoleGrant) bool { return equal(g, grant) || equal(g, &everywhere) })
	return Empty(), nil
}

// readRoleGrant reads the body, all of which has to exist.
func readRoleGrant(o *Org, c *Call) (*RoleGrant, error) {
	var body roleGrantBody
	if err := c.Decode(&body); err != nil {
		return nil, err
	}
	grant := &RoleGrant{RoleID: body.RoleID, SubjectType: body.SubjectType, SubjectID: body.SubjectID}
	switch {
	case !o.Roles.Has(body.RoleID):
		return nil, Missing("Role", body.RoleID)
	case body.SubjectType != "group" && body.SubjectType != "user":
		return nil, BadRequest("Invalid value for body parameter: subject_type")
	case !isSubject(o, body.SubjectType, body.SubjectID):
		return nil, Missing(subjectName(body.SubjectType), body.SubjectID)
	case body.ObjectType == "" && body.ObjectID == "":
		return grant, nil
	case body.ObjectType == "":
		return nil, BadRequest("Missing required body parameter: object_type")
	case body.ObjectID == "":
		return nil, BadRequest("Missing required body parameter: object_id")
	}
	name, ok := kindNames[body.ObjectType]
	if !ok {
		return nil, BadRequest("Invalid value for body parameter: object_type")
	}
	object, ok := findGuarded(o, body.ObjectType, body.ObjectID)
	if !ok {
		return nil, Missing(name, body.ObjectID)
	}
	grant.ObjectType, grant.ObjectID = &object.Type, &object.ID
	return grant, nil
}

// equal tells whether two grants give the same role to the same on the same.
func equal(g *RoleGrant, other *RoleGrant) bool {
	same := func(a, b *string) bool { return a == b || a != nil && b != nil && *a == *b }
	return g.RoleID == other.RoleID && g.SubjectType == other.SubjectType && g.SubjectID == other.SubjectID &&
		same(g.ObjectType, other.ObjectType) && same(g.ObjectID, other.ObjectID)
}

// isSubject tells whether there is such a GroupByID or user.
func isSubject(o *Org, subjectType, id string) bool {
	return subjectType == "group" && o.Groups.Has(id) || subjectType == "user" && o.Users.Has(id)
}

// subjectName is a type of subjects as messages write it.
func subjectName(subjectType string) string {
	switch subjectType {
	case "group":
		return "Group"
	case "user":
		return "User"
	default:
		return "Subject"
	}
}
