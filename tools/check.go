package tools

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// compile makes a validator of a schema, whose document adapt may change.
func compile(s Schema, adapt func(doc any)) (*jsonschema.Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(s)))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.UseLoader(jsonschema.SchemeURLLoader{}) // nothing is loaded from elsewhere
	const name = "tool:arguments"
	adapt(doc)
	if err := c.AddResource(name, doc); err != nil {
		return nil, err
	}
	return c.Compile(name)
}

// relax reduces unions of objects to their types: the documents describe them
// imprecisely, so the API decides. Of the operations of a JSON Patch, whose form a
// standard defines, op and path remain. Formats are annotations and are not checked
// either.
func relax(schema any) {
	s, ok := schema.(map[string]any)
	if !ok { // missing, true or false
		return
	}
	if pattern, ok := s["pattern"].(string); ok && IsTypedID(pattern) {
		delete(s, "pattern")
	}
	for _, word := range []string{"anyOf", "oneOf"} {
		branches, ok := s[word].([]any)
		if !ok {
			continue
		}
		if patch := patchOf(branches); patch != nil {
			delete(s, word)
			maps.Copy(s, patch)
			continue
		}
		if types := typesOfBranches(branches); types != nil {
			delete(s, word)
			s["type"] = types
			if slices.Contains(types, any("any")) {
				delete(s, "type")
			}
			continue
		}
		for _, branch := range branches {
			relax(branch)
		}
		if word == "oneOf" { // matching two branches is not the caller's fault
			delete(s, word)
			s["anyOf"] = branches
		}
	}
	for _, word := range []string{"items", "additionalProperties", "not", "contains"} {
		relax(s[word])
	}
	parts, _ := s["allOf"].([]any)
	for _, word := range []string{"properties", "patternProperties"} {
		named, _ := s[word].(map[string]any)
		parts = slices.AppendSeq(parts, maps.Values(named))
	}
	for _, part := range parts {
		relax(part)
	}
}

// typesOfBranches returns the types of a union that contains objects ("any" for
// a branch without a type), or nil for a union of plain values.
func typesOfBranches(branches []any) (types []any) {
	objects := false
	for _, branch := range branches {
		b, _ := branch.(map[string]any)
		t := b["type"]
		if t == nil {
			t = "any"
		}
		items, _ := b["items"].(map[string]any)
		objects = objects || t == "object" || t == "any" || items["type"] == "object" || items["anyOf"] != nil || items["oneOf"] != nil
		if !slices.Contains(types, t) {
			types = append(types, t)
		}
	}
	if !objects {
		return nil
	}
	if len(branches) == 2 && slices.Contains(types, any("null")) && slices.Contains(types, any("object")) {
		return nil // an object or null is not a union of objects
	}
	return types
}

// check validates the arguments and returns one line for each fault.
func (b *Binder) check(call *Call) []string {
	object := make(map[string]any, len(call.args))
	for _, v := range call.args {
		object[v.name] = v.data
	}
	err := b.schema.Validate(object)
	if err == nil {
		return b.patchFaults(call)
	}
	invalid, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !ok {
		return []string{err.Error()}
	}
	if invalid = known(invalid); invalid == nil {
		return b.patchFaults(call)
	}
	var faults []string
	collect(invalid, b.schema, object, call.shown(func(string) {}), &faults)
	slices.Sort(faults)
	return slices.Compact(faults)
}

// Limits of an error: how many faults it lists, and how long each is, in bytes.
const (
	maxFaults = 20
	maxFault  = 2_000
)

// refuse returns the error for arguments that do not fit.
func (b *Binder) refuse(faults []string) error {
	if len(faults) > maxFaults {
		faults = append(faults[:maxFaults], fmt.Sprintf("… and %d more", len(faults)-maxFaults))
	}
	for i, fault := range faults {
		faults[i] = text.Clip(fault, maxFault)
	}
	var required, optional []string
	for _, a := range b.tool.Args {
		if a.Required {
			required = append(required, a.Name)
		} else {
			optional = append(optional, a.Name)
		}
	}
	takes := "It takes no arguments."
	switch {
	case len(required) > 0 && len(optional) > 0:
		takes = "It needs " + strings.Join(required, ", ") + "; it also takes " + strings.Join(optional, ", ") + "."
	case len(required) > 0:
		takes = "It needs " + strings.Join(required, ", ") + "."
	case len(optional) > 0:
		takes = "It takes " + strings.Join(optional, ", ") + "."
	}
	return &ArgumentError{fmt.Sprintf("Not sent: the arguments do not fit %s.\n- %s\n%s", b.tool.Name, strings.Join(faults, "\n- "), takes)}
}
