package openapi

import (
	"net/url"
	"slices"
	"strings"
)

// Since OpenAPI 3.1, a schema can have a name of its own that references use:
// an $anchor within its resource, or an $id, which makes it a resource itself.

// Limits on such names. What exceeds them has no name.
const (
	maxNames   = 10_000 // in all files; real documents have hundreds
	maxAddress = 1_000  // bytes of an $id once resolved
)

// resource returns the resource that n is part of, given that of what holds n:
// another one if n has an $id.
func (r *reader) resource(n *node, in *file) *file {
	id := n.get("$id").str()
	if !r.modern || id == "" || id[0] == '#' || in.root == n {
		return in
	}
	own, ok := r.resources[n]
	if !ok {
		own = in
		if base := resolve(id, in.base); base != nil && len(r.resources) < maxNames {
			own = &file{name: in.name, root: n, base: base, around: in}
		}
		r.resources[n] = own
	}
	return own
}

// resolve returns the address that a reference means, without its fragment, or
// nil if it is none.
func resolve(ref string, base *url.URL) *url.URL {
	u, err := url.Parse(ref)
	if err != nil || len(ref) > maxAddress {
		return nil
	}
	if base != nil {
		u = base.ResolveReference(u)
	}
	u.Fragment, u.RawFragment = "", ""
	if len(u.String()) > maxAddress {
		return nil
	}
	return u
}

// identified returns the resource with the $id that a reference means, nil if
// no file that is read already has it.
func (r *reader) identified(ref string, from *file) *file {
	address := resolve(ref, from.base)
	if !r.modern || address == nil {
		return nil
	}
	r.index(r.main)
	r.index(from)
	return r.ids[address.String()]
}

// index finds the names in the file that a resource is part of. Of a repeated
// name the first counts.
func (r *reader) index(in *file) {
	for in.around != nil {
		in = in.around
	}
	if in.root == nil || r.indexed[in] {
		return
	}
	r.indexed[in] = true
	if in.root.get("$id").is(text) || in == r.main && r.source.Address != "" {
		r.ids[in.base.String()] = in
	}
	r.indexNames(placed{in.root, in}, false)
}

// indexNames visits p and what it holds. A named member of a map is a schema,
// even if its name is that of a keyword.
func (r *reader) indexNames(p placed, isMap bool) {
	if p.is(object) && !isMap {
		if own := r.resource(p.node, p.in); own != p.in {
			p.in = own
			if address := own.base.String(); r.ids[address] == nil {
				r.ids[address] = own
			}
		}
		_, short, _ := strings.Cut(p.node.get("$id").str(), "#") // an anchor in older drafts
		for _, name := range []string{p.node.get("$anchor").str(), p.node.get("$dynamicAnchor").str(), short} {
			key := reference{p.in, name}
			if name != "" && r.anchors[key] == nil && len(r.anchors) < maxNames {
				r.anchors[key] = p.node
			}
		}
	}
	for i := range p.items {
		member := &p.items[i]
		if p.is(object) && !isMap && slices.Contains(valueKeywords, member.name) {
			continue
		}
		r.indexNames(placed{member, p.in}, p.is(object) && !isMap && slices.Contains(mapKeywords, member.name))
	}
}

var (
	// valueKeywords hold values, which may look like schemas.
	valueKeywords = []string{"example", "examples", "default", "enum", "const"}
	mapKeywords   = []string{"properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "schemas", "responses"}
)
