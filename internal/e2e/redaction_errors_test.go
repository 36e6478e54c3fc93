package e2e_test

import (
	"fmt"
	"html"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	ours "github.com/retool-mcp/retool-mcp/tools/embedded"
)

// A form is the format of an error of an instance, or of a proxy in front of
// it. Room is how much of the message is kept, 0 for all.
type form struct {
	name     string
	statuses []int
	kind     string
	room     int
	body     func(message string) string
}

var refusals = []int{400, 403, 409, 422, 500}

var forms = []form{
	{"a message", refusals, jsonType, 0, func(m string) string { return `{"success":false,"message":"` + inOneLine(m) + `"}` }},
	{"an error", []int{400}, jsonType, 0, func(m string) string { return `{"error":{"message":"` + inOneLine(m) + `"}}` }},
	{"plain text", refusals, "text/plain", 450, asIs},
	{"a page", refusals, "text/html", 450, func(m string) string {
		return "<!doctype html><title>" + html.EscapeString(m) + "</title><p>" + html.EscapeString(m)
	}},
	{"broken JSON", refusals, jsonType, 450, func(m string) string { return `{"message":"` + inOneLine(m) }},
	{"JSON of a form of its own", []int{422}, jsonType, 450, func(m string) string { return `{"errors":[{"said":"` + inOneLine(m) + `"}]}` }},
	{"a success that is none", []int{200}, jsonType, 0, func(m string) string { return `{"success":false,"message":"` + inOneLine(m) + `"}` }},
	{"a success without a message", []int{200}, jsonType, 0, func(m string) string { return `{"success":false,"errors":["` + inOneLine(m) + `"]}` }},
	{"a success that is broken", []int{200}, jsonType, 150, func(m string) string { return `{"message":"` + inOneLine(m) }},
	{"a page as a success", []int{200}, "text/html", 450, func(m string) string { return "<!doctype html><title>" + html.EscapeString(m) + "</title>" }},
	{"text as a success", []int{200}, "text/plain", 0, asIs},
}

func inOneLine(s string) string { return strings.ReplaceAll(inJSON(s), "\n", `\n`) }

// No error contains a secret, neither one that was sent nor one that Retool
// has.
func TestSecretsAreRedactedInErrors(t *testing.T) {
	t.Parallel()
	k := openConversation(t, nil, "--secret-dir", t.TempDir())
	sent := 0
	for _, d := range describedOperations(t) {
		t.Run(d.tool, func(t *testing.T) {
			k.t = t
			n := &canarySet{}
			arguments := d.secretArguments(t, n)
			echoed := textsWith(arguments, head)
			sent += len(echoed)
			turn := 0
			for _, f := range forms {
				for _, status := range f.statuses {
					message := n.message(echoed, f.room, turn)
					turn++
					h := k.call(d.tool, arguments, answering(status, f.kind, f.body(message)))
					what := fmt.Sprintf("%d, %s", status, f.name)
					require.Len(t, k.upstream.take(), 1, "%s: %s", what, h.text())
					n.none(t, what, h.all)
					require.Contains(t, h.text(), "[redacted: ", "%s: the message did not come", what)
				}
			}
		})
	}
	require.Greater(t, sent, 500, "secrets in arguments")
	require.Empty(t, anyCanary.FindString(k.stderr.String()), "the log")
}

// message returns an error text with its own secrets and those of the request.
// It varies by turn to cover those that do not fit.
func (n *canarySet) message(echoed []string, room, turn int) string {
	parts := []string{
		"password=" + n.text("an assignment"),
		`"api_key":"` + n.text("JSON") + `"`,
		"postgres://u:" + n.text("a url") + "@h/",
		"Authorization: Bearer " + n.text("a header"),
	}
	for _, text := range echoed {
		parts = append(parts, "not "+text)
	}
	if room == 0 {
		return strings.Join(parts, ", ")
	}
	first := turn * 3 % len(parts)
	out := "no"
	for _, part := range slices.Concat(parts[first:], parts[:first]) {
		longer := out + ", " + part
		if len(html.EscapeString(longer)) > room {
			continue
		}
		out = longer
	}
	return out
}

// secretArguments returns all arguments of an operation, with canaries in every
// field of the body that holds a secret: by the document's description of the
// response, and by name.
func (d describedOperation) secretArguments(t testing.TB, n *canarySet) object {
	t.Helper()
	sample := sampler{t: t, all: true}
	x := sample.exchangeFor(d.apiOperation)
	arguments := throughJSON(t, x.arguments).(object)
	if d.bodyType != "application/json" {
		return arguments
	}
	properties := d.body["properties"].(object)
	for _, secret := range d.secrets {
		// What is in data of the answer is the body, or in data of the body.
		for _, path := range []string{secret.path, strings.TrimPrefix(secret.path, "data.")} {
			steps := stepsOf(path)
			if _, ok := properties[steps[0]]; ok {
				n.plant(arguments, steps, secret.path)
				break
			}
		}
		if _, ok := properties[secret.flag]; ok {
			arguments[secret.flag] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		schema := properties[name].(object)
		switch {
		case isPatch(schema) && ours.Catalog().Find(d.tool).Patch != "":
			continue // none of the fields that it changes is a secret
		case isPatch(schema):
			arguments[name] = []any{
				object{"op": "replace", "path": "/options/database_options/password", "value": n.text("the value of a patch")},
				object{"op": "replace", "path": "/options", "value": object{"authentication_options": object{"password": n.text("within the value of a patch")}}},
			}
			continue
		}
		n.closed = d.body["additionalProperties"] == false
		if dressed := n.dress(arguments[name], schema, name); dressed != nil {
			arguments[name] = dressed
		}
	}
	return arguments
}

// isPatch reports whether a schema is that of a JSON Patch.
func isPatch(schema object) bool {
	step, _ := schema["items"].(object)
	for _, word := range []string{"anyOf", "oneOf"} {
		if branches, ok := step[word].([]any); ok {
			step = merged(branches)
		}
	}
	properties, _ := step["properties"].(object)
	return properties["op"] != nil && properties["path"] != nil
}

// dress puts canaries into the fields whose names are those of secrets, and
// open maps into open objects.
func (n *canarySet) dress(v any, schema object, at string) any {
	for _, word := range []string{"anyOf", "oneOf"} {
		if branches, ok := schema[word].([]any); ok {
			return n.dress(v, merged(branches), at)
		}
	}
	secret := nameOfSecret.MatchString(at) && schema["type"] == "string" && schema["enum"] == nil && schema["pattern"] == nil
	switch v := v.(type) {
	case nil:
		switch {
		case secret:
			return n.text(at)
		case schema["type"] == "object":
			if fields := n.dress(object{}, schema, at).(object); len(fields) > 0 {
				return fields
			}
		}
	case string:
		if secret && !strings.Contains(v, head) {
			return n.text(at)
		}
	case []any:
		items, _ := schema["items"].(object)
		for i := range v {
			v[i] = n.dress(v[i], items, at+"[]")
		}
	case object:
		properties, _ := schema["properties"].(object)
		for _, name := range slices.Sorted(maps.Keys(properties)) {
			if dressed := n.dress(v[name], properties[name].(object), at+"."+name); dressed != nil {
				v[name] = dressed
			}
		}
		if more, constrained := schema["additionalProperties"]; !n.withoutOpenMaps && (!constrained && (!n.closed || len(properties) == 0) || more == true) {
			v["free"] = n.openMap(at)
		}
	}
	return v
}

// textsWith returns all texts in a value that contain part.
func textsWith(v any, part string) (texts []string) {
	switch v := v.(type) {
	case string:
		if strings.Contains(v, part) {
			return []string{v}
		}
	case []any:
		for _, item := range v {
			texts = append(texts, textsWith(item, part)...)
		}
	case object:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			texts = append(texts, textsWith(v[name], part)...)
		}
	}
	return texts
}

// A message that is a whole resource as JSON loses what the document calls secret,
// whatever the status.
func TestSecretsByPathAreRedactedInMessages(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 400} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			n := &canarySet{}
			plan := object{"id": "r1", "note": "x password=abc\" def", "options": object{
				"url": "https://u:p@h/x", "authentication_options": object{"raw_authorization_scheme": n.text("by path")},
				"headers": []any{[]any{"X-Plain", n.text("a header")}},
			}}
			k := openConversation(t, nil)
			k.t = t
			for _, message := range []string{jsonOf(t, plan), jsonOf(t, object{"data": plan})} {
				for tool, arguments := range map[string]object{"get_resource_configuration": {"configurationId": "0a1b2c3d-0a1b-4c2d-8e3f-0a1b2c3d4e5f"}, "list_resource_configurations": {}} {
					h := k.call(tool, arguments, answering(status, jsonType, jsonOf(t, object{"success": false, "message": message})))
					require.Contains(t, h.text(), "raw_authorization_scheme")
					n.none(t, tool, h.text())
				}
			}
		})
	}
}
