package seed

import (
	"cmp"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// inviteTerm is how long an invitation can be taken up.
const inviteTerm = 7 * day

// invites has some that were taken up, some that ran out and some that wait.
func (b *builder) invites() {
	for _, p := range []struct {
		email    string // "" for that of the newest user, who came by it
		age      int    // in days
		userType string
		groups   []string
		team     string
	}{
		{age: 0},
		{email: "l.haugen@northwind.example", age: 95, userType: "default", groups: []string{"Support"}, team: "Support"},
		{email: "temp.picker7@northwind.example", age: 41, userType: "mobile", groups: []string{"Warehouse"}, team: "Warehouse"},
		{email: "agency@pixelbarn.test", age: 20, userType: "external", groups: []string{"Contractors"}},
		{email: "samira.khalil@northwind.example", age: 5, userType: "default", groups: []string{"Support", "Operations"}, team: "Support"},
		{email: "new.controller@northwind.example", age: 4, groups: []string{"Finance"}, team: "Finance"},
		{email: "chloe.d'arcy@northwind.example", age: 3, userType: "default", groups: []string{`Marketing "EMEA 🚀"`, "editor"}, team: "Marketing"},
		{email: "auditor@kestrel-audit.example", age: 1, userType: "external", groups: []string{"Contractors", "Finance"}},
		{email: "hiroshi.ito@northwind.example", age: 1},
	} {
		i := &model.Invite{
			InvitedBy: b.people[0].ID, InvitedEmail: p.email, Metadata: model.Attributes{}, UserType: optional(p.userType),
		}
		if p.email == "" {
			newest := b.people[len(b.people)-1]
			i.InvitedEmail, i.ClaimedBy, i.ClaimedAt = newest.Email, new(newest.ID), new(newest.CreatedAt)
			i.CreatedAt = max(b.founded, newest.CreatedAt.Add(-26*time.Hour))
		} else {
			i.CreatedAt = b.ago(p.age)
		}
		i.ID = b.Number(model.SequenceInvite)
		i.LegacyID, i.ExpiresAt = i.ID, i.CreatedAt.Add(inviteTerm)
		i.InviteLink = "https://" + b.Domain + "/auth/signup?token=" + b.UUID()
		if p.team != "" {
			i.Metadata["department"] = jsontext.Value(`"` + p.team + `"`)
		}
		b.Invites.Put(i)
		for _, name := range p.groups {
			if g, ok := b.groupNamed[name]; ok {
				g.Invites = append(g.Invites, i.ID)
			}
		}
		if b.space && b.Invites.Len() == 2 {
			return
		}
	}
}

// firstAfter is the first user who came after a moment, or the last of all.
func (b *builder) firstAfter(at model.Time) employee {
	i, _ := slices.BinarySearchFunc(b.people, at, func(u employee, at model.Time) int { return cmp.Compare(u.CreatedAt, at) })
	return b.people[min(i, len(b.people)-1)]
}

// requests are wishes to join; those that were approved led to an account,
// whose e-mail they have.
func (b *builder) requests() {
	for n, p := range []struct{ email, status string }{
		{"", "APPROVED"},
		{"bargains4u@mail-offers.test", "DENIED"},
		{"", "APPROVED"},
		{"sales@kayak-leads.test", "DENIED"},
		{"", "APPROVED"},
		{"ava.lindquist@n0rthwind.test", "DENIED"},
		{"peter.holm@northwind.example", "PENDING"},
		{"store.lyon@northwind.example", "PENDING"},
		{"m.fischer@fjordlogistics.example", "PENDING"},
		{"gaelle.roux@northwind.example", "PENDING"},
		{"it-helpdesk@northwind-support.test", "PENDING"},
		{"noor.bakker@northwind.example", "PENDING"},
	} {
		r := &model.AccessRequest{Status: p.status, RequestingEmail: p.email, CreatedAt: b.ago((12 - n) * 8)}
		r.UpdatedAt = r.CreatedAt
		if r.Status != "PENDING" {
			r.UpdatedAt, r.UpdatedByID = b.between(r.CreatedAt, r.CreatedAt.Add(2*day)), new(b.people[0].ID)
		}
		if r.Status == "APPROVED" {
			u := b.firstAfter(r.CreatedAt)
			r.RequestingEmail, r.UpdatedAt = u.Email, max(r.CreatedAt, u.CreatedAt)
		}
		r.ID = b.Number(model.SequenceAccessRequest)
		r.LegacyID = r.ID
		b.AccessRequests.Put(r)
		if b.space && b.AccessRequests.Len() == 2 {
			return
		}
	}
}

// allScopes are what an access token can be allowed.
var allScopes = []string{
	"users:read", "users:write", "user_attributes:read", "user_attributes:write", "groups:read", "groups:write",
	"folders:read", "folders:write", "apps:read", "apps:write", "app_themes:read", "app_themes:write",
	"permissions:read", "permissions:write", "custom_components:read", "custom_components:write",
	"resources:read", "resources:write", "environments:read", "environments:write", "config_vars:read", "config_vars:write",
	"observability:read", "observability:write", "spaces:read", "spaces:write", "access_tokens:read", "access_tokens:write",
	"source_control:read", "source_control:write", "source_control:deploy", "source_control:test_deploy",
	"source_control:releases_read", "source_control:releases_write", "organization:read", "organization:write",
	"organizations:read", "organizations:write", "usage", "user_tasks:read", "user_tasks:write", "workflows:read", "workflows:write",
}

// tokens are access tokens; the first may do everything.
func (b *builder) tokens() {
	for i, p := range []struct {
		label, description string
		scopes             []string
	}{
		{"Terraform", "Keeps groups, folders and permissions as in the repository", allScopes},
		{"Read only", "For reports", []string{"users:read", "groups:read", "apps:read", "folders:read", "resources:read", "permissions:read", "workflows:read"}},
		{"CI deploys", "", []string{"source_control:read", "source_control:deploy", "source_control:test_deploy", "source_control:releases_read", "source_control:releases_write"}},
		{"HR sync (Workday → Retool)", "Creates and disables accounts", []string{"users:read", "users:write", "groups:read", "user_attributes:read"}},
		{"usage export", "", []string{"usage"}},
	} {
		secret := b.TokenSecret()
		created := b.spread(i, 5)
		b.AccessTokens.Put(&model.AccessToken{Secret: secret, AccessTokenView: model.AccessTokenView{
			ID: b.UUID(), Label: p.label, Description: optional(p.description), Last4: secret[len(secret)-4:],
			OwnerLegacyID: b.people[i%min(2, len(b.people))].LegacyID, Scopes: slices.Clone(p.scopes),
			CreatedAt: created, UpdatedAt: created,
		}})
		if b.space && b.AccessTokens.Len() == 2 {
			return
		}
	}
}
