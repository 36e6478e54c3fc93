package seed

import (
	"strconv"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// smaller is what a space has.
var smaller = Sizes{Users: 12, Groups: 6, Folders: 14, Apps: 10, Resources: 5, Environments: 2, Workflows: 4}

// spaces makes organizations below this one. They share nothing with it but
// some people, and have no spaces of their own.
func (b *builder) spaces() {
	b.nextStream()
	for i := range b.sizes.Spaces {
		p := struct{ name, host string }{"Client " + strconv.Itoa(i+1), "client-" + strconv.Itoa(i+1)}
		if i < len(plannedSpaces) {
			p = plannedSpaces[i]
		}
		inner := newBuilder(b.random.Uint64(), b.spread(i, 2*b.sizes.Spaces), b.now, smaller)
		inner.space = true
		inner.Name, inner.Domain = p.name, p.host+".northwind.example"
		inner.zone, inner.mail = p.host+"."+b.zone, p.host+".example"
		inner.fill()
		inner.Nested = true
		b.Spaces.Put(&model.Space{Org: inner.Org, SpaceView: model.SpaceView{
			ID: inner.ID, Name: inner.Name, Domain: inner.Domain, CreatedAt: inner.founded, UpdatedAt: b.since(inner.founded),
		}})
	}
}

var plannedSpaces = []struct{ name, host string }{
	{"Acme Logistics", "acme"},
	{"Northwind Japan 日本", "japan"},
	{"Sandbox EU", "sandbox-eu"},
}
