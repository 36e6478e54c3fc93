package tools

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// An argument may name a secret instead of holding it: ${env:NAME}, ${file:PATH}.
// It may do so only where a secret belongs, in a field that comes back redacted.
// Anywhere else, in the name of a folder say, the secret would be written where
// everybody reads it, and reading it back would be the way to steal it.

// Filled is the request of the call with every text that names a secret put
// through expand. Without such a text it is the call's own. Everything else that
// the call tells of its arguments keeps the names. An *ArgumentError says where
// a name stands that may not.
func (c *Call) Filled(expand func(text string) (string, error)) (Request, error) {
	var faults []string
	found := false
	filled := &Call{Tool: c.Tool, View: c.View, args: slices.Clone(c.args)}
	for i, v := range filled.args {
		w := secretWalk{call: c, visit: func(at string, secret bool, text string) string {
			if !namesSecret(text) {
				return text
			}
			found = true
			if !secret && bare(text) {
				faults = append(faults, at+": a secret can be named only where one belongs, such as in a password; here it could be read back")
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
		return Request{}, &ArgumentError{"Nothing was sent: " + c.Tool.Name + " names a secret that it cannot have.\n- " + strings.Join(faults, "\n- ")}
	}
	return filled.Request, nil
}

// Secrets are the texts among the arguments that stand where a secret belongs.
func (c *Call) Secrets() (texts []string) {
	for _, v := range c.args {
		w := secretWalk{call: c, visit: func(_ string, secret bool, text string) string {
			if secret && text != "" {
				texts = append(texts, text)
			}
			return text
		}}
		w.argument(v)
	}
	return texts
}

// namesSecret tells whether a text names a secret.
func namesSecret(text string) bool {
	return strings.Contains(text, "${env:") || strings.Contains(text, "${file:")
}

// bare tells whether one of the names in a text is meant, and not escaped as
// $${env:NAME}.
func bare(text string) bool { return namesSecret(strings.ReplaceAll(text, "$${", "")) }

// secretWalk goes through an argument and tells of every text whether it stands
// where a secret belongs: by the name of its field, or because the tool's answer
// has a secret there.
type secretWalk struct {
	call  *Call
	visit func(at string, secret bool, text string) string
}

func (w secretWalk) argument(v value) any {
	a := w.call.Tool.arg(v.name)
	if a == nil || a.In != InBody && a.In != AsBody {
		return w.value(v.name, "", v.name, v.data, false, false)
	}
	path := a.Wire
	if a.In == AsBody {
		path = ""
	}
	return w.value(v.name, path, a.Wire, v.data, false, true)
}

// value goes through a value. At is its place for people, path that in the
// answer, and name what it is called; in says that a secret is around it. That a
// value is called a secret by a text beside it, {"key": "token", "value": …},
// does not count: Retool may drop that text and keep the value.
func (w secretWalk) value(at, path, name string, data any, in, body bool) any {
	switch data := data.(type) {
	case string:
		return w.visit(at, body && (in || secretField(name) || w.known(path)), data)
	case []any:
		out := make([]any, len(data))
		for i, item := range data {
			out[i] = w.value(at+"["+strconv.Itoa(i)+"]", path+"[]", name, item, in, body)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(data))
		for key, item := range data {
			inner, deeper := key, strings.TrimPrefix(path+"."+key, ".")
			if pointer, ok := data["path"].(string); ok && key == "value" && data["op"] != nil { // JSON Patch
				steps := strings.Split(strings.Trim(pointer, "/"), "/")
				inner, deeper = steps[len(steps)-1], strings.Join(steps, ".")
			}
			out[key] = w.value(at+"."+key, deeper, inner, item, in || secretField(key), body)
		}
		return out
	default:
		return data
	}
}

// secretField is SecretName for a name that somebody made up to have a secret
// put in: one that comes back in another form than it went does not count.
func secretField(name string) bool {
	for _, c := range name {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return SecretName(name)
}

// known tells whether the tool's answer has a secret at a path, and the call
// does not say that there is none.
func (w secretWalk) known(path string) bool {
	if path == "" {
		return false
	}
	for _, secret := range w.call.Tool.Secrets {
		field, flag := SecretPath(secret)
		bare := strings.TrimPrefix(strings.TrimPrefix(field, "data[]."), "data.")
		if field != path && bare != path {
			continue
		}
		if flag == "" {
			return true
		}
		if v := w.call.value(flag); v != nil {
			secret, _ := v.data.(bool)
			return secret
		}
	}
	return false
}
