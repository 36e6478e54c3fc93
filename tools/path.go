package tools

import (
	"net/url"
	"strconv"
	"strings"
)

// pathValue writes a value in its style and escapes it. One that would leave
// nothing, "." or ".." is refused, because it would address another operation.
func pathValue(a Arg, v *value) (text, fault string) {
	if a.JSON && v.data != nil {
		return url.PathEscape(v.compact()), ""
	}
	var bare string // as it would be without a style
	switch data := v.data.(type) {
	case nil:
		return "", "must be a plain value"
	case []any:
		parts := make([]string, len(data))
		for i, item := range data {
			if item == nil {
				return "", "must not contain null"
			}
			bare += plain(item)
			parts[i] = inPath(a, plain(item))
		}
		text = pathList(a, parts)
	case map[string]any:
		fields, _ := readArguments(v.raw, nil) // an object, in the caller's order
		parts, between := make([]string, 0, 2*len(fields)), ","
		if a.Explode {
			between = "="
		}
		for _, f := range fields {
			if f.data == nil {
				return "", "must not contain null"
			}
			bare += f.name + plain(f.data)
			parts = append(parts, inPath(a, f.name)+between+inPath(a, plain(f.data)))
		}
		if a.Explode && a.Style == "matrix" {
			text = ";" + strings.Join(parts, ";")
		} else {
			text = pathList(a, parts)
		}
	default:
		bare = plain(data)
		text = pathList(a, []string{inPath(a, bare)})
	}
	switch bare = strings.TrimSpace(bare); bare {
	case "":
		return "", "must not be empty" + listedBy(a)
	case ".", "..":
		return "", "must be an id, not " + strconv.Quote(bare) + listedBy(a)
	}
	return text, ""
}

// pathList joins what is escaped, with what the style puts before and between.
func pathList(a Arg, parts []string) string {
	before, between := "", ","
	switch a.Style {
	case "label":
		before = "."
	case "matrix":
		before = ";" + inPath(a, a.WireName) + "="
	}
	if a.Explode && before != "" {
		between = before
	}
	return before + strings.Join(parts, between)
}

// inPath escapes what must not end a value in the argument's style.
func inPath(a Arg, s string) string {
	s = url.PathEscape(s)
	if a.Explode || a.Style == "matrix" {
		s = strings.ReplaceAll(s, "=", "%3D")
	}
	return s
}

func listedBy(a Arg) string {
	if a.ListTool == "" {
		return ""
	}
	return " (" + a.ListTool + " lists the ids)"
}
