package plan

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

// ErrMarker is the error of a text that holds a delimiter and no placeholder.
var ErrMarker = errors.New("the characters U+F8A91 and U+F8A92 mark values that a plan does not know; no argument may contain them")

// Marked tells whether a text holds a delimiter of placeholders.
func Marked[T string | []byte](s T) bool {
	return strings.ContainsAny(string(s), string(Open)+string(Close))
}

// piece is part of a text: a literal, or the path of a placeholder within the answer
// of a step or a read.
type piece struct {
	literal    string
	name, path string
}

// pieces takes a text apart.
func pieces(s string) ([]piece, error) {
	var all []piece
	for s != "" {
		before, rest, marked := strings.Cut(s, string(Open))
		if strings.ContainsRune(before, Close) {
			return nil, ErrMarker
		}
		if before != "" {
			all = append(all, piece{literal: before})
		}
		if !marked {
			break
		}
		inner, after, closed := strings.Cut(rest, string(Close))
		at := strings.IndexAny(inner, ".[")
		if at < 0 {
			at = len(inner)
		}
		if !closed || at == 0 || strings.ContainsRune(inner, Open) {
			return nil, ErrMarker
		}
		all = append(all, piece{name: inner[:at], path: inner[at:]})
		s = after
	}
	return all, nil
}

// Placeholders returns the names of the steps and reads whose answers arguments need:
// "create_group#1".
func Placeholders(args []byte) ([]string, error) {
	if !Marked(args) {
		return nil, nil
	}
	v, err := jsonvalue.Parse(args)
	if err != nil {
		return nil, err
	}
	var names []string
	err = eachText(&v, func(s string) error {
		parts, err := pieces(s)
		for _, p := range parts {
			if p.name != "" && !slices.Contains(names, p.name) {
				names = append(names, p.name)
			}
		}
		return err
	})
	return names, err
}

// OnlyNew tells whether all that arguments do not know are ids of what their plan makes.
// Any other field of an answer can be what a request said, or that of another object.
func OnlyNew(args []byte) bool {
	v, err := jsonvalue.Parse(args)
	if err != nil {
		return false
	}
	return eachText(&v, func(s string) error {
		parts, err := pieces(s)
		if slices.ContainsFunc(parts, func(p piece) bool {
			return p.name != "" && (!strings.HasPrefix(p.name, "create_") || p.path != ".id")
		}) {
			return ErrMarker
		}
		return err
	}) == nil
}

// eachText calls f with all texts of a value, names included.
func eachText(v *jsonvalue.Value, f func(string) error) error {
	if v.Kind == jsonvalue.Text {
		return f(v.Text)
	}
	for i := range v.Parts {
		if v.Kind == jsonvalue.Object {
			if err := f(v.Names[i]); err != nil {
				return err
			}
		}
		if err := eachText(&v.Parts[i], f); err != nil {
			return err
		}
	}
	return nil
}

// Answers give the real answers of steps and reads: that of a name, nil if there is
// none yet.
type Answers func(name string) *jsonvalue.Value

// Answer reads an answer for Answers.
func Answer(answer []byte) *jsonvalue.Value {
	canonical, err := Canonical(append(append([]byte(`{"":`), answer...), '}'))
	if err != nil {
		return nil
	}
	v, err := jsonvalue.Parse(canonical)
	if err != nil {
		return nil
	}
	return v.Member("")
}

// Matches tells whether arguments are the planned ones with real values in the place
// of the placeholders. Both are canonical.
func Matches(planned, args []byte, answers Answers) bool {
	if !Marked(planned) {
		return bytes.Equal(planned, args)
	}
	p, err := jsonvalue.Parse(planned)
	if err != nil {
		return false
	}
	a, err := jsonvalue.Parse(args)
	return err == nil && answers.match(&p, &a)
}

// Differing returns the names of the arguments that are not the planned ones.
func Differing(planned, args []byte, answers Answers) []string {
	p, _ := jsonvalue.Parse(planned)
	a, _ := jsonvalue.Parse(args)
	var names []string
	for _, name := range slices.Compact(slices.Sorted(slices.Values(slices.Concat(p.Names, a.Names)))) {
		was, is := p.Member(name), a.Member(name)
		if was == nil || is == nil || !answers.match(was, is) {
			names = append(names, text.Name(name))
		}
	}
	return names
}

func (answers Answers) match(planned, v *jsonvalue.Value) bool {
	switch {
	case planned.Kind == jsonvalue.Text:
		return answers.matchText(planned.Text, v)
	case planned.Kind != v.Kind:
		return false
	case planned.Kind == jsonvalue.List:
		return slices.EqualFunc(planned.Parts, v.Parts, func(p, v jsonvalue.Value) bool { return answers.match(&p, &v) })
	case planned.Kind == jsonvalue.Object:
		return answers.matchMembers(planned, v)
	}
	return planned.Text == v.Text
}

// matchMembers lets a member be left out whose value is undefined in reality, as
// JavaScript does.
func (answers Answers) matchMembers(planned, v *jsonvalue.Value) bool {
	found := 0
	for i, name := range planned.Names {
		if Marked(name) {
			var ok bool
			if name, ok = answers.text(name); !ok {
				return false
			}
		}
		switch is := v.Member(name); {
		case is != nil && answers.match(&planned.Parts[i], is):
			found++
		case is != nil || !answers.undefined(&planned.Parts[i]):
			return false
		}
	}
	return found == len(v.Names)
}

func (answers Answers) matchText(planned string, v *jsonvalue.Value) bool {
	if !Marked(planned) {
		return v.Kind == jsonvalue.Text && planned == v.Text
	}
	if whole, ok := answers.whole(planned); ok {
		for _, one := range whole {
			if one.JSON() == v.JSON() || v.Kind == jsonvalue.Number && one.Str() == v.Text { // converted for the operation
				return true
			}
		}
		if len(whole) == 0 && v.Kind == jsonvalue.Null {
			return true // undefined, in a list
		}
	}
	s, ok := answers.text(planned)
	return ok && v.Kind == jsonvalue.Text && s == v.Text
}

// whole returns the values that a text may be which is one placeholder: none for
// undefined. It reports false for another text, and where there is no answer.
func (answers Answers) whole(planned string) ([]*jsonvalue.Value, bool) {
	parts, err := pieces(planned)
	if err != nil || len(parts) != 1 || parts[0].name == "" {
		return nil, false
	}
	root := answers(parts[0].name)
	if root == nil {
		return nil, false
	}
	return at(root, parts[0].path), true
}

func (answers Answers) undefined(planned *jsonvalue.Value) bool {
	if planned.Kind != jsonvalue.Text {
		return false
	}
	whole, ok := answers.whole(planned.Text)
	return ok && len(whole) == 0
}

// text is what JavaScript makes of a text with placeholders.
func (answers Answers) text(planned string) (string, bool) {
	parts, err := pieces(planned)
	if err != nil {
		return "", false
	}
	var out strings.Builder
	for _, p := range parts {
		out.WriteString(p.literal)
		if p.name == "" {
			continue
		}
		root := answers(p.name)
		if root == nil {
			return "", false
		}
		written := "undefined"
		if values := at(root, p.path); len(values) > 0 {
			written = inText(values[0])
		}
		out.WriteString(written)
	}
	return out.String(), true
}

// inText is a value as JavaScript writes it into a text.
func inText(v *jsonvalue.Value) string {
	switch v.Kind {
	case jsonvalue.Object:
		return "[object Object]"
	case jsonvalue.List:
		items := make([]string, len(v.Parts))
		for i := range v.Parts {
			if v.Parts[i].Kind != jsonvalue.Null {
				items[i] = inText(&v.Parts[i])
			}
		}
		return strings.Join(items, ",")
	}
	return v.Text
}
