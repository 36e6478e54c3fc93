package redact

import (
	"cmp"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

// Rules say what one operation knows beyond the rules for everybody.
type Rules struct {
	// Secrets are the places that always hold a secret.
	Secrets []SecretPath
	// Shown are the places of secrets that the answer is for. They stay.
	Shown []string
	// Untrusted are the places of text that people wrote.
	Untrusted []string
	// Sent are the secrets that were sent. They are removed wherever they stand.
	Sent []string
	// Kept are texts that stay, but for what was sent, wherever they stand: what was
	// shown before.
	Kept []string
	// Reveal keeps all secrets but Sent.
	Reveal bool
}

// A Redactor replaces secrets in JSON: at the places its rules name, in fields
// whose names say so, and in texts that hold one. In the same pass it marks what
// people wrote. It is for one goroutine.
type Redactor struct {
	reveal    bool
	sent      *values
	kept      []string
	links     *values // tokens of the links that invite, in the value that is redacted
	secrets   *node
	untrusted *node
	names     map[string]name
	objects   map[*string][]name // by the first of the names, which the items of a list share
}

// New returns a redactor with the rules of one operation.
func New(rules Rules) *Redactor {
	r := &Redactor{reveal: rules.Reveal, sent: newValues(rules.Sent), kept: rules.Kept, secrets: &node{}, untrusted: &node{}, names: map[string]name{}, objects: map[*string][]name{}}
	for _, secret := range rules.Secrets {
		for _, path := range withAndWithoutEnvelope(secret.Path) {
			r.secrets.add(path, secret.Flag)
		}
	}
	for _, path := range rules.Shown {
		for _, path := range withAndWithoutEnvelope(path) {
			r.secrets.at(path).shown = true
		}
	}
	for _, path := range rules.Untrusted {
		if path == AllUntrusted {
			r.untrusted.end = true
			continue
		}
		for _, path := range withAndWithoutEnvelope(path) {
			r.untrusted.add(path, "")
		}
	}
	return r
}

// name is what a name says, read without what is invisible in it.
type name struct {
	visible                                      string
	secret, title, value, flag, connection, link bool
	path, verb                                   bool // of an operation of a JSON Patch
}

func (r *Redactor) nameOf(s string) name {
	known, ok := r.names[s]
	if !ok {
		v := text.RemoveInvisible(s)
		known = name{visible: v, secret: v != "" && SecretName(v), title: TitleName(v), value: ValueName(v), flag: FlagName(v), connection: isConnectionName(v)}
		known.path, known.verb = IsPatchPath(v), strings.EqualFold(v, "op")
		known.link = known.secret && (strings.HasSuffix(strings.ToLower(v), "link") || strings.HasSuffix(strings.ToLower(v), "links"))
		r.names[s] = known
	}
	return known
}

// namesOf is nameOf for the names of an object.
func (r *Redactor) namesOf(v *jsonvalue.Value) []name {
	if len(v.Names) == 0 {
		return nil
	}
	known := r.objects[&v.Names[0]]
	if len(known) != len(v.Names) {
		known = make([]name, len(v.Names))
		for i, s := range v.Names {
			known[i] = r.nameOf(s)
		}
		r.objects[&v.Names[0]] = known
	}
	return known
}

// place is the position of a value and what is known about it.
type place struct {
	name      string
	secrets   *node
	untrusted *node
	around    *place
	object    *jsonvalue.Value // the object around
	inList    bool
	secret    bool // everything below is secret
	written   bool // people wrote everything below
}

// Redact replaces the secrets in a value, and returns how many it found by their
// places and names.
func (r *Redactor) Redact(v *jsonvalue.Value) (found int) {
	if !r.reveal {
		if r.links = newValues(r.linkTokens(v, nil)); r.links != nil {
			r.links.marker = Marker("invite link")
		}
	}
	return r.walk(v, &place{secrets: r.secrets, untrusted: r.untrusted})
}

func (r *Redactor) walk(v *jsonvalue.Value, at *place) (found int) {
	at.written = at.written || at.untrusted != nil && at.untrusted.end
	shown := at.secrets != nil && at.secrets.shown
	at.secret = (at.secret || at.declared()) && !shown
	switch v.Kind {
	case jsonvalue.Object:
		return r.object(v, at)
	case jsonvalue.List:
		return r.list(v, at)
	case jsonvalue.Text:
		v.Untrusted = at.written
		switch {
		case v.Text == "" || v.Text == encryptedOnServer || namesReference(v.Text):
		case at.secret && !r.reveal && !slices.Contains(r.kept, v.Text):
			if shown, ok := r.connection(v.Text, at); ok {
				v.Text = shown
				return 1
			}
			v.Text, v.Untrusted = r.marker(at.name), false
			return 1
		default:
			v.Text = r.sent.remove(v.Text)
			if !r.reveal && !shown {
				v.Text = r.text(v.Text)
			}
		}
	case jsonvalue.Number:
		if at.secret && !r.reveal {
			v.Kind, v.Text = jsonvalue.Text, r.marker(at.name)
			return 1
		}
		if shown := r.sent.remove(v.Text); shown != v.Text {
			v.Kind, v.Text = jsonvalue.Text, shown
		}
	}
	return 0
}

// text replaces the secrets in a text around what is kept of it.
func (r *Redactor) text(s string) string {
	for _, kept := range r.kept {
		if before, after, found := strings.Cut(s, kept); found && kept != "" {
			return r.text(before) + kept + r.text(after)
		}
	}
	return r.links.remove(redactText(s))
}

// linkTokens returns what the links that invite end in, which other texts may repeat.
func (r *Redactor) linkTokens(v *jsonvalue.Value, tokens []string) []string {
	for i := range v.Parts {
		part := &v.Parts[i]
		if part.Kind != jsonvalue.Text {
			tokens = r.linkTokens(part, tokens)
		} else if v.Kind == jsonvalue.Object && strings.Contains(part.Text, "://") && !slices.Contains(r.kept, part.Text) && r.nameOf(v.Names[i]).link {
			end := strings.TrimRight(part.Text, "/")
			if token := unescaped(end[strings.LastIndexAny(end, "/=")+1:]); len(token) >= 8 && looksGenerated(token) {
				tokens = append(tokens, token)
			}
		}
	}
	return tokens
}

// connection is what is shown of a secret that is a connection string, by its name and
// by its form.
func (r *Redactor) connection(s string, at *place) (shown string, ok bool) {
	if !r.nameOf(at.name).connection {
		return "", false
	}
	shown, ok = connectionString(r.sent.remove(s))
	return redactText(shown), ok
}

func (r *Redactor) object(v *jsonvalue.Value, at *place) (found int) {
	v.Untrusted = at.written && len(v.Names) > 0 && !r.untrusted.end // people may have written the names as well
	names, title := r.namesOf(v), ""
	if slices.ContainsFunc(names, func(n name) bool { return n.value }) {
		title = r.titleOf(v, names)
	}
	pointed := r.pointed(v, names)
	r.removeFromNames(v)
	var inner place
	for i := range names {
		known := &names[i]
		inner = place{
			name: v.Names[i], around: at, object: v, written: at.written, secret: at.secret || known.secret,
			secrets: at.secrets.member(known.visible), untrusted: at.untrusted.member(known.visible),
		}
		if pointed != nil && IsPatched(known.visible, pointed.verb) {
			inner.name, inner.inList, inner.secrets = cmp.Or(pointed.name, inner.name), pointed.inList, pointed.secrets
			inner.secret = inner.secret || pointed.secret
		}
		if title != "" && known.value && simple(&v.Parts[i]) {
			inner.name, inner.secret = title, true
		}
		found += r.walk(&v.Parts[i], &inner)
	}
	return found
}

// pointed is the place that the path of an operation of a JSON Patch leads to, nil if the
// object is none.
func (r *Redactor) pointed(v *jsonvalue.Value, names []name) (to *pointedPlace) {
	verb := slices.ContainsFunc(names, func(n name) bool { return n.verb })
	if !verb && !slices.ContainsFunc(names, func(n name) bool { return n.value }) {
		return nil
	}
	for i := range names {
		if !names[i].path || v.Parts[i].Kind != jsonvalue.Text {
			continue
		}
		if to == nil {
			to = &pointedPlace{verb: verb}
		}
		p := ReadPointer(v.Parts[i].Text)
		rules, declared := r.secrets.follow(p.Steps)
		to.secret = to.secret || p.Secret || declared
		if strings.EqualFold(names[i].visible, "path") {
			to.name, to.secrets = p.Name, rules
			to.inList = len(p.Steps) > 0 && p.Steps[len(p.Steps)-1] == "[]"
		}
	}
	return to
}

type pointedPlace struct {
	place
	verb bool // it is an operation
}

// list redacts the items of a list. A pair within a list is a header: its name,
// its value.
func (r *Redactor) list(v *jsonvalue.Value, at *place) (found int) {
	pair := at.inList && isPair(v) && r.nameOf(v.Parts[0].Text).secret
	var inner place
	for i := range v.Parts {
		inner = place{
			name: at.name, around: at, object: at.object, written: at.written, secret: at.secret, inList: true,
			secrets: at.secrets.item(), untrusted: at.untrusted.item(),
		}
		switch {
		case pair && i == 0 && !at.secret:
			inner.name, inner.secrets = "", nil
		case pair && i == 1:
			inner.secret, inner.name = true, v.Parts[0].Text
		}
		found += r.walk(&v.Parts[i], &inner)
	}
	return found
}

// marker is what replaces the value of a field.
func (r *Redactor) marker(name string) string {
	if r.sent.remove(name) != name || name == Marker(argument) {
		return Marker(argument)
	}
	return Marker(name)
}

// removeFromNames removes what was sent from the names of an object. Other objects
// may share them.
func (r *Redactor) removeFromNames(v *jsonvalue.Value) {
	if r.sent == nil {
		return
	}
	names := slices.Clone(v.Names)
	for i := range names {
		names[i] = r.sent.remove(names[i])
	}
	v.Names = names
}

// isPair tells whether a list may be a name and its value, and perhaps a flag that
// says whether the pair is in use.
func isPair(v *jsonvalue.Value) bool {
	n := len(v.Parts)
	return (n == 2 || n == 3 && (v.Parts[2].Kind == jsonvalue.True || v.Parts[2].Kind == jsonvalue.False)) && v.Parts[0].Kind == jsonvalue.Text
}

// simple tells whether a value is a scalar, or a list of scalars.
func simple(v *jsonvalue.Value) bool {
	return v.Scalar() || v.Kind == jsonvalue.List && !slices.ContainsFunc(v.Parts, func(part jsonvalue.Value) bool { return !part.Scalar() })
}

// namesReference tells whether a text is nothing but a reference to a secret,
// which is not a secret itself.
func namesReference(s string) bool {
	return (strings.HasPrefix(s, "${env:") || strings.HasPrefix(s, "${file:")) && strings.IndexByte(s, '}') == len(s)-1
}

// declared tells whether the rules call a place secret and no flag says that it
// is not.
func (at *place) declared() bool {
	if at.secrets == nil || !at.secrets.end {
		return false
	}
	if at.secrets.flag == "" {
		return true
	}
	for a := at; a != nil; a = a.around {
		if flag := a.object.Member(at.secrets.flag); flag != nil {
			return flag.Kind != jsonvalue.False
		}
	}
	return true
}

// titleOf returns what the value of a pair is called, if that makes it a secret.
func (r *Redactor) titleOf(pair *jsonvalue.Value, names []name) string {
	title := ""
	for i := range names {
		part, known := &pair.Parts[i], &names[i]
		switch {
		case known.flag && part.Kind == jsonvalue.False:
			return "" // the flag counts
		case known.flag && part.Kind == jsonvalue.True:
			title = pair.Names[i]
		case known.title && part.Kind == jsonvalue.Text && r.nameOf(part.Text).secret:
			title = part.Text
		}
	}
	return title
}
