package result

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"unicode/utf8"
	"unsafe"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// value is a JSON value, read once: numbers as they were written, members in
// their order, every text cleaned of what cannot be seen.
type value struct {
	kind  jsontext.Kind
	free  bool     // people wrote it, and may have written anything
	text  string   // a number's digits, a string's characters, the JSON of what is raw
	names []string // of an object's members, one for each of parts
	parts []value  // of an object or a list
}

// Kinds of value, as jsontext has them. Raw is JSON that is written already.
const (
	nullKind   = jsontext.Kind('n')
	numberKind = jsontext.Kind('0')
	textKind   = jsontext.Kind('"')
	objectKind = jsontext.Kind('{')
	listKind   = jsontext.Kind('[')
	rawKind    = jsontext.Kind('r')
)

// compact is how answers are read and written: white space gone, and no character
// escaped that JSON allows as it is.
var compact = []jsontext.Options{jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)}

var errMore = errors.New("more text follows the answer")

// asText is a text that shares its memory with bytes which nobody changes any
// more. Pages are long, and copying one is a good part of what it costs.
func asText(written []byte) string {
	return unsafe.String(unsafe.SliceData(written), len(written)) //nolint:gosec // see above
}

// parse reads a body, which must not change as long as the value is in use.
func parse(body []byte) (v value, err error) {
	p := parser{dec: jsontext.NewDecoder(bytes.NewBuffer(body), compact...), text: asText(body)}
	if err := p.value(&v, nil); err != nil {
		return value{}, err
	}
	if _, err := p.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return value{}, errMore
	}
	return v, nil
}

// parser reads values whose texts are cut from the body, where that can be.
type parser struct {
	dec  *jsontext.Decoder
	text string
}

// value reads a value into v. Like is the one before it in its list, if there is
// one.
func (p *parser) value(v, like *value) (err error) {
	v.kind = p.dec.PeekKind()
	switch v.kind {
	case objectKind:
		if _, err = p.dec.ReadToken(); err == nil {
			err = p.members(v, like)
		}
	case listKind:
		if _, err = p.dec.ReadToken(); err == nil {
			err = p.items(v)
		}
	default:
		v.text, err = p.scalar(v.kind)
	}
	return err
}

func (p *parser) items(v *value) error {
	begin, outer := p.dec.InputOffset(), p.dec.StackDepth() <= 2
	for n := 0; p.dec.PeekKind() != ']'; n++ {
		if n == 1 && outer { // the list of the answer: the others are about as long as the first
			at := p.dec.InputOffset()
			v.parts = slices.Grow(v.parts, min(int((int64(len(p.text))-at)/max(at-begin, 1)), mostExpected))
		}
		v.parts = append(v.parts, value{})
		var like *value
		if n > 0 {
			like = &v.parts[n-1]
		}
		if err := p.value(&v.parts[n], like); err != nil {
			return err
		}
	}
	_, err := p.dec.ReadToken()
	return err
}

// mostExpected is for how many items at most room is made before they are read.
const mostExpected = 1000

// members reads an object. Len of a list mostly have the same names, and then
// share them.
func (p *parser) members(v, like *value) error {
	if like == nil || like.kind != objectKind {
		like = &value{}
	}
	v.parts = make([]value, 0, len(like.names))
	shared := true // so far the names are those of like
	for p.dec.PeekKind() != '}' {
		name, err := p.scalar(textKind)
		if err != nil {
			return err
		}
		n := len(v.parts)
		var inner *value
		if shared && n < len(like.names) && like.names[n] == name {
			inner = &like.parts[n]
		} else if shared {
			shared, v.names = false, slices.Clone(like.names[:n])
		}
		v.parts = append(v.parts, value{})
		if err := p.member(&v.parts[n], name, inner); err != nil {
			return err
		}
		if shared {
			continue
		}
		if i := slices.Index(v.names, name); i >= 0 { // of two the later one counts
			v.parts[i], v.parts = v.parts[n], v.parts[:n]
			continue
		}
		v.names = append(v.names, name)
	}
	if shared {
		v.names = like.names[:len(v.parts):len(v.parts)]
	}
	_, err := p.dec.ReadToken()
	return err
}

// member reads what an object has under a name. A token of the API is opaque:
// what cannot be seen in it counts, and stays.
func (p *parser) member(v *value, name string, like *value) error {
	if name != "next_token" && name != "next" || p.dec.StackDepth() > 1 || p.dec.PeekKind() != textKind {
		return p.value(v, like)
	}
	written, err := p.dec.ReadValue()
	if err != nil {
		return err
	}
	unquoted, _ := jsontext.AppendUnquote(nil, written) // what is no UTF-8 was replaced
	v.kind, v.text = textKind, string(unquoted)
	return nil
}

func (p *parser) scalar(kind jsontext.Kind) (string, error) {
	written, err := p.dec.ReadValue()
	if err != nil {
		return "", err
	}
	end := int(p.dec.InputOffset())
	if kind != textKind {
		return p.text[end-len(written) : end], nil
	}
	if visible(written[1 : len(written)-1]) {
		return p.text[end-len(written)+1 : end-1], nil
	}
	unquoted, err := jsontext.AppendUnquote(nil, written)
	if err != nil && !utf8.Valid(written) {
		err = nil // what is no UTF-8 was replaced
	}
	return text.RemoveInvisible(string(unquoted)), err
}

// visible tells whether a string's characters stand in its JSON as they are, and
// all can be seen.
func visible(written []byte) bool {
	for _, c := range written {
		if c < ' ' || c == '\\' || c >= 0x7f {
			return false
		}
	}
	return true
}

func (v *value) appendJSON(out []byte) []byte {
	switch v.kind {
	case objectKind:
		out = append(out, '{')
		for i := range v.parts {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(appendQuote(out, v.names[i]), ':')
			out = v.parts[i].appendJSON(out)
		}
		return append(out, '}')
	case listKind:
		out = append(out, '[')
		for i := range v.parts {
			if i > 0 {
				out = append(out, ',')
			}
			out = v.parts[i].appendJSON(out)
		}
		return append(out, ']')
	case textKind:
		return appendQuote(out, v.text)
	default:
		return append(out, v.text...)
	}
}

func (v *value) json() string { return string(v.appendJSON(nil)) }

func appendQuote(out []byte, s string) []byte {
	out, _ = jsontext.AppendQuote(out, s) // the error tells of invalid UTF-8, which is replaced
	return out
}

// member is a member of an object, or nil.
func (v *value) member(name string) *value {
	if v == nil || v.kind != objectKind {
		return nil
	}
	if i := slices.Index(v.names, name); i >= 0 {
		return &v.parts[i]
	}
	return nil
}

// drop takes a member out of an object. Others may share its names.
func (v *value) drop(name string) {
	if i := slices.Index(v.names, name); i >= 0 && v.kind == objectKind {
		v.names, v.parts = slices.Concat(v.names[:i], v.names[i+1:]), slices.Delete(v.parts, i, i+1)
	}
}

func (v *value) scalar() bool { return v.kind != objectKind && v.kind != listKind }

// written tells whether people wrote any of it.
func (v *value) written() bool {
	if v.free && (v.kind == objectKind || v.kind == textKind && v.text != "") {
		return true
	}
	for i := range v.parts {
		if v.parts[i].written() {
			return true
		}
	}
	return false
}
