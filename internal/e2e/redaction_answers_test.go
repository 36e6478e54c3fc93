package e2e_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

var anyCanary = regexp.MustCompile(head + `(?:(\d{5})` + tail + `)?|` + digits + `(\d{5})?|` + tail)

// nameOfSecret matches the names of secret fields in the embedded document.
var nameOfSecret = regexp.MustCompile(`(password|secret|token|private_key|api_key|passphrase|dsn|connection_string|account_key|access_key_id|secret_access_key)$`)

// openByName are objects with arbitrary content, regardless of their schema.
var openByName = []string{"metadata", "options", "context", "config"}

// An answerer makes the answers of an operation, with a canary wherever a secret
// can be.
type answerMaker struct {
	canarySet
	seed   int
	around string // surrounds every text
}

// answer returns a response with every field, and an open map in each object
// that allows unknown fields. Unless flagged, it omits the fields that say
// whether a value is secret, as old instances do.
func (a *answerMaker) answer(d describedOperation, flagged bool) object {
	body := object{"success": true, "data": object{}}
	if d.answer != nil {
		body = a.fill(d.answer, "", "the answer").(object)
	}
	for _, secret := range d.secrets {
		a.plant(body, stepsOf(secret.path), secret.path)
		if secret.flag != "" {
			setFlag(body, secret.flag, flagged)
		}
	}
	if !a.withoutOpenMaps && body["free"] == nil {
		body["free"] = a.openMap("beside data")
	}
	around := []any{body["data"]}
	if list, ok := body["data"].([]any); ok {
		around = list
		body["total_count"] = json.Number(fmt.Sprint(len(list)))
	}
	for _, item := range around {
		if fields, ok := item.(object); ok && !a.withoutOpenMaps && fields["free"] == nil {
			fields["free"] = a.openMap("in data")
		}
	}
	for name, last := range map[string]any{"next_token": nil, "next": nil, "has_more": false} {
		if _, ok := body[name]; ok {
			body[name] = last
		}
	}
	return body
}

// fill returns an example for a schema with all fields of all its branches.
func (a *answerMaker) fill(schema object, name, at string) any {
	a.seed++
	for _, word := range []string{"anyOf", "oneOf"} {
		if branches, ok := schema[word].([]any); ok {
			return a.fill(merged(branches), name, at)
		}
	}
	if enum, ok := schema["enum"].([]any); ok {
		return enum[0]
	}
	switch schema["type"] {
	case "string", nil: // or anything
		return fmt.Sprintf("text %s%d", a.around, a.seed)
	case "integer", "number":
		return json.Number(fmt.Sprint(a.seed))
	case "boolean":
		return true
	case "array":
		items, _ := schema["items"].(object)
		return []any{a.fill(items, name, at+"[]"), a.fill(items, name, at+"[]")}
	}
	out := object{}
	properties, _ := schema["properties"].(object)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		out[name] = a.fill(properties[name].(object), name, at+"."+name)
	}
	more, constrained := schema["additionalProperties"]
	if values, ok := more.(object); ok {
		out["a key of one's own"] = a.fill(values, "", at+".*")
	}
	if !a.withoutOpenMaps && (!constrained || more != false || slices.Contains(openByName, name)) {
		out["free"] = a.openMap(at)
	}
	return out
}

// merged returns the schema of an object with the fields of all branches, or
// the first branch that is not null.
func merged(branches []any) object {
	out := object{"type": "object", "additionalProperties": false}
	properties := object{}
	for _, item := range branches {
		branch := item.(object)
		for _, word := range []string{"anyOf", "oneOf"} {
			if deeper, ok := branch[word].([]any); ok {
				branch = merged(deeper)
			}
		}
		if kind := branch["type"]; kind != "object" {
			if kind == "null" {
				continue
			}
			return branch
		}
		if branch["additionalProperties"] != false {
			out["additionalProperties"] = true
		}
		fields, _ := branch["properties"].(object)
		for name, schema := range fields {
			if other, ok := properties[name]; ok {
				schema = object{"anyOf": []any{other, schema}}
			}
			properties[name] = schema
		}
	}
	out["properties"] = properties
	return out
}

// stepsOf splits a path: data[].a is data, [], a.
func stepsOf(path string) (steps []string) {
	for part := range strings.SplitSeq(path, ".") {
		name := strings.TrimRight(part, "[]")
		steps = append(steps, name)
		for range strings.Count(part, "[]") {
			steps = append(steps, "[]")
		}
	}
	return steps
}

// plant puts canaries at a path and creates missing members.
func (n *canarySet) plant(v any, steps []string, place string) any {
	switch {
	case len(steps) == 0:
		return n.text(place)
	case steps[0] == "[]":
		list, _ := v.([]any)
		if len(list) == 0 {
			list = []any{nil}
		}
		for i := range list {
			list[i] = n.plant(list[i], steps[1:], place)
		}
		return list
	default:
		fields, ok := v.(object)
		if !ok {
			fields = object{}
		}
		fields[steps[0]] = n.plant(fields[steps[0]], steps[1:], place)
		return fields
	}
}

// setFlag sets a field to true wherever it occurs, or removes it.
func setFlag(v any, flag string, set bool) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			setFlag(item, flag, set)
		}
	case object:
		if _, ok := v[flag]; ok {
			v[flag] = true
			if !set {
				delete(v, flag)
			}
		}
		for _, part := range v {
			setFlag(part, flag, set)
		}
	}
}
