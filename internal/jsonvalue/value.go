// Package jsonvalue holds JSON that is read, changed and written again without
// loss: numbers keep their digits, objects their order.
//
// [Parse] keeps every text as it is, for arguments and requests; [ParseVisible]
// removes what a reader does not see, for answers that an agent reads.
package jsonvalue

import (
	"slices"
	"strings"
	"unsafe"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// Value is a JSON value. Values may share Names, so a change replaces the slice.
type Value struct {
	Kind      jsontext.Kind
	Untrusted bool     // people wrote it and may have written anything
	Added     bool     // it was not in the answer: a name for the member before it
	Text      string   // a number's digits, a string's characters, or JSON if the kind is Raw
	Names     []string // of an object's members, one for each of Parts
	Parts     []Value  // of an object or a list

	places *places // of Names, once a large object was searched
}

// places are where names are. They belong to one slice, so that they are out of
// date when it is replaced.
type places struct {
	first *string
	count int
	of    map[string]int
}

// indexAbove is the number of members from which an index beats a scan.
const indexAbove = 64

// place returns where a member is, or -1.
func (v *Value) place(name string) int {
	if len(v.Names) <= indexAbove {
		return slices.Index(v.Names, name)
	}
	if v.places == nil || v.places.first != &v.Names[0] || v.places.count != len(v.Names) {
		v.places = &places{&v.Names[0], len(v.Names), placesOf(v.Names)}
	}
	if i, ok := v.places.of[name]; ok {
		return i
	}
	return -1
}

func placesOf(names []string) map[string]int {
	of := make(map[string]int, len(names)+1)
	for i, name := range slices.Backward(names) {
		of[name] = i // of equal ones the first, as a scan finds it
	}
	return of
}

// Kinds of value, as jsontext has them, and Raw: JSON that is written already.
const (
	Null   = jsontext.Kind('n')
	True   = jsontext.Kind('t')
	False  = jsontext.Kind('f')
	Number = jsontext.Kind('0')
	Text   = jsontext.Kind('"')
	Object = jsontext.Kind('{')
	List   = jsontext.Kind('[')
	Raw    = jsontext.Kind('r')
)

// Scalar tells whether a value has no parts by its kind.
func (v *Value) Scalar() bool { return v.Kind != Object && v.Kind != List }

// Str is a text, or a number as text; "" for anything else.
func (v *Value) Str() string {
	if v == nil || v.Kind != Text && v.Kind != Number {
		return ""
	}
	return v.Text
}

// Empty tells whether a value is null or an object that holds only such values.
func (v *Value) Empty() bool {
	if v.Kind == Null {
		return true
	}
	return v.Kind == Object && !slices.ContainsFunc(v.Parts, func(part Value) bool { return !part.Empty() })
}

// HasUntrusted tells whether people wrote any of it.
func (v *Value) HasUntrusted() bool {
	if v.Untrusted && (v.Kind == Object || v.Kind == Text && v.Text != "") {
		return true
	}
	for i := range v.Parts {
		if v.Parts[i].HasUntrusted() {
			return true
		}
	}
	return false
}

// Member returns a member of an object, or nil.
func (v *Value) Member(name string) *Value {
	if v == nil || v.Kind != Object {
		return nil
	}
	if i := v.place(name); i >= 0 {
		return &v.Parts[i]
	}
	return nil
}

// After returns the member that follows the one of a name, nil for none.
func (v *Value) After(name string) (string, *Value) {
	if i := v.place(name) + 1; i > 0 && i < len(v.Parts) {
		return v.Names[i], &v.Parts[i]
	}
	return "", nil
}

// At follows a path of members; nil if it leads nowhere.
func (v *Value) At(path []string) *Value {
	for _, name := range path {
		if v = v.Member(name); v == nil {
			return nil
		}
	}
	return v
}

// Drop removes a member of an object.
func (v *Value) Drop(name string) {
	if i := v.place(name); i >= 0 && v.Kind == Object {
		v.Names, v.Parts = slices.Concat(v.Names[:i], v.Names[i+1:]), slices.Delete(v.Parts, i, i+1)
	}
}

// Put replaces the value at a dotted path that is there, and copies what is
// around it.
func (v *Value) Put(path string, by Value) {
	if path == "" {
		*v = by
		return
	}
	name, rest, _ := strings.Cut(path, ".")
	if i := v.place(name); i >= 0 {
		v.Parts = slices.Clone(v.Parts)
		v.Parts[i].Put(rest, by)
	}
}

// JSON writes a value compactly. Characters that a reader does not see are
// escaped.
func (v *Value) JSON() string { return Shared(v.AppendJSON(nil)) }

// AppendJSON appends what JSON returns.
func (v *Value) AppendJSON(out []byte) []byte {
	switch v.Kind {
	case Object:
		out = append(out, '{')
		for i := range v.Parts {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(AppendQuote(out, v.Names[i]), ':')
			out = v.Parts[i].AppendJSON(out)
		}
		return append(out, '}')
	case List:
		out = append(out, '[')
		for i := range v.Parts {
			if i > 0 {
				out = append(out, ',')
			}
			out = v.Parts[i].AppendJSON(out)
		}
		return append(out, ']')
	case Text:
		return AppendQuote(out, v.Text)
	default:
		return append(out, v.Text...)
	}
}

// AppendQuote appends a text as a JSON string in which every invisible character
// is escaped.
func AppendQuote(out []byte, s string) []byte {
	if plain(s) {
		return append(append(append(out, '"'), s...), '"')
	}
	start := len(out)
	out, _ = jsontext.AppendQuote(out, s) // the error tells of invalid UTF-8, which is replaced
	if written := Shared(out[start:]); text.HasInvisible(written) {
		out = append(out[:start], text.EscapeInvisible(written)...)
	}
	return out
}

// Shared returns a text that shares the memory of bytes, which must not change
// any more. Pages are long, and copying one is a good part of what it costs.
func Shared(written []byte) string {
	return unsafe.String(unsafe.SliceData(written), len(written)) //nolint:gosec // see above
}
