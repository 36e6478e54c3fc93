package result

import (
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Names looks up names: given all ids of an answer, by what they identify, it
// returns the function that names each of them.
type Names func(ids map[string][]string) (name func(kind, id string) (string, bool))

// addNames adds the names of other objects beside their ids in an answer, if the
// call asks for them. What is secret is redacted already, so that no request has it.
func (a *answer) addNames(call *tools.Call, o Options) {
	if o.Names == nil || !call.Controls.Resolve {
		return
	}
	v := &a.whole
	if data := v.Member("data"); a.list != nil {
		v = a.list
	} else if data != nil && data.Kind == jsonvalue.Object {
		v = data
	}
	selected := fieldsOf(call)
	if call.Controls.Where != "" { // it may look at any of them
		selected = nil
	}
	ids := map[string][]string{}
	eachReference(v, "", selected, func(object *jsonvalue.Value, r tools.Reference) {
		kind := kindOf(object, r)
		for _, id := range referred(object.Member(r.Field)) {
			if kind != "" && !slices.Contains(ids[kind], id) {
				ids[kind] = append(ids[kind], id)
			}
		}
	})
	if len(ids) == 0 {
		return
	}
	name, known := o.Names(ids), map[string]bool{} // of which kinds any name is known
	for kind, some := range ids {
		known[kind] = slices.ContainsFunc(some, func(id string) bool { _, ok := name(kind, id); return ok })
	}
	eachReference(v, "", selected, func(object *jsonvalue.Value, r tools.Reference) {
		kind := kindOf(object, r)
		if !known[kind] {
			return
		}
		value := object.Member(r.Field)
		names := jsonvalue.Value{Kind: jsonvalue.List}
		for _, id := range referred(value) {
			called, ok := name(kind, id)
			part := jsonvalue.Value{Kind: jsonvalue.Text, Text: called, Untrusted: true}
			if !ok {
				part = jsonvalue.Value{Kind: jsonvalue.Null, Text: "null"}
			}
			names.Parts = append(names.Parts, part)
		}
		switch {
		case value.Kind == jsonvalue.List:
		case len(names.Parts) == 1:
			names = names.Parts[0]
		default:
			names = jsonvalue.Value{Kind: jsonvalue.Null, Text: "null"} // like the id
		}
		names.Added = true
		i := slices.Index(object.Names, r.Field) + 1
		object.Names, object.Parts = slices.Insert(slices.Clone(object.Names), i, r.NameField), slices.Insert(object.Parts, i, names)
	})
}

// eachReference visits the references in a value that the call selects. Do may
// change the object.
func eachReference(v *jsonvalue.Value, within string, selected *field, do func(object *jsonvalue.Value, r tools.Reference)) {
	if v.Kind == jsonvalue.List {
		for i := range v.Parts {
			eachReference(&v.Parts[i], within, selected, do)
		}
		return
	}
	if v.Kind != jsonvalue.Object {
		return
	}
	for i, name := range v.Names {
		if below, ok := selected.at(name); ok {
			eachReference(&v.Parts[i], name, below, do)
		}
	}
	for _, r := range tools.References(v.Names, within) {
		_, id := selected.at(r.Field)
		_, name := selected.at(r.NameField)
		if id || name {
			do(v, r)
		}
	}
}

// at is what is selected below a member; nil is all of it, and nothing where ok is
// false.
func (f *field) at(name string) (below *field, ok bool) {
	if f == nil {
		return nil, true
	}
	for _, below := range f.below {
		if below.name == name {
			if below.path != "" {
				return nil, true
			}
			return below, true
		}
	}
	return nil, false
}

// addedNames are the fields that resolve can add to the documented ones.
func addedNames(documented []string) (paths []string) {
	members := map[string][]string{} // by the path of the object
	for _, path := range documented {
		i := strings.LastIndexByte(path, '.') + 1
		members[path[:i]] = append(members[path[:i]], path[i:])
	}
	for at, names := range members {
		within := strings.TrimSuffix(at, ".")
		for _, r := range tools.References(names, within[strings.LastIndexByte(within, '.')+1:]) {
			paths = append(paths, at+r.NameField)
		}
	}
	return paths
}

func kindOf(object *jsonvalue.Value, r tools.Reference) string {
	if r.TypeField != "" {
		return tools.KindOfType(object.Member(r.TypeField).Str())
	}
	return r.Kind
}

// referred are the ids that a field holds.
func referred(v *jsonvalue.Value) (ids []string) {
	if v.Kind == jsonvalue.List {
		for i := range v.Parts {
			ids = append(ids, referred(&v.Parts[i])...)
		}
		return ids
	}
	if id := v.Str(); id != "" {
		ids = append(ids, id)
	}
	return ids
}
