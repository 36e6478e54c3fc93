package access

import (
	"slices"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// roleGrantBody is a role grant in a request.
type roleGrantBody struct {
	RoleID      string `json:"role_id"`
	SubjectType string `json:"subject_type"`
	SubjectID   string `json:"subject_id"`
	ObjectType  string `json:"object_type"`
	ObjectID    string `json:"object_id"`
}

func listRoleGrants(o *model.Org, _ *api.Call) (api.Answer, error) {
	return api.Data(slices.Collect(o.RoleGrants.All())), nil
}

func listRoleGrantsForSubject(o *model.Org, c *api.Call) (api.Answer, error) {
	subjectType, id := c.Path["subjectType"], c.Path["subjectId"]
	if !isSubject(o, subjectType, id) {
		return api.Answer{}, api.NotFound(subjectName(subjectType), id)
	}
	mine := func(g *model.RoleGrant) bool { return g.SubjectType == subjectType && g.SubjectID == id }
	return api.Data(api.Views(o, &o.RoleGrants, mine, api.Itself)), nil
}

func createRoleGrant(o *model.Org, _ *api.Call, grant *model.RoleGrant) (api.Answer, error) {
	if o.RoleGrants.Any(func(other *model.RoleGrant) bool { return equal(grant, other) }) {
		return api.Answer{}, api.BadRequest("Role grant already exists")
	}
	grant.ID, grant.CreatedAt, grant.UpdatedAt = o.UUID(), o.Now(), o.Now()
	o.RoleGrants.Put(grant)
	return api.Created(grant), nil
}

func roleGrantInPath(o *model.Org, c *api.Call) (*model.RoleGrant, error) {
	return api.InPath(c, &o.RoleGrants, "roleGrantId", "Role grant")
}

func removeRoleGrant(o *model.Org, g *model.RoleGrant) { o.RoleGrants.Delete(g.ID) }

// removeRoleGrantsForSubject removes the grant of a role for the organization and,
// with an object, the one for that object. Grants for other objects stay. It
// succeeds if there is no such grant.
func removeRoleGrantsForSubject(o *model.Org, _ *api.Call, grant *model.RoleGrant) (api.Answer, error) {
	everywhere := *grant
	everywhere.ObjectType, everywhere.ObjectID = nil, nil
	o.RoleGrants.DeleteFunc(func(g *model.RoleGrant) bool { return equal(g, grant) || equal(g, &everywhere) })
	return api.Empty(), nil
}

// readRoleGrant reads the body and checks that everything in it exists.
func readRoleGrant(o *model.Org, c *api.Call) (*model.RoleGrant, error) {
	var body roleGrantBody
	if err := c.Decode(&body); err != nil {
		return nil, err
	}
	grant := &model.RoleGrant{RoleID: body.RoleID, SubjectType: body.SubjectType, SubjectID: body.SubjectID}
	switch {
	case !o.Roles.Has(body.RoleID):
		return nil, api.Missing("Role", body.RoleID)
	case body.SubjectType != "group" && body.SubjectType != "user":
		return nil, api.BadRequest("Invalid value for body parameter: subject_type")
	case !isSubject(o, body.SubjectType, body.SubjectID):
		return nil, api.Missing(subjectName(body.SubjectType), body.SubjectID)
	case body.ObjectType == "" && body.ObjectID == "":
		return grant, nil
	case body.ObjectType == "":
		return nil, api.BadRequest("Missing required body parameter: object_type")
	case body.ObjectID == "":
		return nil, api.BadRequest("Missing required body parameter: object_id")
	}
	name, ok := kindNames[body.ObjectType]
	if !ok {
		return nil, api.BadRequest("Invalid value for body parameter: object_type")
	}
	object, ok := findGuarded(o, body.ObjectType, body.ObjectID)
	if !ok {
		return nil, api.Missing(name, body.ObjectID)
	}
	grant.ObjectType, grant.ObjectID = &object.Type, &object.ID
	return grant, nil
}

// equal reports whether two grants have the same role, subject and object.
func equal(g, other *model.RoleGrant) bool {
	same := func(a, b *string) bool { return a == b || a != nil && b != nil && *a == *b }
	return g.RoleID == other.RoleID && g.SubjectType == other.SubjectType && g.SubjectID == other.SubjectID &&
		same(g.ObjectType, other.ObjectType) && same(g.ObjectID, other.ObjectID)
}

// isSubject reports whether there is such a group or user.
func isSubject(o *model.Org, subjectType, id string) bool {
	return subjectType == "group" && o.Groups.Has(id) || subjectType == "user" && o.Users.Has(id)
}

// subjectName returns the type of a subject for messages.
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
