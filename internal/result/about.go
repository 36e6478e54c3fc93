package result

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/redact"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// About is what a write is about: the objects by name, and what it would change.
type About struct {
	call   *tools.Call
	tool   *tools.Tool // whose question is asked
	before *Current    // nil if nothing reads it
	names  NameOf
	facts  []string

	current *jsonvalue.Value // the object, nil if it could not be read
	unread  *Result          // why
	part    *jsonvalue.Value // of the object, that the path leads to
	parts   bool             // the object has such parts
	body    jsonvalue.Value  // what is sent, without secrets
	bare    bool             // objects go by name alone
}

// NewAbout reads what a call would do from its arguments and the current state.
// Facts are what else is known of its effect.
func NewAbout(call *tools.Call, before *Current, names NameOf, facts []string, o Options) *About {
	a := &About{call: call, tool: call.Tool, before: before, names: names, facts: facts, body: bodyOf(call)}
	if before == nil {
		return a
	}
	if a.current, a.unread = before.read(o); a.current == nil {
		return a
	}
	a.part, a.parts = before.below(a.current)
	if before.Whole {
		a.body = alike(a.body, a.current)
	}
	if field, ok := turnsOff[tools.OperationKey(call.Tool.Method, call.Tool.Path)]; ok {
		a.body = jsonvalue.Value{Kind: jsonvalue.Object, Names: []string{field}, Parts: []jsonvalue.Value{{Kind: jsonvalue.False, Text: "false"}}}
	}
	return a
}

// As makes the question that of another tool, which does the same.
func (a *About) As(t *tools.Tool) { a.tool = t }

// Core returns it without names and counts, which are looked up elsewhere.
func (a *About) Core() *About {
	core := *a
	core.names, core.facts = nil, nil
	return &core
}

// Unread tells whether the current state is there and could not be read.
func (a *About) Unread() bool {
	return a.before != nil && a.before.Failed != nil && !a.before.missing()
}

// turnsOff are operations without a body that only set a field of the object to false.
var turnsOff = map[string]string{"DELETE /users/{}": "active"}

// bodyOf is what the arguments put into the body, with secrets redacted.
func bodyOf(call *tools.Call) jsonvalue.Value {
	body := jsonvalue.Value{Kind: jsonvalue.Object}
	arguments, err := jsonvalue.Parse(RedactedArguments(call))
	if err != nil {
		return body
	}
	for _, arg := range call.Tool.Args {
		v := arguments.Member(arg.Name)
		switch {
		case v == nil:
		case arg.In == tools.WholeBody && v.Kind == jsonvalue.Object:
			return *v
		case arg.In == tools.InBody, arg.In == tools.WholeBody, arg.In == tools.FilePart:
			body.Names, body.Parts = append(body.Names, arg.WireName), append(body.Parts, *v)
		}
	}
	return body
}

// alike drops what is around the fields of a body, {"settings": {…}}, where the
// object that it replaces has the fields themselves.
func alike(body jsonvalue.Value, current *jsonvalue.Value) jsonvalue.Value {
	shared := func(v *jsonvalue.Value) (n int) {
		for _, name := range v.Names {
			if current.Member(name) != nil {
				n++
			}
		}
		return n
	}
	if len(body.Parts) == 1 && body.Parts[0].Kind == jsonvalue.Object && shared(&body.Parts[0]) > shared(&body) {
		return body.Parts[0]
	}
	return body
}

// objects are those that the call names, and what is known of its effect, one a line.
func (a *About) objects() (lines []string) {
	of := "" // the id of the object that was read
	if a.before != nil {
		of = a.before.ID()
	}
	for arg, id := range a.call.PathArguments() {
		kind := cmp.Or(arg.IDs, a.typed(arg.Name))
		line := cmp.Or(kind, withoutID(arg.Name)) + ": "
		switch {
		case of == id && a.current != nil:
			line += a.object(kind, id, a.current)
		case of == id && a.before.missing():
			line += text.Name(id) + ", which Retool does not find"
		case of == id && a.unread != nil:
			line += text.Name(id) + ", which could not be read"
		case a.part != nil && a.part.Scalar() && !a.bare:
			line += text.Quote(id, maxNameShown) + ", now " + clipped(a.part)
		case a.part != nil && slices.Contains(a.before.Below, id):
			line += a.object(kind, id, a.part)
		case a.parts && slices.Contains(a.before.Below, id):
			line += a.named(kind, id, nil) + ", not among the " + strings.ReplaceAll(a.before.Below[0], "_", " ") + " now"
		default:
			line += a.named(kind, id, nil)
		}
		lines = append(lines, sentence(line))
		if of == id {
			of = ""
		}
	}
	switch {
	case a.current == nil:
	case of != "": // the body names it
		kind := ""
		for arg := range a.before.Call.PathArguments() {
			kind = arg.IDs
		}
		lines = append(lines, sentence(cmp.Or(kind, "object"))+": "+a.object(kind, of, a.current))
	case len(lines) == 0 && len(a.body.Parts) == 0 && !a.bare:
		lines = append(lines, "Now: "+strings.Join(some(a.current, nil), ", "))
	}
	if a.current != nil && len(namedOf(a.current).Names) == 0 {
		lines = append(lines, a.referencesIn(a.current)...)
	}
	return slices.Concat(lines, a.referencesIn(&a.body), a.facts)
}

// typed is the kind of an id that an argument beside it tells: elementType that of
// elementUuid.
func (a *About) typed(name string) string {
	of := withoutID(name)
	for _, arg := range a.call.Tool.Args {
		if texts := a.call.Texts(arg.Name); inWords(arg.Name) == of+" type" && len(texts) == 1 {
			return tools.KindOfType(texts[0])
		}
	}
	return ""
}

// withoutID is a name in words: attributeName is an attribute name, groupId a group.
func withoutID(name string) string {
	if kind := kindOfID(name); kind != "" {
		return kind
	}
	return inWords(name)
}

// inWords is a name as a label.
func inWords(name string) string {
	if words := strings.Join(text.Words(name), " "); words != "" {
		return text.ClipEscaped(words, maxNameShown)
	}
	return text.Quote(name, maxNameShown)
}

// sentence begins with a capital letter.
func sentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

// named is an id with the name of its object, if it is known: "Operations" (9).
func (a *About) named(kind, id string, v *jsonvalue.Value) string {
	name := ""
	if v != nil {
		if names := namedOf(v).Names; len(names) > 0 {
			name = names[0]
		}
	}
	if name == "" && v == nil && a.names != nil {
		name = a.names(kind, id)
	}
	switch shown := text.Name(id); {
	case name == "" || name == id:
		return shown
	case id == "":
		return text.Quote(name, maxNameShown)
	default:
		return text.Quote(name, maxNameShown) + " (" + shown + ")"
	}
}

// object is an object with what matters of its state.
func (a *About) object(kind, id string, v *jsonvalue.Value) string {
	facts := []string{a.named(kind, id, v)}
	if len(namedOf(v).Names) == 0 && v != a.current { // a part may be an object of its own
		facts[0] = a.named(kind, id, nil)
	}
	if a.bare {
		return facts[0]
	}
	if len(namedOf(v).Names) == 0 {
		_, taken := a.references(v)
		for i, name := range v.Names {
			if v.Parts[i].Str() == id { // that is said
				taken = append(taken, name)
			}
		}
		return strings.Join(append(facts, some(v, taken)...), ", ")
	}
	for i, name := range v.Names {
		part, words := &v.Parts[i], inWords(name)
		switch {
		case part.Kind == jsonvalue.List && len(part.Parts) == 1:
			facts = append(facts, "1 "+strings.TrimSuffix(words, "s"))
		case part.Kind == jsonvalue.List && len(part.Parts) > 1:
			facts = append(facts, fmt.Sprintf("%d %s", len(part.Parts), words))
		case name == "two_factor_auth_enabled" && strings.Contains(a.tool.Title, "two-factor"): // else it does not matter
			facts = append(facts, map[bool]string{true: "with", false: "without"}[part.Kind == jsonvalue.True]+" two-factor authentication")
		case !slices.Contains(notable, name):
		case part.Kind == jsonvalue.True:
			facts = append(facts, strings.TrimPrefix(words, "is "))
		case part.Kind == jsonvalue.False && slices.Contains(switches, name):
			facts = append(facts, "disabled")
		case part.Kind == jsonvalue.Text:
			facts = append(facts, words+" "+clipped(part))
		}
	}
	return strings.Join(facts, ", ")
}

// notable are fields that tell what an object is or whether it is in use, also
// where it is not if they are switches.
var (
	notable = append([]string{
		"is_admin", "is_group_admin", "type", "folder_type", "default", "is_default_role", "is_system_folder", "protected", "status", "secret",
	}, switches...)
	switches = []string{"active", "is_enabled", "enabled"}
)

// some are a few values of an object that has no name, without the members that
// are told elsewhere.
func some(v *jsonvalue.Value, without []string) (facts []string) {
	const most = 4
	var look func(at string, v *jsonvalue.Value)
	look = func(at string, v *jsonvalue.Value) {
		for i, name := range v.Names {
			part, path := &v.Parts[i], join(at, name)
			switch {
			case len(facts) == most || slices.Contains(setByRetool, name) || part.Kind == jsonvalue.Null || kindOfID(name) != "" || at == "" && slices.Contains(without, name), slices.Contains(without, strings.TrimSuffix(name, "_name")+"_id"):
			case part.Kind == jsonvalue.Object && at == "":
				look(path, part)
			case part.Scalar() && !redact.HasMarker(part.Text):
				facts = append(facts, path+" "+clipped(part))
			}
		}
	}
	look("", v)
	return facts
}

func clipped(v *jsonvalue.Value) string { return shortened(v, maxNameShown) }

func (a *About) referencesIn(v *jsonvalue.Value) []string {
	lines, _ := a.references(v)
	return lines
}

// references are what an object says of others: {type, id} or x_type and x_id, or
// x_id alone. Taken are the members that say it.
func (a *About) references(v *jsonvalue.Value) (lines, taken []string) {
	add := func(label, kind string, id *jsonvalue.Value, with string, members ...string) {
		if s := id.Str(); s != "" {
			if kind != "" {
				with = text.Name(kind) + " " + a.named(strings.ReplaceAll(kind, "_", " "), s, nil) + with
			}
			lines, taken = append(lines, sentence(label)+": "+with), append(taken, members...)
		}
	}
	for i, name := range v.Names {
		part, label := &v.Parts[i], inWords(name)
		prefix, isType := strings.CutSuffix(name, "_type")
		switch {
		case part.Kind == jsonvalue.Object && part.Member("id") != nil && len(namedOf(part).Names) > 0:
			add(label, "", part.Member("id"), a.named("", part.Member("id").Str(), part), name)
		case part.Kind == jsonvalue.Object && part.Member("type").Str() != "" && part.Member("id") != nil:
			within := ""
			if app := part.Member("appId").Str(); app != "" { // of a screen
				within = " of app " + a.named("app", app, nil)
			}
			add(label, part.Member("type").Str(), part.Member("id"), within, name)
		case isType && v.Member(prefix+"_id") != nil:
			add(inWords(prefix), part.Str(), v.Member(prefix+"_id"), "", name, prefix+"_id")
		case part.Scalar() && kindOfID(name) != "" && v.Member(strings.TrimSuffix(name, "_id")+"_type") == nil:
			kind := kindOfID(name)
			if a.names != nil && a.names(kind, part.Str()) != "" {
				add(kind, "", part, a.named(kind, part.Str(), nil), name)
			}
		}
	}
	return lines, taken
}

// OnlyAdds tells whether a replacement loses nothing that is there.
func (a *About) OnlyAdds() bool {
	put := a.call.Tool.Method == "PUT"
	switch {
	case a.before == nil || !a.before.Whole || !put && a.call.Tool.Method != "POST":
		return false
	case a.current == nil:
		return a.before.missing()
	case !put || len(a.omitted()) > 0:
		return false
	}
	for i, name := range a.body.Names {
		if c := compare(nil, limits{}, name, a.current.Member(name), &a.body.Parts[i]); c.loses {
			return false
		}
	}
	return true
}
