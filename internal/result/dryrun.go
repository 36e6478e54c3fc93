package result

import (
	"fmt"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/redact"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Current is a thing as it stands, and the call that read it.
type Current struct {
	Call     *tools.Call
	Response *retool.Response
}

// DryRun tells what a call would do: the request, the object as it stands,
// where that is known, and what would change in it.
func DryRun(call *tools.Call, before *Current, failed error, o Options) Result {
	lines := []string{"Dry run: nothing was changed. The request would be", requestOf(call, o.MaxTokens/2)}
	if failed != nil {
		lines = append(lines, "", "What is there now could not be read: "+Failure(call, failed, o).Text)
		return show(lines)
	}
	if before == nil {
		lines = append(lines, "", "What is there now cannot be read with one call, so there is nothing to compare it with.")
		return show(lines)
	}
	o.exact = true // so that what is compared is what is there
	a, other := readAnswer(before.Call, before.Response, o)
	if other != nil {
		lines = append(lines, "", "What is there now could not be read: "+other.Text)
		return show(lines)
	}
	subject := a.subject()
	if changes := changesOf(call, subject); len(changes) > 0 {
		lines = append(lines, "", "It would change:")
		if more := len(changes) - mostChanges; more > 0 {
			changes = append(changes[:mostChanges], fmt.Sprintf("- and %d more", more))
		}
		lines = append(lines, changes...)
	}
	lines = append(lines, "", "It is now:")
	used := Tokens(strings.Join(lines, "\n")) + 2*room
	if o.MaxTokens > 0 && Tokens(subject.JSON()) > o.MaxTokens-used {
		if cut := shrink(subject, o.MaxTokens-used, ""); len(cut) > 0 {
			lines = append(lines, tooLarge(cut, &tools.Tool{}))
		}
	}
	lines = append(lines, subject.JSON())
	if subject.HasUntrusted() {
		lines = append(lines, untrusted)
	}
	return show(lines)
}

// show escapes what is invisible: it would be sent, or is there.
func show(lines []string) Result {
	return Result{Text: text.EscapeInvisible(strings.Join(lines, "\n"))}
}

// subject is what an answer is about, without what is around it.
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

// requestOf writes a request for people, with secrets masked. Of a body beyond so
// many tokens only a part is shown; 0 shows all of it.
func requestOf(call *tools.Call, most int) string {
	r := call.Request
	line := r.Method + " " + r.Path
	if r.Query != "" {
		line += "?" + r.Query
	}
	switch body, err := jsonvalue.Parse(r.Body); {
	case len(r.Body) == 0:
		return line
	case err != nil || !isJSON(r.ContentType):
		return fmt.Sprintf("%s\n%d bytes of %s", line, len(r.Body), r.ContentType)
	default:
		redact.New(bodyRules(call.Tool)).Redact(&body)
		line += "\n"
		if text := body.JSON(); most <= 0 || Tokens(text) <= most {
			return line + text
		}
		cut := shrink(&body, most, "")
		return line + body.JSON() + "\nIt would be sent whole, but is too large to be shown. Left out here: " + strings.Join(cut, ", ") + "."
	}
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
	for i, name := range body.Names {
		lines = appendChange(lines, name, before.Member(name), &body.Parts[i])
	}
	if call.Tool.Method != "PUT" {
		return lines
	}
	var lost []string
	for _, name := range before.Names {
		if body.Member(name) == nil && !slices.Contains(kept, name) {
			lost = append(lost, name)
		}
	}
	if len(lost) > 0 {
		lines = append(lines, "- not in the request, and so perhaps lost: "+strings.Join(lost, ", "))
	}
	return lines
}

// kept are fields that no request sets.
var kept = []string{"id", "legacy_id", "created_at", "updated_at", "organization_id", "created_by"}

func appendChange(lines []string, name string, before, after *jsonvalue.Value) []string {
	if before != nil && before.JSON() == after.JSON() {
		return lines
	}
	return append(lines, fmt.Sprintf("- %s: %s → %s", onOneLine(name), shown(before), shown(after)))
}

// shown is a value in a line of its own.
func shown(v *jsonvalue.Value) string {
	if v == nil {
		return "not there"
	}
	return text.Clip(v.JSON(), maxShownValue)
}

// mostChanges is how many changes are told one by one.
const mostChanges = 50

// maxShownValue is how many bytes of a value are shown in a line.
const maxShownValue = 200

// Describe names the thing: what it is called, and how much is in it. "" where the answer does not tell.
func (f *Current) Describe(o Options) string {
	o.exact = true
	a, other := readAnswer(f.Call, f.Response, o)
	if other != nil {
		return ""
	}
	subject := a.subject()
	name := ""
	for _, field := range []string{"name", "display_name", "label", "email", "invited_email", "domain", "id"} {
		if name = subject.Member(field).Str(); name != "" {
			break
		}
	}
	var holds []string
	for i, part := range subject.Parts {
		if part.Kind == jsonvalue.List && subject.Kind == jsonvalue.Object && len(part.Parts) > 0 {
			holds = append(holds, fmt.Sprintf("%d %s", len(part.Parts), strings.ReplaceAll(subject.Names[i], "_", " ")))
		}
	}
	if name != "" {
		name = "'" + strings.ReplaceAll(strings.ReplaceAll(name, "\n", " "), "'", "’") + "'"
	}
	if len(holds) > 0 {
		name = strings.TrimSpace(name + " with " + strings.Join(holds, ", "))
	}
	return name
}
