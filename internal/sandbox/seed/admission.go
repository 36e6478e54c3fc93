package seed

import (
	"cmp"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// invites creates claimed, expired and open invites.
func (b *builder) invites() {
	for _, p := range plan().Invites {
		i := &model.Invite{
			InvitedBy: b.people[0].ID, InvitedEmail: p.Email, Metadata: model.Attributes{}, UserType: optional(p.UserType),
		}
		if p.Email == "" {
			newest := b.people[len(b.people)-1]
			i.InvitedEmail, i.ClaimedBy, i.ClaimedAt = newest.Email, new(newest.ID), new(newest.CreatedAt)
			i.CreatedAt = max(b.founded, newest.CreatedAt.Add(-26*time.Hour))
		} else {
			i.CreatedAt = b.ago(p.Age)
		}
		i.ID = b.Number(model.SequenceInvite)
		i.LegacyID, i.ExpiresAt = i.ID, i.CreatedAt.Add(model.InviteLasts)
		i.InviteLink = "https://" + b.Domain + "/auth/signup?token=" + b.UUID()
		if p.Team != "" {
			i.Metadata["department"] = jsontext.Value(`"` + p.Team + `"`)
		}
		b.Invites.Put(i)
		for _, name := range p.Groups {
			if g, ok := b.groupNamed[name]; ok {
				g.Invites = append(g.Invites, i.ID)
			}
		}
		if b.space && b.Invites.Len() == 2 {
			return
		}
	}
}

// firstAfter returns the first user created after a time, or the last user.
func (b *builder) firstAfter(at model.Time) employee {
	i, _ := slices.BinarySearchFunc(b.people, at, func(u employee, at model.Time) int { return cmp.Compare(u.CreatedAt, at) })
	return b.people[min(i, len(b.people)-1)]
}

// requests creates access requests. Approved ones have the address of a user.
func (b *builder) requests() {
	for n, p := range plan().Requests {
		r := &model.AccessRequest{Status: p.Status, RequestingEmail: p.Email, CreatedAt: b.ago((12 - n) * 8)}
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

// tokens creates access tokens. The first has all scopes.
func (b *builder) tokens() {
	for i, p := range plan().Tokens {
		secret := b.TokenSecret()
		created := b.spread(i, 5)
		b.AccessTokens.Put(&model.AccessToken{Secret: secret, AccessTokenView: model.AccessTokenView{
			ID: b.UUID(), Label: p.Label, Description: optional(p.Description), Last4: secret[len(secret)-4:],
			OwnerLegacyID: b.people[i%min(2, len(b.people))].LegacyID, Scopes: slices.Clone(p.Scopes),
			CreatedAt: created, UpdatedAt: created,
		}})
		if b.space && b.AccessTokens.Len() == 2 {
			return
		}
	}
}
