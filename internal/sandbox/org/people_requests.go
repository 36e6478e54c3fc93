package org

func listAccessRequests(o *Org, c *Call) (Answer, error) {
	status := c.Query.Get("status")
	keep := func(r *AccessRequest) bool { return status == "" || r.Status == status }
	return page(c, &o.AccessRequests, keep, func(r *AccessRequest) *AccessRequest { return r })
}

// accessRequestOf is the access request whose id stands in the path.
func (o *Org) accessRequestOf(c *Call) (*AccessRequest, error) {
	return inPath(c, &o.AccessRequests, "accessRequestId", "Access request")
}

func getAccessRequest(o *Org, c *Call) (Answer, error) {
	r, err := o.accessRequestOf(c)
	if err != nil {
		return Answer{}, err
	}
	return Data(r), nil
}

// updateAccessRequest decides a request, once and for all. Who is approved gets
// an invite, as Retool then sends one by mail, unless there is one already or an
// account.
func updateAccessRequest(o *Org, c *Call) (Answer, error) {
	r, err := o.accessRequestOf(c)
	if err != nil {
		return Answer{}, err
	}
	fields, err := patch(c, struct {
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
		if _, member := o.userByEmail(r.RequestingEmail); !member && !o.invited(r.RequestingEmail) {
			o.invite(c, r.RequestingEmail, nil)
		}
	}
	r.Status, r.UpdatedAt, r.UpdatedByID = fields.Status, o.Now(), new(o.onBehalf(c))
	return Data(r), nil
}
