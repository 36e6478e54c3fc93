package result

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/redact"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Current is the current state of an object, and the call that read it.
type Current struct {
	Call     *tools.Call
	Response *retool.Response
}

// DryRun shows what a call would do: its request, the current state of the object
// if it is known, and what would change in it. Invisible characters are escaped:
// they would be sent, or are there.
func DryRun(call *tools.Call, before *Current, failed error, o Options) Result {
	asJSON := o.JSON
	o.JSON = false
	lines := []string{"Dry run: nothing was changed. The request would be:", requestOf(call, o.MaxTokens/2), ""}
	show := func(end ...string) Result {
		preview := text.EscapeInvisible(strings.Join(append(lines, end...), "\n"))
		if asJSON {
			return Result{Data: `{"dry_run":` + string(jsonvalue.AppendQuote(nil, preview)) + "}"}
		}
		return Result{Text: preview}
	}
	switch {
	case failed != nil:
		return show("The current state could not be read: " + Failure(call, failed, o).Text)
	case before == nil:
		return show("No single call reads the current state, so there is nothing to compare.")
	}
	o.exact = true // what is compared is what is there
	a, other := readAnswer(before.Call, before.Response, o)
	if other != nil {
		return show("The current state could not be read: " + other.Text)
	}
	subject := a.subject()
	if changes := changesOf(call, subject); len(changes) > 0 {
		lines = append(lines, "Changes:")
		lines = append(append(lines, changes...), "")
	}
	lines = append(lines, "Current state:")
	if cut := fit(subject, o.MaxTokens, Tokens(strings.Join(lines, "\n"))+2*room); len(cut) > 0 {
		lines = append(lines, omitted(cut, &tools.Tool{}))
	}
	lines = append(lines, subject.JSON())
	if subject.HasUntrusted() {
		lines = append(lines, untrusted)
	}
	return show()
}

// subject is the object that an answer is about.
func (a *answer) subject() *jsonvalue.Value {
	v := &a.whole
	if data := v.Member("data"); data != nil {
		v = data
	}
	if v.Kind == jsonvalue.Object && len(v.Parts) == 1 && v.Parts[0].Kind == jsonvalue.Object {
		v = &v.Parts[0]
	}
	return v
}

// requestOf shows a request with its secrets redacted, and as much of its body as
// so many tokens hold; 0 is all of it.
func requestOf(call *tools.Call, maxTokens int) string {
	r, secrets := call.Request, redact.New(bodyRules(call.Tool))
	line := r.Method + " " + r.Path
	if r.Query != "" {
		line += "?" + redactedQuery(r.Query, secrets)
	}
	for _, h := range r.Headers {
		line += "\n" + h.Name + ": " + h.Value
	}
	body, err := jsonvalue.Parse(r.Body)
	switch {
	case len(r.Body) == 0:
		return line
	case err != nil || !tools.IsJSON(r.ContentType):
		return fmt.Sprintf("%s\n%d bytes of %s", line, len(r.Body), text.Name(r.ContentType))
	}
	secrets.Redact(&body)
	cut := fit(&body, maxTokens, 0)
	line += "\n" + body.JSON()
	if len(cut) > 0 {
		line += "\nThe body is sent in full. Omitted here because of size: " + strings.Join(cut, ", ") + "."
	}
	return line
}

// redactedQuery is a query whose secrets are redacted as those of a body.
func redactedQuery(query string, secrets *redact.Redactor) string {
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		name, encoded, _ := strings.Cut(pair, "=")
		name, _ = url.QueryUnescape(name) // we escaped both
		value, _ := url.QueryUnescape(encoded)
		field := jsonvalue.Value{Kind: jsonvalue.Object, Names: []string{name}, Parts: []jsonvalue.Value{{Kind: jsonvalue.Text, Text: value}}}
		secrets.Redact(&field)
		if shown := field.Parts[0].Str(); shown != value {
			pairs[i] = pair[:len(pair)-len(encoded)] + shown
		}
	}
	return strings.Join(pairs, "&")
}

// changesOf compares what a call sends with what is there.
func changesOf(call *tools.Call, before *jsonvalue.Value) (lines []string) {
	body, err := jsonvalue.Parse(call.Request.Body)
	if err != nil || body.Kind != jsonvalue.Object || before.Kind != jsonvalue.Object {
		return nil
	}
	redact.New(bodyRules(call.Tool)).Redact(&body)
	if patch := body.Member("operations"); patch != nil && patch.Kind == jsonvalue.List {
		return patched(patch.Parts, before)
	}
	changed := 0
	for i, name := range body.Names {
		was, will := before.Member(name), &body.Parts[i]
		if was != nil && was.JSON() == will.JSON() {
			continue
		}
		if changed++; changed <= maxChanges {
			lines = append(lines, fmt.Sprintf("- %s: %s → %s", onOneLine(name), shown(was), shown(will)))
		}
	}
	lines = more(lines, changed)
	if call.Tool.Method != "PUT" {
		return lines
	}
	var removed []string
	for _, name := range before.Names {
		if body.Member(name) == nil && !slices.Contains(setByRetool, name) {
			removed = append(removed, name)
		}
	}
	if n := len(removed); n > maxChanges {
		removed = append(removed[:maxChanges], fmt.Sprintf("and %d more", n-maxChanges))
	}
	if len(removed) > 0 {
		lines = append(lines, "- not in the request and possibly removed: "+strings.Join(removed, ", "))
	}
	return lines
}

// setByRetool are fields that no request sets.
var setByRetool = []string{"id", "legacy_id", "created_at", "updated_at", "organization_id", "created_by"}

// patched says what each operation of a JSON Patch (RFC 6902) would change in what
// the ones before it leave. Where Retool's object is not laid out as the answer
// that shows it, an operation finds nothing, and says so.
func patched(operations []jsonvalue.Value, before *jsonvalue.Value) (lines []string) {
	doc, err := jsonvalue.Parse(before.AppendJSON(nil)) // a copy
	if err != nil {
		return nil
	}
	for i := range operations[:min(len(operations), maxChanges)] { // each looks through the document
		o := &operations[i]
		kind, path, after := o.Member("op").Str(), o.Member("path").Str(), o.Member("value")
		line := "- " + onOneLine(kind) + " " + onOneLine(path) + ": " + shown(doc.Find(jsonvalue.Pointer(path)))
		if after != nil {
			line += " → " + shown(after)
		}
		lines = append(lines, line)
		doc.Patch(kind, jsonvalue.Pointer(path), after)
	}
	return more(lines, len(operations))
}

// more adds how many changes are not shown.
func more(lines []string, changes int) []string {
	if changes <= maxChanges {
		return lines
	}
	return append(lines, fmt.Sprintf("- and %d more", changes-maxChanges))
}

// onOneLine returns a text as it is, or quoted if it has line ends or invisible
// characters.
func onOneLine(s string) string {
	if strings.ContainsAny(s, "\n\t") || text.HasInvisible(s) {
		return string(jsonvalue.AppendQuote(nil, s))
	}
	return s
}

// shown is a value within a line.
func shown(v *jsonvalue.Value) string {
	if v == nil {
		return "absent"
	}
	return text.Clip(v.JSON(), maxShownValue)
}

const (
	maxChanges    = 50  // shown one by one
	maxShownValue = 200 // bytes of a value in a line
)

// Describe returns what the object is called and how much is in it, "" if the
// answer does not say.
func (c *Current) Describe(o Options) string {
	o.exact = true
	a, other := readAnswer(c.Call, c.Response, o)
	if other != nil {
		return ""
	}
	subject := a.subject()
	name := ""
	for _, field := range []string{"name", "display_name", "label", "email", "invited_email", "domain", "id"} {
		if name = subject.Member(field).Str(); name != "" {
			name = "'" + strings.NewReplacer("\n", " ", "'", "’").Replace(name) + "'"
			break
		}
	}
	var holds []string
	for i, name := range subject.Names {
		if part := subject.Parts[i]; part.Kind == jsonvalue.List && len(part.Parts) > 0 {
			holds = append(holds, fmt.Sprintf("%d %s", len(part.Parts), strings.ReplaceAll(name, "_", " ")))
		}
	}
	if len(holds) > 0 {
		name = strings.TrimSpace(name + " with " + strings.Join(holds, ", "))
	}
	return name
}
