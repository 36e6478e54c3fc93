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

// harmless reports whether a tool reads, calls no third party, and needs no
// argument.
func harmless(t *tools.Tool) bool {
	return t.Method == http.MethodGet && t.Hints.ReadOnly && !t.Hints.OpenWorld && !strings.Contains(t.Path, "{") &&
		!slices.ContainsFunc(t.Args, func(a tools.Arg) bool { return a.Required })
}

// query limits the response to one item, if the tool can.
func query(t *tools.Tool) string {
	if slices.ContainsFunc(t.Args, func(a tools.Arg) bool { return a.WireName == "limit" && a.In == tools.InQuery }) {
		return "limit=1"
	}
	return ""
}

// probes returns reads that together show as many scopes as possible: the cheapest
// for each scope, those that need a single scope first. The catalog may be nil.
func probes(c *tools.Catalog) (all []probe) {
	if c == nil {
		return nil
	}
	var candidates []*tools.Tool
	for i := range c.Tools {
		if t := &c.Tools[i]; harmless(t) && len(t.Scopes) > 0 {
			candidates = append(candidates, t)
		}
	}
	slices.SortStableFunc(candidates, func(a, b *tools.Tool) int {
		return cmp.Or(
			cmp.Compare(len(a.Scopes), len(b.Scopes)),
			cmp.Compare(query(b), query(a)), // limited ones first
			cmp.Compare(len(a.Secrets), len(b.Secrets)),
			cmp.Compare(len(a.Path), len(b.Path)),
		)
	})
	covered := map[string]bool{}
	for _, t := range candidates {
		if !slices.ContainsFunc(t.Scopes, func(s string) bool { return !covered[s] }) {
			continue
		}
		for _, scope := range t.Scopes {
			covered[scope] = true
		}
		all = append(all, probe{tools.Request{Method: http.MethodGet, Path: t.Path, Query: query(t)}, t.Scopes})
	}
	return all
}
