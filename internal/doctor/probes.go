package doctor

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/tools"
)

// probe is a harmless read that shows whether a token has one of the scopes.
type probe struct {
	request tools.Request
	scopes  []string
}

// harmless says whether a tool can be called by anybody at any time: it reads,
// reaches nothing beyond Retool, and needs no argument.
func harmless(t *tools.Tool) bool {
	return t.Method == http.MethodGet && t.Hints.ReadOnly && !t.Hints.OpenWorld && !strings.Contains(t.Path, "{") &&
		!slices.ContainsFunc(t.Args, func(a tools.Arg) bool { return a.Required })
}

// probeOf is the tool's read, for as little as it can be asked for.
func probeOf(t *tools.Tool) probe {
	p := probe{request: tools.Request{Method: http.MethodGet, Path: t.Path}, scopes: t.Scopes}
	if limited(t) {
		p.request.Query = "limit=1"
	}
	return p
}

func limited(t *tools.Tool) bool {
	return slices.ContainsFunc(t.Args, func(a tools.Arg) bool { return a.WireName == "limit" && a.In == tools.InQuery })
}

// probes are the reads that together show as many of the catalog's scopes as
// reads can: for each scope the cheapest, those that need one scope only first.
func probes(c *tools.Catalog) (all []probe) {
	var candidates []*tools.Tool
	for i := range c.Tools {
		if t := &c.Tools[i]; harmless(t) && len(t.Scopes) > 0 {
			candidates = append(candidates, t)
		}
	}
	slices.SortStableFunc(candidates, func(a, b *tools.Tool) int {
		return cmp.Or(
			cmp.Compare(len(a.Scopes), len(b.Scopes)),
			cmp.Compare(no(limited(a)), no(limited(b))),
			cmp.Compare(len(a.Secrets), len(b.Secrets)), // what need not be sent is not asked for
			cmp.Compare(len(a.Path), len(b.Path)),
		)
	})
	covered := map[string]bool{}
	for _, t := range candidates {
		p := probeOf(t)
		if !slices.ContainsFunc(p.scopes, func(s string) bool { return !covered[s] }) {
			continue
		}
		for _, scope := range p.scopes {
			covered[scope] = true
		}
		all = append(all, p)
	}
	return all
}

func no(is bool) int {
	if is {
		return 0
	}
	return 1
}
