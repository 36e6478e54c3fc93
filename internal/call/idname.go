package call

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// findIDs replaces e-mail addresses and names among the arguments that stand where
// an id belongs, if exactly one object has them, and says so in notes. A write needs
// a name in its exact case, and all of the list read. Otherwise a Result refuses the
// call and names the list to look at.
func (r *Runner) findIDs(ctx context.Context, client *retool.Client, b *tools.Binder, arguments []byte) (resolved []byte, notes []string, end *result.Result) {
	t := b.Tool()
	found, written := b.NamedIDs(ctx, arguments)
	if len(found) == 0 || r.ReadOnly && !t.Hints.ReadOnly { // a read-only server refuses it
		return arguments, nil, nil
	}
	for _, n := range found {
		n.Set(formOfID[n.Kind])
	}
	if _, err := r.bound(ctx, b, written()); err != nil { // something else is wrong, too
		return arguments, nil, nil
	}
	exactly := *r
	exactly.Results = r.Results.Exactly() // "Ops" is not "Ops" and something invisible
	l := exactly.lookup(client)
	l.writes = !t.Hints.ReadOnly
	var faults []string
	for _, n := range found {
		n.Set(n.Text)
		tool := l.listTool(n.Kind)
		if tool == nil {
			continue
		}
		matches := l.Find(ctx, n.Kind, n.Text)
		if n.Kind == "resource" {
			matches = l.withTaken(ctx, n, matches)
		}
		unread := len(l.Notes()) > 0
		switch {
		case len(matches) == 0 && unread: // nobody knows; Retool decides
		case len(matches) == 1 && (t.Hints.ReadOnly || matches[0].Exact && !unread):
			if id := matches[0].ID; id != n.Text {
				n.Set(id)
				notes = append(notes, fmt.Sprintf("%s: %s is %s.", n.At, quoted(n.Text), text.Clip(text.OneLine(id), maxShownID)))
			}
		default:
			faults = append(faults, fmt.Sprintf("%s: must be the id of %s %s, not %s; %s", n.At, article(n.Kind), n.Kind, quoted(n.Text), l.whereToLook(tool, n, matches)))
		}
	}
	if len(faults) > 0 {
		return nil, nil, &result.Result{
			Text: "Not sent: the arguments do not fit " + t.Name + ".\n- " + strings.Join(faults, "\n- "), IsError: true, Kind: result.BadArguments,
		}
	}
	slices.Sort(notes) // a question does not vary
	return written(), notes, nil
}

// withTaken adds to matches the object that Retool itself takes a name for.
func (l *lookup) withTaken(ctx context.Context, n tools.NamedID, matches []match) []match {
	if !l.get(ctx, n.Kind, n.Text) {
		return matches
	}
	taken := l.directory(n.Kind).byID[n.Text]
	matches = slices.DeleteFunc(matches, func(m match) bool { return m.ID == taken.IDs[0] || !m.Exact })
	return append(matches, match{taken.IDs[0], taken.Names[0], true})
}

// formOfID is a text that has the form of an id of a kind.
var formOfID = map[string]string{
	"user": "user_0", "group": "1", "folder": "app_1",
	"app": noUUID, "environment": noUUID, "role": noUUID, "workflow": noUUID, "resource": noUUID,
}

const noUUID = "00000000-0000-4000-8000-000000000000"

const maxShownID = 100 // bytes

func quoted(s string) string { return text.Quote(s, maxShownID) }

func article(noun string) string {
	if strings.ContainsAny(noun[:1], "aeio") {
		return "an"
	}
	return "a"
}

// whereToLook says what has the name, and the call that lists it.
func (l *lookup) whereToLook(list *tools.Tool, n tools.NamedID, matches []match) string {
	says := "none has that name"
	if n.Kind == "user" && l.writes && !strings.Contains(n.Text, "@") {
		says = "none has that id, and a write takes no name but an e-mail address"
	}
	if len(matches) == 1 {
		says = "only " + quoted(matches[0].Name) + " is like it"
	} else if len(matches) > 1 {
		says = fmt.Sprintf("%d have that name", len(matches))
	}
	if len(matches) > 0 {
		says += " ("
		for i, m := range matches[:min(len(matches), 5)] {
			if i > 0 {
				says += ", "
			}
			says += text.Clip(text.OneLine(m.ID), maxShownID)
		}
		says += ")"
	}
	call := map[string]string{}
	for _, name := range []string{"name_contains", "email"} {
		if takesQuery(list, name) && (name != "email" || strings.Contains(n.Text, "@")) {
			call = map[string]string{name: n.Text}
		}
	}
	i := slices.IndexFunc(l.r.served, func(t tools.Tool) bool { return t.Method == list.Method && t.Path == list.Path })
	if i < 0 {
		return says
	}
	encoded, _ := json.Marshal(call) // texts
	return fmt.Sprintf("%s: see %s %s", says, l.r.served[i].Name, encoded)
}
