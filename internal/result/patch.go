package result

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// patched tells what each operation of a JSON Patch (RFC 6902) would do to what
// those before it leave. It knows those that Retool takes: add, remove, replace.
// Where Retool's object is not laid out as the answer that shows it, an operation
// finds nothing, and says just that.
func patched(operations []value, before *value) (lines []string) {
	doc, err := parse(before.appendJSON(nil)) // a copy
	if err != nil {
		return nil
	}
	for i := range operations {
		o := &operations[i]
		kind, path, after := o.member("op").string(), o.member("path").string(), o.member("value")
		line := "- " + onOneLine(kind) + " " + onOneLine(path) + ": " + shown(doc.find(pointer(path)))
		if after != nil {
			line += " → " + shown(after)
		}
		lines = append(lines, line)
		doc.patch(kind, pointer(path), after)
	}
	return lines
}

// pointer is the steps of a JSON Pointer (RFC 6901).
func pointer(text string) []string {
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

// find is what stands where the steps lead, nil where that is nothing.
func (v *value) find(steps []string) *value {
	for _, step := range steps {
		if v == nil {
			return nil
		}
		if v.kind != listKind {
			v = v.member(step)
			continue
		}
		i, ok := index(step, len(v.parts)-1)
		if !ok {
			return nil
		}
		v = &v.parts[i]
	}
	return v
}

// index reads the place of an item, of which last is the last.
func index(step string, last int) (i int, ok bool) {
	i, err := strconv.Atoi(step)
	return i, err == nil && i >= 0 && i <= last && strconv.Itoa(i) == step
}

// patch does one operation, where it can be done.
func (v *value) patch(kind string, steps []string, by *value) {
	if len(steps) == 0 || kind != "remove" && (kind != "add" && kind != "replace" || by == nil) {
		return
	}
	within, last := v.find(steps[:len(steps)-1]), steps[len(steps)-1]
	switch {
	case within == nil || within.scalar():
	case within.kind == objectKind:
		within.patchMember(kind, last, by)
	default:
		within.patchItem(kind, last, by)
	}
}

func (v *value) patchMember(kind, name string, by *value) {
	switch was := v.member(name); {
	case kind == "remove":
		v.drop(name)
	case was != nil:
		*was = *by
	case kind == "add":
		v.names, v.parts = append(slices.Clip(v.names), name), append(v.parts, *by)
	}
}

func (v *value) patchItem(kind, step string, by *value) {
	end := len(v.parts)
	if kind == "add" {
		if i, ok := index(step, end); ok {
			end = i
		} else if step != "-" {
			return
		}
		v.parts = slices.Insert(v.parts, end, *by)
		return
	}
	i, ok := index(step, end-1)
	switch {
	case !ok:
	case kind == "remove":
		v.parts = slices.Delete(v.parts, i, i+1)
	default:
		v.parts[i] = *by
	}
}

// onOneLine is a text in which no line ends.
func onOneLine(text string) string {
	if strings.ContainsFunc(text, hasNoPlace) {
		return fmt.Sprintf("%q", text)
	}
	return text
}

func hasNoPlace(c rune) bool { return c < ' ' }
