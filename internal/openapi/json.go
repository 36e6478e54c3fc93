package openapi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// decodeJSON decodes one JSON text. It tolerates duplicate names and invalid
// UTF-8, which published documents have.
func decodeJSON(data []byte) (*node, error) {
	if !utf8.Valid(data) {
		data = bytes.ToValidUTF8(data, []byte("\uFFFD"))
	}
	r := jsonReader{
		dec: jsontext.NewDecoder(bytes.NewBuffer(data),
			jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)),
		seen: make(map[string]string, 1024),
	}
	root, err := r.value()
	if err != nil {
		return nil, jsonError(err)
	}
	if _, err := r.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more text after the end of the JSON document")
	}
	return &root, nil
}

func jsonError(err error) error {
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return errors.New("the JSON ends in the middle")
	case errors.As(err, &syntax):
		return fmt.Errorf("not valid JSON at byte %d: %w", syntax.ByteOffset, syntax.Err)
	}
	return err
}

// jsonReader turns tokens into nodes. Children are collected on one stack and
// copied at their exact number; short strings, which repeat often, are shared.
// Both halve the memory of a load.
type jsonReader struct {
	dec   *jsontext.Decoder
	seen  map[string]string
	items []node
	count int
	depth int
}

func (r *jsonReader) value() (node, error) {
	if r.count++; r.count > maxNodes {
		return node{}, errTooLarge
	}
	switch r.dec.PeekKind() {
	case '{':
		return r.container(object, '}')
	case '[':
		return r.container(array, ']')
	}
	raw, err := r.dec.ReadValue()
	if err != nil {
		return node{}, err
	}
	switch raw.Kind() {
	case '"':
		return node{kind: text, text: r.unquote(raw)}, nil
	case '0':
		return numeric(r.share(raw)), nil
	case 't', 'f':
		return node{kind: boolean, text: r.share(raw)}, nil
	default:
		return node{kind: null}, nil
	}
}

func (r *jsonReader) container(k kind, end jsontext.Kind) (node, error) {
	if r.depth++; r.depth > maxDepth {
		return node{}, fmt.Errorf("the JSON nests deeper than %d levels", maxDepth)
	}
	defer func() { r.depth-- }()
	if _, err := r.dec.ReadToken(); err != nil {
		return node{}, err
	}
	first := len(r.items)
	for r.dec.PeekKind() != end {
		name := ""
		if k == object {
			raw, err := r.dec.ReadValue()
			if err != nil {
				return node{}, err
			}
			name = r.unquote(raw)
		}
		item, err := r.value()
		if err != nil {
			return node{}, err
		}
		item.name = name
		r.items = append(r.items, item)
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return node{}, err
	}
	n := node{kind: k}
	if len(r.items) > first {
		n.items = slices.Clone(r.items[first:])
		r.items = r.items[:first]
	}
	return n, nil
}

func (r *jsonReader) unquote(raw jsontext.Value) string {
	if inner := raw[1 : len(raw)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return r.share(inner)
	}
	s, _ := jsontext.AppendUnquote(nil, raw) // half a surrogate pair is U+FFFD and an error
	return string(s)
}

// share returns b as a string, shared between equal short texts.
func (r *jsonReader) share(b []byte) string {
	if s, ok := r.seen[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(s) <= 48 {
		r.seen[s] = s
	}
	return s
}
