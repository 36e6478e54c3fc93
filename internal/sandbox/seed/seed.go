// Package seed fills an organization with data like a real company's: people who
// left, nested folders, unused apps, and names that are hard to handle.
//
// The same seed and time give the same bytes. Each part has random numbers of its
// own, so that one more workflow does not rename the users.
package seed

import (
	"cmp"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// Sizes are the numbers of objects. Zero means the default. Objects that every
// organization has are always there.
type Sizes struct{ Users, Groups, Folders, Apps, Resources, Environments, Workflows, Spaces int }

// Defaults are the sizes of a company of a few hundred people.
func Defaults() Sizes {
	return Sizes{
		Users: 250, Groups: 14, Folders: 90, Apps: 180, Resources: 40, Environments: 3, Workflows: 25, Spaces: 3,
	}
}

func (s Sizes) filled() Sizes {
	d := Defaults()
	return Sizes{
		Users: cmp.Or(s.Users, d.Users), Groups: cmp.Or(s.Groups, d.Groups), Folders: cmp.Or(s.Folders, d.Folders),
		Apps: cmp.Or(s.Apps, d.Apps), Resources: cmp.Or(s.Resources, d.Resources),
		Environments: cmp.Or(s.Environments, d.Environments), Workflows: cmp.Or(s.Workflows, d.Workflows),
		Spaces: cmp.Or(s.Spaces, d.Spaces),
	}
}

// age is the age of an organization.
const age = 3 * 365 * 24 * time.Hour

// Organization returns the company at a time.
func Organization(seed uint64, now model.Time, sizes Sizes) *model.Org {
	b := newBuilder(seed, now.Add(-age), now, sizes.filled())
	b.zone, b.mail = "internal.northwind.example", "northwind.example"
	b.fill()
	b.spaces()
	return b.Org
}

// fill creates everything but spaces. Objects come before the references to them.
func (b *builder) fill() {
	for _, part := range []func(){
		b.environments, b.attributes, b.groups, b.users, b.teams, b.folders,
		b.resources, b.variables, b.observability,
		b.apps, b.landingPages, b.workflows, b.releases, b.tasks, b.libraries,
		b.roles, b.grants, b.roleGrants, b.invites, b.requests, b.tokens,
		b.settings, b.sourceControl, b.usage,
	} {
		b.nextStream()
		part()
	}
	b.Start, b.Ticks = b.now, 0
}
