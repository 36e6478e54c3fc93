package jsonvalue

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// Limits of a JSON text, far above what people and programs write. They keep
// hostile ones from exhausting stack and time.
const (
	MaxDepth   = 1_000
	MaxMembers = 100_000
)

// Errors of a text that is beyond the limits.
var (
	ErrTooDeep = fmt.Errorf("it nests deeper than %d levels", MaxDepth)
	ErrTooWide = fmt.Errorf("an object has more than %d members", MaxMembers)
)

var errMoreText = errors.New("more text follows the JSON value")

// Parse reads a body, which must not change as long as the value is in use. Of
// two members with one name the later one counts; what is not Unicode is replaced,
// see [Repair].
func Parse(body []byte) (Value, error) { return ParseContext(context.Background(), body, false) }

// ParseVisible is Parse without invisible characters in names and texts, except
// in the texts of members of the outer object that are opaque.
func ParseVisible(body []byte, opaque ...string) (Value, error) {
	return ParseContext(context.Background(), body, true, opaque...)
}

// ParseContext is Parse or ParseVisible, which ends with the context.
func ParseContext(ctx context.Context, body []byte, visible bool, opaque ...string) (v Value, err error) {
	body = Repair(body)
	p := parser{
		ctx:     ctx,
		dec:     jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true)),
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
	ctx     context.Context //nolint:containedctx // a parser lives for one call
	values  int
	dec     *jsontext.Decoder
	text    string
	visible bool
	opaque  []string
}

// checkEvery is the number of values after which the context is looked at again.
const checkEvery = 1_000

// none is like no other value.
var none Value

// value reads a value into v. Like is the one before it in its list: mostly an
// object with the same names, which are then shared.
func (p *parser) value(v, like *Value) (err error) {
	if p.values++; p.values%checkEvery == 0 && p.ctx.Err() != nil {
		return p.ctx.Err()
	}
	if p.dec.StackDepth() > MaxDepth {
		return ErrTooDeep
	}
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
	same := true              // so far the names are those of like
	var places map[string]int // of the names, once there are many
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
			n, places = place(v.Names, places, name)
			if n == len(v.Names) {
				v.Names = append(v.Names, name)
			}
		}
		if n == len(v.Parts) {
			v.Parts = append(v.Parts, Value{})
		}
		if n == MaxMembers {
			return ErrTooWide
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

// place returns where a name is among others, or would be appended. Places are
// kept from the number on from which that beats a scan.
func place(names []string, places map[string]int, name string) (int, map[string]int) {
	if len(names) < indexAbove {
		if i := slices.Index(names, name); i >= 0 {
			return i, nil
		}
		return len(names), nil
	}
	if places == nil {
		places = placesOf(names)
	}
	i, ok := places[name]
	if !ok {
		i = len(names)
		places[name] = i
	}
	return i, places
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
	if err != nil {
		return "", err
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
