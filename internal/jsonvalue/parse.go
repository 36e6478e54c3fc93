package jsonvalue

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

var errMoreText = errors.New("more text follows the JSON value")

// Parse reads a body, which must not change as long as the value is in use. Of
// two members with one name the later one counts; invalid UTF-8 is replaced.
func Parse(body []byte) (Value, error) { return parse(body, false, nil) }

// ParseVisible is Parse without invisible characters in names and texts, except
// in the texts of members of the outer object that are opaque.
func ParseVisible(body []byte, opaque ...string) (Value, error) { return parse(body, true, opaque) }

func parse(body []byte, visible bool, opaque []string) (v Value, err error) {
	p := parser{
		dec:     jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)),
		text:    Shared(body),
		visible: visible,
		opaque:  opaque,
	}
	if err := p.value(&v, &none); err != nil {
		return Value{}, err
	}
	if _, err := p.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return Value{}, errMoreText
	}
	return v, nil
}

// parser cuts texts from the body if it can.
type parser struct {
	dec     *jsontext.Decoder
	text    string
	visible bool
	opaque  []string
}

// none is like no other value.
var none Value

// value reads a value into v. Like is the one before it in its list: mostly an
// object with the same names, which are then shared.
func (p *parser) value(v, like *Value) (err error) {
	switch v.Kind = p.dec.PeekKind(); v.Kind {
	case Object:
		return p.members(v, like)
	case List:
		return p.items(v)
	default:
		v.Text, err = p.scalar(v.Kind, p.visible)
		return err
	}
}

func (p *parser) items(v *Value) error {
	_, _ = p.dec.ReadToken() // value saw what it is
	like := &none
	for p.dec.PeekKind() != ']' {
		v.Parts = append(v.Parts, Value{})
		item := &v.Parts[len(v.Parts)-1]
		if err := p.value(item, like); err != nil {
			return err
		}
		like = item
	}
	_, err := p.dec.ReadToken()
	return err
}

func (p *parser) members(v, like *Value) error {
	_, _ = p.dec.ReadToken()
	v.Parts = make([]Value, 0, len(like.Names))
	same := true // so far the names are those of like
	for p.dec.PeekKind() != '}' {
		name, err := p.scalar(Text, p.visible)
		if err != nil {
			return err
		}
		n := len(v.Parts)
		if same && (n == len(like.Names) || like.Names[n] != name) {
			same, v.Names = false, slices.Clone(like.Names[:n])
		}
		if !same {
			if n = slices.Index(v.Names, name); n < 0 {
				n = len(v.Names)
				v.Names = append(v.Names, name)
			}
		}
		if n == len(v.Parts) {
			v.Parts = append(v.Parts, Value{})
		}
		v.Parts[n] = Value{}
		inner := &none
		if n < len(like.Parts) {
			inner = &like.Parts[n]
		}
		if p.dec.StackDepth() == 1 && p.dec.PeekKind() == Text && slices.Contains(p.opaque, name) {
			v.Parts[n].Kind = Text
			v.Parts[n].Text, err = p.scalar(Text, false)
		} else {
			err = p.value(&v.Parts[n], inner)
		}
		if err != nil {
			return err
		}
	}
	if same {
		v.Names = like.Names[:len(v.Parts):len(v.Parts)]
	}
	_, err := p.dec.ReadToken()
	return err
}

func (p *parser) scalar(kind jsontext.Kind, visible bool) (string, error) {
	written, err := p.dec.ReadValue()
	if err != nil {
		return "", err
	}
	end := int(p.dec.InputOffset())
	cut := p.text[end-len(written) : end]
	if kind != Text {
		return cut, nil
	}
	if plain(cut[1 : len(cut)-1]) {
		return cut[1 : len(cut)-1], nil
	}
	unquoted, err := jsontext.AppendUnquote(nil, written)
	if err != nil && utf8.Valid(written) {
		return "", err // otherwise what is not UTF-8 was replaced
	}
	if visible {
		return text.RemoveInvisible(string(unquoted)), nil
	}
	return string(unquoted), nil
}

// plain tells whether a string's characters are the same in JSON, and visible.
func plain(written string) bool {
	for i := range len(written) {
		if c := written[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x7f {
			return false
		}
	}
	return true
}
