package people

import (
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

func listAccessRequests(o *model.Org, c *api.Call) (api.Answer, error) {
	status := c.Query.Get("status")
	keep := func(r *model.AccessRequest) bool { return status == "" || r.Status == status }
	return api.Page(o, c, &o.AccessRequests, keep, api.Itself)
}

func accessRequestInPath(o *model.Org, c *api.Call) (*model.AccessRequest, error) {
	return api.InPath(c, &o.AccessRequests, "accessRequestId", "Access request")
}

type accessRequestFields struct {
	Status string `json:"status"`
}

func fieldsOfAccessRequest(r *model.AccessRequest) accessRequestFields {
	return accessRequestFields{r.Status}
}

// updateAccessRequest decides a pending request. Approval creates an invite unless
// the address has an invite or an account.
func updateAccessRequest(o *model.Org, c *api.Call, r *model.AccessRequest, fields accessRequestFields) (api.Answer, error) {
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
