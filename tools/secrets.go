package tools

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/redact"
)

// An argument can name a secret instead of holding it: ${env:NAME},
// ${file:PATH}. That works only in fields for secrets, which results redact. In
// any other field, such as the name of a folder, others could read the secret.

// ExpandSecrets returns the request with expand applied to every text that
// names a secret. The call itself keeps the names. An *ArgumentError lists
// names in the wrong fields.
func (c *Call) ExpandSecrets(expand func(text string) (string, error)) (Request, error) {
	var faults []string
	found := false
	filled := &Call{Tool: c.Tool, Controls: c.Controls, args: slices.Clone(c.args), ctx: c.ctx}
	for i, v := range filled.args {
		if !mayHold(v.raw, namesSecret) {
			continue
		}
		w := &secretWalk{call: c, visit: func(at string, secret bool, text string) string {
			if !namesSecret(text) {
				return text
			}
			found = true
			if !secret && bare(text) {
				faults = append(faults, at+": a secret can be named only in a field for secrets, such as a password; here it could be read back")
				return text
			}
			value, err := expand(text)
			if err != nil {
				faults = append(faults, at+": "+err.Error())
			}
			return value
		}}
		data := w.argument(v)
		if !found {
			continue
		}
		raw, err := encode(data)
		if err != nil {
			return Request{}, fmt.Errorf("encode the arguments: %w", err)
		}
		filled.args[i].data, filled.args[i].raw = data, raw
	}
	if !found {
		return c.Request, nil
	}
	if len(faults) == 0 {
		faults = filled.build()
	}
	if len(faults) > 0 {
		return Request{}, &ArgumentError{"Not sent: " + c.Tool.Name + " cannot use a secret that it names.\n- " + strings.Join(faults, "\n- ")}
	}
	return filled.Request, nil
}

// Secrets are the texts among the arguments that may be secrets.
func (c *Call) Secrets() (texts []string) {
	c.shown(func(secret string) { texts = append(texts, secret) })
	return texts
}

// shown are the arguments as an error may repeat them, without secrets, each of
// which it passes to found.
func (c *Call) shown(found func(secret string)) map[string]any {
	w := &secretWalk{call: c, wide: true, visit: func(_ string, secret bool, text string) string {
		if !secret || text == "" {
			return text
		}
		found(text)
		for _, part := range redact.ConnectionSecrets(text) {
			found(part)
		}
		return redact.Marker("argument")
	}}
	out := make(map[string]any, len(c.args))
	for _, v := range c.args {
		out[v.name] = v.data
	}
	w.pair = titled(out)
	for _, v := range c.args {
		out[v.name] = w.argument(v)
	}
	return out
}

// namesSecret reports whether a text names a secret.
func namesSecret(text string) bool {
	return strings.Contains(text, "${env:") || strings.Contains(text, "${file:")
}

// mayHold reports whether a text in a value may be of a kind, which has it at any
// place. It decides most cases without a look at each text of a large value.
func mayHold(raw []byte, kind func(text string) bool) bool {
	return bytes.Contains(raw, []byte(`\u`)) || kind(string(raw))
}

// bare reports whether a text names a secret other than in escaped form,
// $${env:NAME}.
func bare(text string) bool { return namesSecret(strings.ReplaceAll(text, "$${", "")) }

// secretWalk visits every text in an argument and says whether it is in a field
// for secrets: by the field's name, or because the tool's answer has a secret
// there.
//
// A wide walk finds what may be a secret and must not be repeated. It also uses
// names beside values and what surrounds them. That is not enough to put a
// secret in, because Retool may drop the name beside a value and keep the
// value.
type secretWalk struct {
	call  *Call
	wide  bool
	visit func(at string, secret bool, text string) string
	last  fieldName // the items of a list share it
	pair  bool      // the arguments are the name of a secret and its value
}

// fieldName is the name of a field, and whether it says that there is a secret.
type fieldName struct {
	name            string
	secret, inField bool
}

func (w *secretWalk) field(name string) fieldName {
	if w.last.name != name {
		w.last = fieldName{name, redact.SecretName(name), secretField(name)}
	}
	return w.last
}

func (w *secretWalk) argument(v value) any {
	a := w.call.Tool.arg(v.name)
	if a == nil || a.In != InBody && a.In != WholeBody {
		return w.value(v.name, "", v.name, v.data, false, w.wide && a != nil && a.In == InQuery)
	}
	path := a.WireName
	if a.In == WholeBody {
		path = ""
	}
	return w.value(v.name, path, a.WireName, v.data, w.pair && redact.ValueName(v.name) && ofScalars(v.data), true)
}

// value visits a value. At is its path for messages, path that in the answer,
// name its field; in says that it is inside a secret, may that it can be one.
func (w *secretWalk) value(at, path, name string, data any, in, may bool) any {
	in = in || w.wide && (w.field(name).secret || w.known(path))
	switch data := data.(type) {
	case string:
		return w.visit(at, may && (in || w.field(name).inField || w.known(path)), data)
	case placeholder: // only whether what it names is there
		return placeholder(w.visit(at, may && (in || w.field(name).inField || w.known(path)), string(data)))
	case json.Number:
		if shown := w.visit(at, may && (in || w.field(name).inField || w.known(path)), data.String()); shown != data.String() {
			return shown
		}
		return data
	case []any:
		out := make([]any, len(data))
		for i, item := range data {
			pair := w.wide && i == 1 && called(data[0])
			out[i] = w.value(below(at, "["+strconv.Itoa(i)+"]"), below(path, "[]"), name, item, in || pair, may)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(data))
		pair := w.wide && titled(data)
		pointed := w.pointed(data)
		for key, item := range data {
			inner, deeper, secret := key, strings.TrimPrefix(below(path, "."+key), "."), secretField(key) || pair && redact.ValueName(key)
			if pointed != nil && (key == "value" || w.wide && redact.IsPatched(key, data["op"] != nil)) {
				inner, deeper, secret = cmp.Or(pointed.name, key), pointed.path, secret || pointed.secret
			}
			out[key] = w.value(below(at, "."+key), deeper, inner, item, in || secret, may)
		}
		return out
	default:
		return data
	}
}

// pointed is where the value of an operation of a JSON Patch goes: the name of the field
// and its path in the answer.
type pointed struct {
	name, path string
	secret     bool
}

// pointed returns nil for what is no operation. A narrow walk reads its path as Retool
// does.
func (w *secretWalk) pointed(data map[string]any) *pointed {
	if !w.wide {
		path, ok := data["path"].(string)
		if !ok || data["op"] == nil {
			return nil
		}
		steps := jsonvalue.Pointer(path)
		return &pointed{strings.Join(steps[max(0, len(steps)-1):], ""), strings.Join(steps, "."), slices.ContainsFunc(steps, secretField)}
	}
	var to *pointed
	for key, path := range data {
		path, ok := path.(string)
		if !ok || !redact.IsPatchPath(key) {
			continue
		}
		if to == nil {
			to = &pointed{}
		}
		p := redact.ReadPointer(path)
		at := ""
		for _, step := range p.Steps {
			if step != "[]" && at != "" {
				step = "." + step
			}
			longer := below(at, step)
			if longer == at {
				break // it is longer than paths in documents are
			}
			at = longer
			p.Secret = p.Secret || w.known(at)
		}
		to.secret = to.secret || p.Secret
		if strings.EqualFold(key, "path") {
			to.name, to.path = p.Name, at
		}
	}
	return to
}

// below returns a path with one more step, as long as it is not longer than paths
// in documents are: copying it for each value would take quadratic time.
func below(path, step string) string {
	const longest = 1_000
	if len(path) > longest {
		return path
	}
	return path + step
}

// called reports whether a value is the name of a secret.
func called(name any) bool {
	if isPlaceholder(name) { // nobody knows
		return true
	}
	text, ok := name.(string)
	return ok && redact.SecretName(text)
}

// titled reports whether an object is a pair whose value is a secret.
func titled(pair map[string]any) bool {
	for name, part := range pair {
		if redact.FlagName(name) && part == true || redact.TitleName(name) && called(part) {
			return true
		}
	}
	return false
}

// ofScalars reports whether a value is a scalar or a list of scalars.
func ofScalars(data any) bool {
	switch data := data.(type) {
	case map[string]any:
		return false
	case []any:
		return !slices.ContainsFunc(data, func(item any) bool {
			switch item.(type) {
			case map[string]any, []any:
				return true
			}
			return false
		})
	}
	return true
}

// secretField is redact.SecretName without names that may come back in another
// form than they were sent.
func secretField(name string) bool {
	altered := func(c rune) bool { return c <= ' ' || c > '~' }
	return len(name) <= redact.MaxName && !strings.ContainsFunc(name, altered) && redact.SecretName(name)
}

// known reports whether the tool's answer has a secret at a path, unless the
// call sets its flag to false.
func (w *secretWalk) known(path string) bool {
	if path == "" {
		return false
	}
	for _, secret := range w.call.Tool.Secrets {
		bare := strings.TrimPrefix(strings.TrimPrefix(secret.Path, "data[]."), "data.")
		if secret.Path != path && bare != path && (!w.wide || !strings.EqualFold(secret.Path, path) && !strings.EqualFold(bare, path)) {
			continue
		}
		if secret.Flag == "" {
			return true
		}
		if v := w.call.value(secret.Flag); v != nil {
			secret, _ := v.data.(bool)
			return secret
		}
		return w.wide // it may be set
	}
	return false
}

// marked is the place of a redaction marker in a value. It cannot be left out if it is
// needed.
type marked struct {
	place  string
	needed bool
}

// markersIn lists the redaction markers in a value that a schema describes.
func markersIn(at marked, data any, s *jsonschema.Schema) (found []marked) {
	switch data := data.(type) {
	case string:
		if redact.HasMarker(data) {
			return []marked{at}
		}
	case placeholder:
		return markersIn(at, string(data), s)
	case []any:
		for i, item := range data {
			found = append(found, markersIn(marked{place: below(at.place, "["+strconv.Itoa(i)+"]")}, item, schemaAt(s, []string{"0"}))...)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(data)) {
			if redact.HasMarker(name) {
				found = append(found, at)
			}
			found = append(found, markersIn(marked{below(at.place, "."+name), needs(s, name)}, data[name], schemaAt(s, []string{name}))...)
		}
	}
	return found
}

// needs tells whether a schema, or an alternative in it, requires a field.
func needs(s *jsonschema.Schema, field string) bool {
	return s != nil && (slices.Contains(s.Required, field) ||
		slices.ContainsFunc(slices.Concat(s.AnyOf, s.OneOf, s.AllOf), func(part *jsonschema.Schema) bool { return needs(part, field) }))
}

// refuseMarkers returns a fault for every redaction marker that a write would store. The
// first one says what to do.
func (b *Binder) refuseMarkers(c *Call) (faults []string) {
	if c.Tool.Hints.ReadOnly {
		return nil
	}
	var found []marked
	for _, v := range c.args {
		if mayHold(v.raw, redact.HasMarker) {
			found = append(found, markersIn(marked{v.name, needs(b.schema, v.name)}, v.data, schemaAt(b.schema, []string{v.name}))...)
		}
	}
	for _, m := range found {
		faults = append(faults, m.place+": holds a redaction marker")
	}
	if len(found) > 0 {
		faults[0] += ", not the secret; sending it would overwrite the stored secret. " + adviceOn(found)
	}
	return faults
}

// adviceOn says what to write in place of redaction markers.
func adviceOn(found []marked) string {
	const value = "the real value, as ${env:NAME} or ${file:PATH} where the operator allows that, or ask the user for it"
	isNeeded := func(m marked) bool { return m.needed }
	switch needed := slices.IndexFunc(found, isNeeded); {
	case needed < 0:
		return "Leave the field out, or give " + value
	case !slices.ContainsFunc(found, func(m marked) bool { return !m.needed }):
		return "No call reads a stored secret back, and the field cannot be left out: give " + value
	default:
		return found[needed].place + " cannot be left out, and no call reads a stored secret back: give " + value + ". Leave the others out if they are not needed"
	}
}
