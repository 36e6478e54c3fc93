package result

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// A write answers with the whole object, such as a group with all its members, of which
// the caller needs little: what the call set, what the object is called and what state it
// is in. The brief answer has that, and counts for lists. What no tool reads stays as it
// is: such as the branch that a release was pushed to, or a message.

const (
	// minSaved is how many tokens a brief answer has to save: below, the whole one is
	// worth more.
	minSaved = 40
	// maxLeftOut is how many of the fields that are left out are named.
	maxLeftOut = 3
)

// telling are last words of names that say what an object is, where it is, or its state.
var telling = []string{
	"id", "uuid", "name", "label", "title", "email", "type", "kind", "url", "link", "domain", "path", "version", "sha",
	"status", "state", "active", "enabled", "valid", "claimed", "expires", "expired", "message", "warning", "error", "reason",
}

// isTelling tells whether a field of that name belongs to a brief answer.
func isTelling(name string) bool {
	words := text.Words(strings.TrimSuffix(name, "_at")) // expires_at, but not created_at
	return len(words) > 0 && slices.Contains(telling, words[len(words)-1])
}

// sentFields are the fields that a call sets, by plain name.
type sentFields map[string]sentFields

func plainName(name string) string { return strings.Join(text.Words(name), "") }

func (s sentFields) below(name string) sentFields {
	name = plainName(name)
	if s[name] == nil {
		s[name] = sentFields{}
	}
	return s[name]
}

func (s sentFields) learn(v *jsonvalue.Value) {
	for i, name := range v.Names {
		s.below(name).learn(&v.Parts[i])
	}
}

// sentBy reads the body of a call: its fields, or the paths of its patch.
func sentBy(call *tools.Call) sentFields {
	sent := sentFields{}
	body, err := jsonvalue.Parse(call.Request.Body)
	if err != nil {
		return sent
	}
	patch := body.Member("operations")
	if patch == nil || patch.Kind != jsonvalue.List {
		sent.learn(&body)
		if len(body.Parts) == 1 {
			sent.learn(&body.Parts[0]) // what is around it may be no part of the answer
		}
		return sent
	}
	for i := range patch.Parts {
		at := sent
		for _, name := range jsonvalue.Pointer(patch.Parts[i].Member("path").Str()) {
			at = at.below(name)
		}
		if value := patch.Parts[i].Member("value"); value != nil {
			at.learn(value)
		}
	}
	return sent
}

// briefer shortens the answer of one write.
type briefer struct {
	answer, reads tools.Answer
	counted       bool
	leftOut       []string
}

// brief shortens the answer of a write that another tool reads, and returns a note on
// what is left out, "" if it stays whole.
func brief(call *tools.Call, subject *jsonvalue.Value, o Options) string {
	if call.Tool.Hints.ReadOnly || o.Reader == nil || o.JSON || subject.Kind != jsonvalue.Object {
		return ""
	}
	b := briefer{answer: call.Tool.Answer, reads: o.Reader.Answer}
	object := subject
	if len(subject.Parts) == 1 && subject.Parts[0].Kind == jsonvalue.Object && !b.reads.Names(subject.Names[0]) {
		object = &subject.Parts[0] // the only thing in it
	}
	short := b.object(object, sentBy(call), "")
	note := b.note(call.Tool, o.Reader)
	if len(short.Parts) == 0 || Tokens(short.JSON()+note)+minSaved > Tokens(object.JSON()) {
		return ""
	}
	*object = short
	return note
}

// note says what a brief answer left out and how to get it.
func (b *briefer) note(t, reader *tools.Tool) string {
	var says []string
	if b.counted {
		says = append(says, "lists are counts")
	}
	if n := len(b.leftOut); n > maxLeftOut+1 {
		b.leftOut = append(b.leftOut[:maxLeftOut], fmt.Sprintf("%d more", n-maxLeftOut))
	}
	if len(b.leftOut) > 0 {
		says = append(says, "left out: "+strings.Join(b.leftOut, ", "))
	}
	rest := reader.Name + " shows all."
	if t.HasControl(tools.ArgFields) {
		rest = reader.Name + " shows all; fields chooses what a write shows."
	}
	return "In brief: " + strings.Join(says, "; ") + ". " + rest
}

// object returns what a brief answer has of the object at a path.
func (b *briefer) object(v *jsonvalue.Value, sent sentFields, at string) (kept jsonvalue.Value) {
	kept.Kind, kept.Untrusted = jsonvalue.Object, v.Untrusted
	for i, name := range v.Names {
		part := v.Parts[i]
		inner, set := sent[plainName(name)]
		switch onlyHere := at == "" && b.answer.Names(name) && !b.reads.Names(name); {
		case onlyHere, isOutcome(name), part.Kind == jsonvalue.List && reports(&part, true):
		case part.Kind == jsonvalue.List:
			b.counted = b.counted || len(part.Parts) > 0
			part = jsonvalue.Value{Kind: jsonvalue.Number, Text: strconv.Itoa(len(part.Parts))}
		case part.Kind == jsonvalue.Object && len(part.Parts) > 0 && (set || part.Member("id") != nil || reports(&part, false)):
			part = b.object(&part, inner, joinPath(at, name))
		case !set && (part.Kind == jsonvalue.Object || !isTelling(name)):
			b.leftOut = append(b.leftOut, joinPath(at, name))
			continue
		}
		kept.Names, kept.Parts = append(kept.Names, name), append(kept.Parts, part)
	}
	return kept
}

// briefItems returns the items that a write names, of all that it answers with, or all
// if they are few.
func briefItems(call *tools.Call, items []jsonvalue.Value, o Options) (named []jsonvalue.Value) {
	const few = 10
	body, err := jsonvalue.Parse(call.Request.Body)
	if call.Tool.Hints.ReadOnly || o.Reader == nil || o.JSON || len(items) <= few || err != nil {
		return items
	}
	ids := idsIn(&body, nil)
	for _, item := range items {
		if reports(&item, true) {
			return items
		}
		if slices.ContainsFunc(idsIn(&item, nil), func(id string) bool { return slices.Contains(ids, id) }) {
			named = append(named, item)
		}
	}
	return named
}

// idsIn adds the ids that a value holds.
func idsIn(v *jsonvalue.Value, ids []string) []string {
	for i := range v.Parts {
		if v.Kind == jsonvalue.Object && v.Parts[i].Str() != "" {
			if words := text.Words(v.Names[i]); len(words) > 0 && words[len(words)-1] == "id" {
				ids = append(ids, v.Parts[i].Text)
			}
			continue
		}
		ids = idsIn(&v.Parts[i], ids)
	}
	return ids
}
