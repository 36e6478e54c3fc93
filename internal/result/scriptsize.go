package result

import (
	"bytes"
	"errors"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
)

// A value of a script may be as large as a frame, and parsed it takes fifty times that:
// of what is larger than a result can be, only the beginning is parsed.

// beginningOf is what can be shown of a value.
type beginningOf struct {
	value jsonvalue.Value
	// totals are how many items the whole list has, or the lists that are members of an
	// object by their names.
	totals map[string]int
	// parts tells that a part of a value is missing that is no item of these lists.
	parts bool
}

// parseBeginning parses as much of a value as so many tokens can show; 0 for all of it.
func parseBeginning(value []byte, tokens int) (b beginningOf, err error) {
	const least, perToken = 256 << 10, 16 // bytes; most tokens have four
	most := max(least, perToken*tokens)
	value = jsonvalue.Repair(value)
	if tokens == 0 || len(value) <= most {
		b.value, err = jsonvalue.Parse(value)
		return b, err
	}
	b.totals = map[string]int{}
	dec := jsontext.NewDecoder(bytes.NewBuffer(value), jsontext.AllowDuplicateNames(true))
	switch dec.PeekKind() {
	case jsonvalue.List:
		b.value, err = b.list(dec, "", most)
	case jsonvalue.Object:
		err = b.object(dec, most)
	default:
		b.value, err = b.cut(value, most)
	}
	return b, err
}

// list reads a list to its end, and parses the items that fit.
func (b *beginningOf) list(dec *jsontext.Decoder, name string, most int) (jsonvalue.Value, error) {
	const each = 8 // bytes that an item counts besides its own
	var first []jsonvalue.Value
	kept := []byte("[")
	_, _ = dec.ReadToken() // the caller saw what it is
	for ; dec.PeekKind() != ']'; b.totals[name]++ {
		raw, err := dec.ReadValue()
		switch {
		case err != nil:
			return jsonvalue.Value{}, err
		case len(raw)+each <= most && first == nil:
			kept = append(append(kept, raw...), ',')
			most -= len(raw) + each
		case len(kept) == 1 && first == nil:
			item, err := b.cut(raw, most)
			if err != nil {
				return item, err
			}
			first = []jsonvalue.Value{item}
		default:
			most = 0 // no smaller one comes after it
		}
	}
	if _, err := dec.ReadToken(); err != nil || first != nil {
		return jsonvalue.Value{Kind: jsonvalue.List, Parts: first}, err
	}
	return jsonvalue.Parse(append(bytes.TrimSuffix(kept, []byte(",")), ']'))
}

// object reads the members, each of which may have its share.
func (b *beginningOf) object(dec *jsontext.Decoder, most int) error {
	b.value.Kind = jsonvalue.Object
	_, _ = dec.ReadToken()
	for n := 0; dec.PeekKind() != '}'; n++ {
		name, err := dec.ReadToken()
		if err != nil {
			return err
		}
		key, v, share := name.String(), jsonvalue.Value{}, max(most/2, leastShare)
		switch {
		case n == maxSections:
			b.parts = true
			fallthrough
		case b.parts && n > maxSections:
			if err := dec.SkipValue(); err != nil {
				return err
			}
			continue
		case dec.PeekKind() == jsonvalue.List:
			v, err = b.list(dec, key, share)
		default:
			var raw jsontext.Value
			if raw, err = dec.ReadValue(); err == nil {
				v, err = b.cut(raw, share)
			}
		}
		if err != nil {
			return err
		}
		most -= min(share, len(v.JSON()))
		b.value.Names, b.value.Parts = append(b.value.Names, key), append(b.value.Parts, v)
	}
	_, err := dec.ReadToken()
	return err
}

const (
	// maxSections is how many members of a large object are shown.
	maxSections = 1_000
	// leastShare is how many bytes each may have.
	leastShare = 1 << 10
)

var errCut = errors.New("it is too large")

// cut parses a value, or what so many bytes hold of it. It shares no memory with it.
func (b *beginningOf) cut(raw []byte, most int) (jsonvalue.Value, error) {
	if len(raw) <= most {
		return jsonvalue.Parse(bytes.Clone(raw))
	}
	b.parts = true
	const tries = 100 // an end may be within what cannot be completed, such as 1.5e
	for end := most; end > max(most-tries, 0); end-- {
		if v, _, ok := jsonvalue.ParseCut(string(raw[:end])); ok {
			return v, nil
		}
	}
	return jsonvalue.Value{}, errCut
}
