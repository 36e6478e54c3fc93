package org

func listAccessRequests(o *Org, c *Call) (Answer, error) {
	status := c.Query.Get("status")
	keep := func(r *AccessRequest) bool { return status == "" || r.Status == status }
	return Page(c, &o.AccessRequests, keep, func(r *AccessRequest) *AccessRequest { return r })
}

// accessRequestOf is the access request whose id stands in the path.
func accessRequestOf(o *Org, c *Call) (*AccessRequest, error) {
	return InPath(c, &o.AccessRequests, "accessRequestId", "Access request")
}

func getAccessRequest(o *Org, c *Call) (Answer, error) {
	r, err := accessRequestOf(o, c)
	if err != nil {
		return Answer{}, err
	}
	return Data(r), nil
}

// updateAccessRequest decides a request, once and for all. Who is approved gets
// an invite, as Retool then sends one by mail, unless there is one already or an
// account.
func updateAccessRequest(o *Org, c *Call) (Answer, error) {
	r, err := accessRequestOf(o, c)
	if err != nil {
		return Answer{}, err
	}
	fields, err := Patch(c, struct {
		Status string `json:"status"`
	}{r.Status})
	if err != nil {
		return Answer{}, err
	}
	if fields.Status != "APPROVED" && fields.Status != "DENIED" {
		return Answer{}, BadRequest("Invalid value for status: it must be APPROVED or DENIED")
	}
	if r.Status != "PENDING" {
		return Answer{}, BadRequest("Access request with id %q is %s already", r.Key(), r.Status)
	}
	if fields.Status == "APPROVED" {
		if _, member := o.UserByEmail(r.RequestingEmail); !member && !invited(o, r.RequestingEmail) {
			invite(o, c, r.RequestingEmail, nil)
		}
	}
	r.Status, r.UpdatedAt, r.UpdatedByID = fields.Status, o.Now(), new(onBehalf(o, c))
	return Data(r), nil
}
