package people

import (
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

func listAccessRequests(o *model.Org, c *api.Call) (api.Answer, error) {
	status := c.Query.Get("status")
	keep := func(r *model.AccessRequest) bool { return status == "" || r.Status == status }
	return api.Page(c, &o.AccessRequests, keep, func(r *model.AccessRequest) *model.AccessRequest { return r })
}

// accessRequestOf is the access request whose id stands in the path.
func accessRequestOf(o *model.Org, c *api.Call) (*model.AccessRequest, error) {
	return api.InPath(c, &o.AccessRequests, "accessRequestId", "Access request")
}

func getAccessRequest(o *model.Org, c *api.Call) (api.Answer, error) {
	r, err := accessRequestOf(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	return api.Data(r), nil
}

// updateAccessRequest decides a request, once and for all. Who is approved gets
// an invite, as Retool then sends one by mail, unless there is one already or an
// account.
func updateAccessRequest(o *model.Org, c *api.Call) (api.Answer, error) {
	r, err := accessRequestOf(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	fields, err := api.Patch(c, struct {
		Status string `json:"status"`
	}{r.Status})
	if err != nil {
		return api.Answer{}, err
	}
	if fields.Status != "APPROVED" && fields.Status != "DENIED" {
		return api.Answer{}, api.BadRequest("Invalid value for status: it must be APPROVED or DENIED")
	}
	if r.Status != "PENDING" {
		return api.Answer{}, api.BadRequest("Access request with id %q is %s already", r.Key(), r.Status)
	}
	if fields.Status == "APPROVED" {
		if _, member := o.UserByEmail(r.RequestingEmail); !member && !invited(o, r.RequestingEmail) {
			invite(o, c, r.RequestingEmail, nil)
		}
	}
	r.Status, r.UpdatedAt, r.UpdatedByID = fields.Status, o.Now(), new(onBehalf(o, c))
	return api.Data(r), nil
}
