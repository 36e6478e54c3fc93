package access

import (
	"net/http"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// permissionSubject is a group or user in a request: the id is a number for a
// group and a string for a user.
type permissionSubject struct {
	Type string         `json:"type"`
	ID   jsontext.Value `json:"id"`
}

type grantBody struct {
	Subject permissionSubject `json:"subject"`
	Object  struct {
		Type  string `json:"type"`
		ID    string `json:"id"`
		AppID string `json:"appId"` // of a screen
	} `json:"object"`
	Level string `json:"access_level"`
}

// permissionAccess is an object that a subject has access to.
type permissionAccess struct {
	Type  string `json:"type"`
	ID    string `json:"id"`
	Level string `json:"access_level"`
}

// grantPermissions adds a grant or changes its level. On a folder it also changes
// the level of the subject's grants on the objects directly inside.
func grantPermissions(o *model.Org, _ *api.Call, grant *model.Grant) (api.Answer, error) {
	for inner := range o.Grants.All() {
		if covers(o, inner, grant) {
			inner.Level = grant.Level
		}
	}
	o.Grants.Put(grant)
	return grantsLikeIt(o, grant), nil
}

// revokePermissions removes a grant, for a folder with those on the objects
// directly inside. Without any such grant it answers 404.
func revokePermissions(o *model.Org, _ *api.Call, grant *model.Grant) (api.Answer, error) {
	before := o.Grants.Len()
	o.Grants.DeleteFunc(func(g *model.Grant) bool { return g.Key() == grant.Key() || covers(o, g, grant) })
	if o.Grants.Len() == before {
		return api.Answer{}, api.Errorf(http.StatusNotFound, "Permission does not exist")
	}
	return grantsLikeIt(o, grant), nil
}

// grantInBody reads the subject and the object of the body. The failure for one
// that does not exist comes from missing.
func grantInBody(missing func(kind, id string) error) api.Finder[*model.Grant] {
	return func(o *model.Org, c *api.Call) (*model.Grant, error) { return readGrant(o, c, missing) }
}

func readGrant(o *model.Org, c *api.Call, missing func(kind, id string) error) (*model.Grant, error) {
	var body grantBody
	if err := c.Decode(&body); err != nil {
		return nil, err
	}
	subject, err := subject(o, body.Subject, missing)
	if err != nil {
		return nil, err
	}
	grant := &model.Grant{SubjectType: body.Subject.Type, SubjectID: subject, ObjectType: body.Object.Type, Level: body.Level}
	if grant.ObjectType == "screen" {
		app, ok := o.Apps.Get(body.Object.AppID)
		if !ok {
			return nil, missing("App", body.Object.AppID)
		}
		for _, screen := range app.Screens {
			if screen.ID == body.Object.ID {
				grant.ObjectID, grant.AppID = screen.ID, app.ID
				return grant, nil
			}
		}
		return nil, missing("Screen", body.Object.ID)
	}
	object, ok := findGuarded(o, grant.ObjectType, body.Object.ID)
	if !ok {
		return nil, missing(kindNames[grant.ObjectType], body.Object.ID)
	}
	grant.ObjectID = object.ID
	return grant, nil
}

// subject finds a group or user and returns its id as text.
func subject(o *model.Org, s permissionSubject, missing func(kind, id string) error) (string, error) {
	if s.Type == "user" {
		var id string
		if err := json.Unmarshal(s.ID, &id); err != nil {
			return "", api.BadRequest("Invalid string type for body parameter: subject.id")
		}
		if !o.Users.Has(id) {
			return "", missing("User", id)
		}
		return id, nil
	}
	var number float64 // JSON may write 5 as 5.0
	if err := json.Unmarshal(s.ID, &number); err != nil {
		return "", api.BadRequest("Invalid number type for body parameter: subject.id")
	}
	id := strconv.FormatFloat(number, 'f', -1, 64)
	if s.ID.Kind() == 'n' || !o.Groups.Has(id) {
		return "", missing("Group", s.ID.String())
	}
	return id, nil
}

// covers reports whether a grant has the subject of a grant on a folder and an
// object directly inside of that folder.
func covers(o *model.Org, inner, folder *model.Grant) bool {
	if folder.ObjectType != "folder" || inner.SubjectType != folder.SubjectType || inner.SubjectID != folder.SubjectID {
		return false
	}
	object, ok := findGuarded(o, inner.ObjectType, inner.ObjectID)
	return ok && inner.ObjectType != "resource_configuration" && len(object.parents) > 0 &&
		object.parents[0] == objectRef{folder.ObjectID, "folder"}
}

// grantsLikeIt answers the subject's grants on objects of the same type. For
// screens the fields of paging are left out, as in real organizations.
func grantsLikeIt(o *model.Org, grant *model.Grant) api.Answer {
	items := granted(o, grant.SubjectType, grant.SubjectID, grant.ObjectType)
	if grant.ObjectType == "screen" {
		return api.Data(items)
	}
	return api.List(items)
}

// granted returns the direct grants of a subject on objects of a type.
func granted(o *model.Org, subjectType, subjectID, objectType string) []permissionAccess {
	out := []permissionAccess{}
	for g := range o.Grants.All() {
		if g.SubjectType == subjectType && g.SubjectID == subjectID && g.ObjectType == objectType {
			out = append(out, permissionAccess{g.ObjectType, g.ObjectID, g.Level})
		}
	}
	return out
}
