package seed_test

import (
	"testing"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/seed"
)

func BenchmarkOrganization(b *testing.B) {
	for _, size := range []struct {
		name  string
		sizes seed.Sizes
	}{
		{"defaults", seed.Defaults()},
		{"10000 users, 5000 apps", seed.Sizes{Users: 10_000, Apps: 5_000}},
		{"many of all", seed.Sizes{
			Users: 10_000, Groups: 500, Folders: 1_000, Apps: 5_000, Resources: 1_000, Environments: 5, Workflows: 500, Spaces: 20,
		}},
	} {
		b.Run(size.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				seed.Organization(1, now, size.sizes)
			}
		})
	}
}
