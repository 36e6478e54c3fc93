package tools

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/order"
)

// ArgInstance names the instance that a call is for, where several are served.
const ArgInstance = "instance"

// JoinInstances joins the catalogs of several named instances into one, whose
// tools take the argument instance with the names of those that have the tool.
// Each holds the catalog of one instance, with the same argument.
func JoinInstances(names []string, catalogs []*Catalog) (all *Catalog, each []*Catalog, err error) {
	having := map[string][]string{}
	for i, c := range catalogs {
		for j := range c.Tools {
			having[c.Tools[j].Name] = append(having[c.Tools[j].Name], names[i])
		}
	}
	joined := *catalogs[0]
	joined.Tools, joined.Unavailable = nil, nil
	taken, listed := map[string]bool{}, map[string]bool{}
	for _, c := range catalogs {
		own := *c
		own.Tools = slices.Clone(c.Tools)
		for j := range own.Tools {
			t := &own.Tools[j]
			if t.IsLocal() {
				if !taken[t.Name] {
					taken[t.Name] = true
					joined.Tools = append(joined.Tools, *t)
				}
				continue
			}
			if t.arg(ArgInstance) != nil {
				return nil, nil, fmt.Errorf("the tool %s has an argument %s of its own, so several instances cannot be served", t.Name, ArgInstance)
			}
			if err := t.forInstances(having[t.Name]); err != nil {
				return nil, nil, fmt.Errorf("tool %s: %w", t.Name, err)
			}
			if !taken[t.Name] {
				taken[t.Name] = true
				joined.Tools = append(joined.Tools, *t)
			} else if !t.Unlisted {
				listed[t.Name] = true
			}
		}
		each = append(each, &own)
	}
	for i := range joined.Tools {
		joined.Tools[i].Unlisted = joined.Tools[i].Unlisted && !listed[joined.Tools[i].Name]
	}
	order.By(joined.Tools, func(a, b Tool) int { return cmp.Compare(a.Name, b.Name) })
	return &joined, each, nil
}

// forInstances adds the argument that names one of the instances.
func (t *Tool) forInstances(names []string) (err error) {
	t.Args = append([]Arg{{Name: ArgInstance, WireName: ArgInstance, In: NotSent, Required: true}}, t.Args...)
	if t.Schema, err = withInstance(t.Schema, names); err != nil {
		return err
	}
	t.Full, err = withInstance(t.Full, names)
	return err
}

// withInstance puts the argument first in a schema's properties and keeps every
// other byte.
func withInstance(schema Schema, names []string) (Schema, error) {
	members, err := readArguments([]byte(schema), nil)
	if err != nil {
		return "", err
	}
	enum, err := encode(names)
	if err != nil {
		return "", err
	}
	property := fmt.Appendf(nil, `%q:{"enum":%s,"type":"string"}`, ArgInstance, enum)
	required := false
	for i := range members {
		m := &members[i]
		switch m.name {
		case "properties":
			m.raw = prepend(m.raw, property)
		case "required":
			m.raw, required = prepend(m.raw, []byte(`"`+ArgInstance+`"`)), true
		}
	}
	if !required {
		members = append(members, value{name: "required", raw: jsontext.Value(`["` + ArgInstance + `"]`)})
	}
	return Schema(encodeArguments(members)), nil
}

// prepend puts something first in an object or a list.
func prepend(to jsontext.Value, first []byte) jsontext.Value {
	out := append([]byte{to[0]}, first...)
	if len(to) > 2 {
		out = append(out, ',')
	}
	return append(out, to[1:]...)
}
