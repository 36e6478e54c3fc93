package jsonvalue

import (
	"slices"
	"strconv"
	"strings"
)

// Pointer returns the steps of a JSON Pointer (RFC 6901).
func Pointer(text string) []string {
	rest, ok := strings.CutPrefix(text, "/")
	if !ok {
		return nil
	}
	steps := strings.Split(rest, "/")
	for i := range steps {
		steps[i] = strings.ReplaceAll(strings.ReplaceAll(steps[i], "~1", "/"), "~0", "~")
	}
	return steps
}

// Find returns what the steps lead to, nil for nothing.
func (v *Value) Find(steps []string) *Value {
	for _, step := range steps {
		if v == nil {
			return nil
		}
		if v.Kind != List {
			v = v.Member(step)
			continue
		}
		i, ok := index(step, len(v.Parts)-1)
		if !ok {
			return nil
		}
		v = &v.Parts[i]
	}
	return v
}

// index reads the place of an item, of which last is the last.
func index(step string, last int) (i int, ok bool) {
	i, err := strconv.Atoi(step)
	return i, err == nil && i >= 0 && i <= last && strconv.Itoa(i) == step
}

// Patch does one operation of a JSON Patch (RFC 6902), add, remove or replace, if
// it can be done.
func (v *Value) Patch(kind string, steps []string, by *Value) {
	if len(steps) == 0 || kind != "remove" && (kind != "add" && kind != "replace" || by == nil) {
		return
	}
	within, last := v.Find(steps[:len(steps)-1]), steps[len(steps)-1]
	switch {
	case within == nil || within.Scalar():
	case within.Kind == Object:
		within.patchMember(kind, last, by)
	default:
		within.patchItem(kind, last, by)
	}
}

func (v *Value) patchMember(kind, name string, by *Value) {
	switch was := v.Member(name); {
	case kind == "remove":
		v.Drop(name)
	case was != nil:
		*was = *by
	case kind == "add":
		v.Names, v.Parts = append(slices.Clip(v.Names), name), append(v.Parts, *by)
	}
}

func (v *Value) patchItem(kind, step string, by *Value) {
	end := len(v.Parts)
	if kind == "add" {
		if i, ok := index(step, end); ok {
			end = i
		} else if step != "-" {
			return
		}
		v.Parts = slices.Insert(v.Parts, end, *by)
		return
	}
	i, ok := index(step, end-1)
	switch {
	case !ok:
	case kind == "remove":
		v.Parts = slices.Delete(v.Parts, i, i+1)
	default:
		v.Parts[i] = *by
	}
}
