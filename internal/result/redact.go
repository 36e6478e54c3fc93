package result

import (
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/redact"
	"github.com/retool-mcp/retool-mcp/tools"
)

// A redactor takes secrets out of an answer: the fields that the description
// calls secret, those whose name says so, wherever they stand, and what looks
// like one within a text. In the same walk it marks what people wrote.
type redactor struct {
	reveal  bool
	used    redact.Values
	hits    int // how many secrets were found by their places
	secrets *path
	free    *path
	names   map[string]bool // whether a field of that name holds a secret
	layouts map[layoutKey]*layout
}

func redactorFor(t *tools.Tool, o Options) *redactor {
	r := &redactor{reveal: o.Reveal, used: redact.NewValues(o.SentSecrets), secrets: &path{}, free: &path{}, names: map[string]bool{}, layouts: map[layoutKey]*layout{}}
	for _, p := range t.Secrets {
		for _, form := range forms(p.Path) {
			r.secrets.add(form, p.Flag)
		}
	}
	for _, p := range t.Untrusted {
		if p == tools.AllUntrusted {
			r.free.end = true
			continue
		}
		for _, form := range forms(p) {
			r.free.add(form, "")
		}
	}
	return r
}

// forms are a path with the envelope and without: instances send either.
func forms(path string) []string {
	if bare, ok := strings.CutPrefix(path, "data"); ok && bare != "" {
		return []string{path, strings.TrimPrefix(bare, ".")}
	}
	return []string{path, "data." + path}
}

// path is a tree of paths such as "data[].values[].value".
type path struct {
	fields map[string]*path
	each   *path
	end    bool
	flag   string
}

func (p *path) add(at, flag string) {
	for step := range strings.SplitSeq(at, ".") {
		name := strings.TrimRight(step, "[]")
		if name != "" {
			if p.fields == nil {
				p.fields = map[string]*path{}
			}
			if p.fields[name] == nil {
				p.fields[name] = &path{}
			}
			p = p.fields[name]
		}
		for range strings.Count(step, "[]") {
			if p.each == nil {
				p.each = &path{}
			}
			p = p.each
		}
	}
	p.end, p.flag = true, flag
}

func (p *path) field(name string) *path {
	if p == nil {
		return nil
	}
	return p.fields[name]
}

func (p *path) item() *path {
	if p == nil {
		return nil
	}
	return p.each
}

// place is where a walk through an answer is.
type place struct {
	name    string
	secrets *path
	free    *path
	around  *place
	of      *value // the object around
	inList  bool
	secret  bool // all below is secret
	written bool // all below was written by people
	// handedOut says that a link below is made to be handed out, with its token.
	handedOut bool
}

func (r *redactor) redact(v *value) { r.walk(v, &place{secrets: r.secrets, free: r.free}) }

func (r *redactor) walk(v *value, at *place) {
	at.written = at.written || at.free != nil && at.free.end
	at.secret = at.secret || r.declared(at)
	switch v.kind {
	case objectKind:
		v.free = at.written && len(v.names) > 0 && !r.free.end // its names may be people's as well
		known := r.layoutOf(v.names, at)
		title := ""
		if known.pair {
			title = r.titleOf(v)
		}
		r.rename(v)
		var inner place // most members are plain values, which keep nothing of it
		for i := range v.parts {
			m := &known.members[i]
			at.inside(&inner, v.names[i], v)
			inner.secrets, inner.free, inner.handedOut = m.secrets, m.free, m.handedOut
			inner.secret = inner.secret || m.secret
			if title != "" && m.value && v.parts[i].simple() {
				inner.name, inner.secret = title, true
			}
			r.step(&v.parts[i], &inner)
		}
	case listKind:
		// A pair within a list is a header: its name, its value.
		pair := at.inList && v.pair() && r.named(v.parts[0].text)
		var inner place
		for i := range v.parts {
			at.inside(&inner, at.name, at.of)
			inner.inList, inner.handedOut = true, at.handedOut
			inner.secrets, inner.free = at.secrets.item(), at.free.item()
			switch {
			case pair && i == 0 && !at.secret:
				inner.name, inner.secrets = "", nil
			case pair && i == 1:
				inner.secret, inner.name = true, v.parts[0].text
			}
			r.step(&v.parts[i], &inner)
		}
	case textKind:
		v.free = at.written
		switch {
		case v.text == "" || v.text == redact.EncryptedOnServer || namesSecret(v.text):
		case at.secret && !r.reveal:
			v.text, v.free = r.hidden(at.name), false
		default:
			v.text = r.used.Remove(v.text)
			if !r.reveal && !at.handedOut {
				v.text = redact.Text(v.text)
			}
		}
	case numberKind:
		switch {
		case at.secret && !r.reveal:
			v.kind, v.text = textKind, r.hidden(at.name)
		case r.used != nil && r.used.Remove(v.text) != v.text:
			v.kind, v.text = textKind, r.used.Remove(v.text)
		}
	}
}

// hidden is what stands in the place of a secret.
func (r *redactor) hidden(name string) string {
	r.hits++
	return redact.Marker(r.used.Remove(name))
}

// rename takes what was sent out of the names of an object. Others may share them.
func (r *redactor) rename(v *value) {
	if r.used == nil {
		return
	}
	names := slices.Clone(v.names)
	for i := range names {
		names[i] = r.used.Remove(names[i])
	}
	if !slices.Equal(names, v.names) {
		v.names = names
	}
}

// pair tells whether a list may be a name and its value, with a flag behind them
// perhaps that says whether the pair is in use.
func (v *value) pair() bool {
	n := len(v.parts)
	return (n == 2 || n == 3 && (v.parts[2].kind == 't' || v.parts[2].kind == 'f')) && v.parts[0].kind == textKind
}

// step walks into a part. What is below may look back at all around it.
func (r *redactor) step(v *value, at *place) {
	if v.scalar() {
		r.walk(v, at)
		return
	}
	kept := *at
	r.walk(v, &kept)
}

// inside is the place of a part.
func (at *place) inside(inner *place, name string, of *value) {
	*inner = place{name: name, around: at, of: of, secret: at.secret, written: at.written}
}

// namesSecret tells whether a text is nothing but the name of a secret, which is
// none itself.
func namesSecret(s string) bool {
	return (strings.HasPrefix(s, "${env:") || strings.HasPrefix(s, "${file:")) && strings.IndexByte(s, '}') == len(s)-1
}

// declared tells whether the description calls a place secret. A flag that says
// that it is none is believed.
func (r *redactor) declared(at *place) bool {
	if at.secrets == nil || !at.secrets.end {
		return false
	}
	if at.secrets.flag == "" {
		return true
	}
	for a := at; a != nil; a = a.around {
		if flag := a.of.member(at.secrets.flag); flag != nil {
			return flag.kind != 'f'
		}
	}
	return true
}

func (r *redactor) named(name string) bool {
	is, ok := r.names[name]
	if !ok {
		is = name != "" && redact.SecretName(name)
		r.names[name] = is
	}
	return is
}

// titleOf is what the value of a pair is called, where that makes it a secret.
func (r *redactor) titleOf(pair *value) string {
	title := ""
	for i, name := range pair.names {
		part := &pair.parts[i]
		switch {
		case redact.FlagName(name) && part.kind == 'f':
			return "" // who says that it is none is believed
		case redact.FlagName(name) && part.kind == 't', redact.TitleName(name) && part.kind == textKind && r.named(part.text):
			title = part.text
			if part.kind == 't' {
				title = name
			}
		}
	}
	return title
}

// simple tells whether a value is plain, or a list of plain values.
func (v *value) simple() bool {
	return v.scalar() || v.kind == listKind && !slices.ContainsFunc(v.parts, func(part value) bool { return !part.scalar() })
}
