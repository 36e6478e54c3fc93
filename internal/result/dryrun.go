package result

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/redact"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// DryRun shows what a call would do: its request, the objects that it is about,
// and what would change in the current state. Invisible characters are escaped:
// they would be sent, or are there. Asks says that the user would be asked first.
func (a *About) DryRun(asks string, o Options) Result {
	asJSON := o.JSON
	o.JSON = false
	call, before := a.call, a.before
	lines := []string{"Dry run: nothing was changed. The request would be:", requestOf(call, o.MaxTokens/2), ""}
	marked := false // that it holds names that people chose
	show := func(end ...string) Result {
		if marked {
			end = append(end, untrusted)
		}
		preview := text.EscapeInvisible(strings.Join(append(lines, end...), "\n"))
		if asJSON {
			return Result{Data: `{"dry_run":` + string(jsonvalue.AppendQuote(nil, preview)) + "}"}
		}
		return Result{Text: preview}
	}
	if objects := a.objects(); len(objects) > 0 {
		marked = strings.Contains(strings.Join(objects, ""), `"`)
		lines = append(append(lines, objects...), "")
	}
	changes := a.changes(inDryRun)
	if omitted := a.omitted(); len(omitted) > 0 {
		changes = append(changes, "not in the request and possibly removed: "+strings.Join(omitted, ", "))
	}
	if a.counterpart() != nil && len(changes) > 0 {
		lines = append(lines, "Changes:")
		for _, change := range changes {
			lines = append(lines, "- "+change)
		}
		lines = append(lines, "")
	}
	if asks != "" {
		lines = append(lines, asks)
	}
	lines = append(lines, unchecked(call.Tool), "")
	switch {
	case before == nil:
		return show("No single call reads the current state, so there is nothing to compare.")
	case a.current == nil:
		return show("The current state could not be read: " + a.unread.Text)
	case a.parts && a.part == nil:
		return show(fmt.Sprintf("%s shows no such one among the %s now.", before.Call.Tool.Name, before.Below[0]))
	}
	subject, state := *a.current, "Current state:"
	if a.part != nil {
		subject, state = *a.part, "Current state, of "+before.Call.Tool.Name+":"
	}
	var notes []string
	if fields := fieldsOf(call); fields != nil && subject.Kind == jsonvalue.Object {
		kept, _ := fields.keep(subject)
		if missing := fields.missing(call); len(missing) > 0 {
			notes = append(notes, unknownFields(call.Tool, missing, []jsonvalue.Value{subject}))
		}
		kept.Kind = jsonvalue.Object
		subject = kept
	} else if note := a.shorten(&subject); note != "" {
		notes = append(notes, note)
	}
	lines = append(lines, state)
	if cut := fit(&subject, o.MaxTokens, Tokens(strings.Join(lines, "\n"))+2*room); len(cut) > 0 {
		lines = append(lines, omitted(cut, &tools.Tool{}))
	}
	lines = append(append(lines, subject.JSON()), notes...)
	marked = marked || subject.HasUntrusted()
	return show()
}

// unchecked says what only the instance knows.
func unchecked(t *tools.Tool) string {
	s := "Not checked, the instance decides: whether it accepts the values"
	if len(t.Scopes) > 0 {
		s += ", the token has the scope " + t.Scopes.String()
	}
	if t.Plan != "" {
		s += ", the plan (" + t.Plan + ") includes it"
	}
	return s + "."
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
	redactBody(&body, call, secrets)
	cut := fit(&body, maxTokens, 0)
	line += "\n" + body.JSON()
	if len(cut) > 0 {
		line += "\nThe body is sent in full. Omitted here because of size: " + strings.Join(cut, ", ") + "."
	}
	return line
}

// redactBody redacts the secrets in a body, some of which an argument in the path names:
// PUT /…/attributes/api_token {"value": …}.
func redactBody(body *jsonvalue.Value, call *tools.Call, secrets *redact.Redactor) {
	around := *body
	if body.Kind == jsonvalue.Object {
		for arg, id := range call.PathArguments() {
			around.Names = append([]string{arg.Name}, around.Names...)
			around.Parts = append([]jsonvalue.Value{{Kind: jsonvalue.Text, Text: id}}, around.Parts...)
		}
	}
	secrets.Redact(&around)
	if n := len(around.Names) - len(body.Names); n > 0 {
		around.Names, around.Parts = around.Names[n:], around.Parts[n:]
	}
	*body = around
}

// redactedQuery is a query whose secrets are redacted as those of a body.
func redactedQuery(query string, secrets *redact.Redactor) string {
	pairs := strings.Split(query, "&")
	fields := jsonvalue.Value{Kind: jsonvalue.Object}
	for _, pair := range pairs {
		name, encoded, _ := strings.Cut(pair, "=")
		name, _ = url.QueryUnescape(name) // we escaped both
		value, _ := url.QueryUnescape(encoded)
		fields.Names, fields.Parts = append(fields.Names, name), append(fields.Parts, jsonvalue.Value{Kind: jsonvalue.Text, Text: value})
	}
	was := slices.Clone(fields.Parts)
	secrets.Redact(&fields)
	for i, pair := range pairs {
		if shown := fields.Parts[i].Str(); shown != was[i].Text {
			name, _, _ := strings.Cut(pair, "=")
			pairs[i] = name + "=" + shown
		}
	}
	return strings.Join(pairs, "&")
}

// changes compares what a call sends with what is there, a field a line. Where
// nothing is there to compare with, they are the values.
func (a *About) changes(most limits) (lines []string) {
	_, taken := a.references(&a.body)
	if patch := a.body.Member("operations"); patch != nil && patch.Kind == jsonvalue.List {
		return patched(a.names, patch.Parts, a.current, most)
	}
	changed, before, same := 0, a.counterpart(), 0
	for i, name := range a.body.Names {
		if slices.Contains(taken, name) || before != nil && slices.Contains(setByRetool, name) {
			continue
		}
		will := &a.body.Parts[i]
		was := before.Member(name)
		var differences []string
		switch {
		case before == nil:
			differences = []string{a.listing(name, will, most)}
		case a.compared():
			differences = compare(a.names, most, name, was, will).lines
		case was == nil:
			continue // no part of the object, such as the message of a commit
		case before == a.current && was == a.part && will.Kind == jsonvalue.List:
			differences = compare(a.names, most, name, was, joinedTo(was, will)).lines
		case before == a.part:
			differences = compare(a.names, most, name, was, will).lines
		default:
			differences = []string{a.listing(name, will, most)}
		}
		if len(differences) == 0 {
			same++
			if most.flags && len(a.body.Names) == 1 && a.compared() {
				return []string{onOneLine(name) + ": " + shortened(will, most.value) + asItIs}
			}
			continue
		}
		if changed++; changed <= maxChanges {
			lines = append(lines, onOneLine(name)+": "+joined(differences, most.line))
		}
	}
	if most.flags && same > 0 && changed == 0 && len(taken) == 0 && a.compared() {
		return []string{"all values" + strings.Replace(asItIs, "it is", "they are", 1)}
	}
	return more(lines, changed)
}

// asItIs is said of a value that a call does not change.
const asItIs = ", as it is"

// counterpart is what the fields of the body stand beside: the object that was read, or
// the part that the path leads to, or the object around the list that a POST adds to; nil
// for nothing.
func (a *About) counterpart() *jsonvalue.Value {
	switch {
	case a.current == nil:
		return nil
	case a.before.Whole, a.part != nil && a.part.Kind == jsonvalue.List && a.call.Tool.Method == "POST" && len(a.before.Below) == 1:
		return a.current
	case a.part != nil && a.part.Kind == jsonvalue.Object:
		return a.part
	default:
		return nil
	}
}

// joinedTo is a list with the items that are added to it. Those that it has only change.
func joinedTo(list, items *jsonvalue.Value) *jsonvalue.Value {
	out := jsonvalue.Value{Kind: jsonvalue.List, Parts: slices.Clone(list.Parts)}
	for _, item := range items.Parts {
		at := slices.IndexFunc(out.Parts, func(v jsonvalue.Value) bool {
			return isItem(&v, item.Member("id").Str())
		})
		if at < 0 {
			out.Parts = append(out.Parts, item)
			continue
		}
		changed := jsonvalue.Value{Kind: jsonvalue.Object, Names: slices.Clone(out.Parts[at].Names), Parts: slices.Clone(out.Parts[at].Parts)}
		for i := range item.Names {
			changed.Patch("add", item.Names[i:i+1], &item.Parts[i])
		}
		out.Parts[at] = changed
	}
	return &out
}

// shorten leaves of the current state what a brief answer has, and returns a note on what
// is left out, "" if that is nothing.
func (a *About) shorten(v *jsonvalue.Value) string {
	const few = 4
	reader := a.before.Call.Tool
	switch {
	case v.Kind == jsonvalue.List && len(v.Parts) > few:
		ids, all := idsIn(&a.body, nil), len(v.Parts)
		v.Parts = slices.DeleteFunc(slices.Clone(v.Parts), func(item jsonvalue.Value) bool {
			return !slices.ContainsFunc(ids, func(id string) bool { return isItem(&item, id) })
		})
		return fmt.Sprintf("In brief: of %d items those that the call names. %s shows all.", all, reader.Name)
	case v.Kind != jsonvalue.Object:
		return ""
	}
	b := briefer{reads: reader.Answer}
	short := b.object(v, sentBy(a.call), "")
	note := b.note(a.call.Tool, reader)
	if len(short.Parts) == 0 || Tokens(short.JSON()+note)+minSaved > Tokens(v.JSON()) {
		return ""
	}
	*v = short
	return note
}

// compared tells whether the body is of the form of the object that was read.
func (a *About) compared() bool { return a.current != nil && a.before.Whole }

// joined is what changes within one field, as far as it fits in a line.
func joined(differences []string, most int) string {
	line := differences[0]
	for i, next := range differences[1:] {
		if len(line)+len(next) > most {
			return fmt.Sprintf("%s; and %d more", line, len(differences)-1-i)
		}
		line += "; " + next
	}
	return line
}

// omitted are the fields that a replacement leaves out.
func (a *About) omitted() (names []string) {
	if a.call.Tool.Method != "PUT" || !a.compared() {
		return nil
	}
	for i, name := range a.current.Names {
		if a.body.Member(name) == nil && !slices.Contains(setByRetool, name) && a.current.Parts[i].Kind != jsonvalue.Null {
			names = append(names, onOneLine(name))
		}
	}
	return names
}

// setByRetool are fields that no request sets.
var setByRetool = []string{"id", "legacy_id", "created_at", "updated_at", "organization_id", "created_by"}

// patched says what each operation of a JSON Patch (RFC 6902) would change in what
// the ones before it leave; nothing of what is now where that is not known. Where Retool's object is not laid out as the answer
// that shows it, an operation finds nothing, and says so.
func patched(names NameOf, operations []jsonvalue.Value, before *jsonvalue.Value, most limits) (lines []string) {
	doc := jsonvalue.Value{Kind: jsonvalue.Object}
	if before != nil {
		var err error
		if doc, err = jsonvalue.Parse(before.AppendJSON(nil)); err != nil { // a copy
			return nil
		}
	}
	for i := range operations[:min(len(operations), maxChanges)] { // each looks through the document
		o := &operations[i]
		kind, path, after := o.Member("op").Str(), o.Member("path").Str(), o.Member("value")
		steps := jsonvalue.Pointer(path)
		was := doc.Find(steps)
		if within := doc.Find(steps[:max(0, len(steps)-1)]); kind == "add" && within != nil && within.Kind == jsonvalue.List {
			was = nil // it moves the others on
		}
		change := shortened(was, most.value)
		field := ""
		if len(steps) > 0 {
			field = steps[len(steps)-1]
		}
		differences := compare(names, most, field, was, after).lines
		switch {
		case before == nil && after == nil:
			lines = append(lines, onOneLine(kind)+" "+onOneLine(path))
			continue
		case before == nil:
			change = shortened(after, most.value)
		case after != nil && len(differences) > 0:
			change = joined(differences, most.line)
		case after != nil:
			change += asItIs
		}
		lines = append(lines, onOneLine(kind)+" "+onOneLine(path)+": "+change)
		doc.Patch(kind, steps, after)
	}
	return more(lines, len(operations))
}

// more adds how many changes are not shown.
func more(lines []string, changes int) []string {
	if changes <= maxChanges {
		return lines
	}
	return append(lines, fmt.Sprintf("and %d more", changes-maxChanges))
}

// onOneLine returns a text as it is, or quoted if it has line ends or invisible
// characters.
func onOneLine(s string) string {
	if strings.ContainsAny(s, "\n\t") || text.HasInvisible(s) {
		return string(jsonvalue.AppendQuote(nil, s))
	}
	return s
}

const maxChanges = 50 // shown one by one
