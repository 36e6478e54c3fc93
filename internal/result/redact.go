package result

import (
	"strings"

	"github.com/retool-mcp/retool-mcp/tools"
)

// A redactor takes secrets out of an answer: the fields that the description
// calls secret, those whose name says so, wherever they stand, and what looks
// like one within a text. In the same walk it marks what people wrote.
type redactor struct {
	reveal  bool
	secrets *path
	free    *path
	names   map[string]bool // whether a field of that name holds a secret
}

func redactorFor(t *tools.Tool, reveal bool) *redactor {
	r := &redactor{reveal: reveal, secrets: &path{}, free: &path{}, names: map[string]bool{}}
	for _, p := range t.Secrets {
		field, flag := tools.SecretPath(p)
		r.secrets.add(field, flag)
	}
	for _, p := range t.Untrusted {
		if p == tools.AllUntrusted {
			r.free.end = true
			continue
		}
		r.free.add(p, "")
	}
	return r
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
	secret  bool   // all below is secret
	written bool   // all below was written by people
}

func (r *redactor) redact(v *value) { r.walk(v, &place{secrets: r.secrets, free: r.free}) }

func (r *redactor) walk(v *value, at *place) {
	at.written = at.written || at.free != nil && at.free.end
	at.secret = at.secret || r.declared(at) || r.named(at.name)
	switch v.kind {
	case objectKind:
		title := titleOf(v)
		var inner place // most members are plain values, which keep nothing of it
		for i := range v.parts {
			at.inside(&inner, v.names[i], v)
			inner.secrets, inner.free = at.secrets.field(inner.name), at.free.field(inner.name)
			if title != "" && inner.name == "value" && r.named(title) {
				inner.name, inner.secret = title, true
			}
			r.step(&v.parts[i], &inner)
		}
	case listKind:
		pair := len(v.parts) == 2 && v.parts[0].kind == textKind && r.named(v.parts[0].text)
		var inner place
		for i := range v.parts {
			at.inside(&inner, at.name, at.of)
			inner.secrets, inner.free = at.secrets.item(), at.free.item()
			if pair { // a header: its name, its value
				inner.secret, inner.name = i == 1, v.parts[0].text
				if i == 0 {
					inner.name, inner.secrets = "", nil
				}
			}
			r.step(&v.parts[i], &inner)
		}
	case textKind:
		v.free = at.written
		switch {
		case r.reveal || v.text == "" || v.text == encryptedOnServer:
		case at.secret:
			v.text, v.free = tools.Redacted(at.name), false
		default:
			v.text = scrub(v.text)
		}
	case numberKind:
		if at.secret && !r.reveal {
			v.kind, v.text = textKind, tools.Redacted(at.name)
		}
	}
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

// encryptedOnServer is what Retool itself shows in the place of a secret. It
// tells that there is one, and stays.
const encryptedOnServer = "---encrypted-on-server---"

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
		is = name != "" && len(name) <= maxName && tools.SecretName(name)
		r.names[name] = is
	}
	return is
}

// maxName is the length beyond which a text is no name of a field.
const maxName = 100

// titleOf is what the value of a pair is called, {"key": "X-Api-Key", "value": …}.
func titleOf(pair *value) string {
	if pair.member("value") == nil {
		return ""
	}
	if pointer := pair.member("path").string(); pointer != "" && pair.member("op") != nil { // JSON Patch
		return pointer[strings.LastIndexByte(pointer, '/')+1:]
	}
	for i, name := range pair.names {
		if (name == "key" || name == "name" || name == "header") && pair.parts[i].kind == textKind {
			return pair.parts[i].text
		}
	}
	return ""
}
