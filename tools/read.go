package tools

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
)

// readArguments splits an object into its members, keeping each value's text. Ended
// says why to stop, see reader.
func readArguments(raw []byte, ended func() error) (out []value, err error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return nil, nil
	}
	r := newReader(raw, ended)
	if r.dec.PeekKind() != '{' {
		return nil, errors.New("expected one object of named values")
	}
	err = r.members(func(name string) error {
		v := value{name: name}
		v.raw, v.data, err = r.value()
		v.raw = v.raw.Clone()
		out = append(out, v)
		return err
	})
	if err == nil {
		err = r.end()
	}
	return out, err
}

// invalidUTF8 returns the place of the first byte that is not UTF-8, -1 for none.
func invalidUTF8(raw []byte) int {
	if utf8.Valid(raw) {
		return -1
	}
	at := 0
	for {
		r, size := utf8.DecodeRune(raw[at:])
		if r == utf8.RuneError && size <= 1 {
			return at
		}
		at += size
	}
}

// decodeJSON decodes a JSON text with numbers as json.Number.
func decodeJSON(raw []byte) (any, error) {
	r := newReader(raw, nil)
	_, data, err := r.value()
	if err == nil {
		err = r.end()
	}
	return data, err
}

// reader decodes a JSON text in one pass, within the limits of jsonvalue. A name
// that occurs twice in an object is an error: one of its values would be lost.
type reader struct {
	ended  func() error // asked now and then whether to stop, such as the Err of a context; nil for never
	text   []byte
	dec    *jsontext.Decoder
	values int
}

func newReader(raw []byte, ended func() error) *reader {
	raw = jsonvalue.Repair(raw)
	return &reader{ended: ended, text: raw, dec: jsontext.NewDecoder(bytes.NewBuffer(raw))}
}

// end requires that nothing follows.
func (r *reader) end() error {
	if _, err := r.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("more text follows the object")
	}
	return nil
}

// value reads a value and its text.
func (r *reader) value() (jsontext.Value, any, error) {
	if r.values++; r.values%1_000 == 0 && r.ended != nil {
		if err := r.ended(); err != nil {
			return nil, nil, err
		}
	}
	if r.dec.StackDepth() > jsonvalue.MaxDepth {
		return nil, nil, jsonvalue.ErrTooDeep
	}
	kind := r.dec.PeekKind() // moves to the value
	start := r.dec.InputOffset()
	var data any
	var err error
	switch kind {
	case '{':
		object := map[string]any{}
		err = r.members(func(name string) error {
			_, object[name], err = r.value()
			return err
		})
		data = object
	case '[':
		data, err = r.items()
	default:
		data, err = r.scalar()
	}
	if err != nil {
		return nil, nil, err
	}
	return jsontext.Value(bytes.TrimLeft(r.text[start:r.dec.InputOffset()], " \t\r\n:,")), data, nil
}

func (r *reader) scalar() (any, error) {
	token, err := r.dec.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case 't', 'f':
		return token.Bool(), nil
	case '0':
		return json.Number(token.String()), nil
	case '"':
		return token.String(), nil
	default:
		return nil, nil
	}
}

func (r *reader) items() (any, error) {
	_, _ = r.dec.ReadToken() // value saw what it is
	list := []any{}
	for r.dec.PeekKind() != ']' {
		_, item, err := r.value()
		if err != nil {
			return nil, err
		}
		list = append(list, item)
	}
	_, err := r.dec.ReadToken()
	return list, err
}

// members reads an object, whose values read reads.
func (r *reader) members(read func(name string) error) error {
	_, _ = r.dec.ReadToken()
	for n := 0; r.dec.PeekKind() != '}'; n++ {
		if n == jsonvalue.MaxMembers {
			return jsonvalue.ErrTooWide
		}
		name, err := r.dec.ReadToken()
		if twice, ok := errors.AsType[*jsontext.SyntacticError](err); ok && errors.Is(err, jsontext.ErrDuplicateName) {
			return fmt.Errorf("%s occurs twice", strings.Join(slices.Collect(twice.JSONPointer.Tokens()), "."))
		}
		if err != nil {
			return err
		}
		if err := read(name.String()); err != nil {
			return err
		}
	}
	_, err := r.dec.ReadToken()
	return err
}
