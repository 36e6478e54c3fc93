package plan

import (
	"strconv"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
)

// at follows a path like .members[0].id through an answer as the script sees it: an
// answer with one member is opened, and data, success and the name of a list are
// there even if the answer has no such member. So there may be several values; none
// is undefined.
func at(root *jsonvalue.Value, path string) []*jsonvalue.Value {
	values := []*jsonvalue.Value{root}
	if root.Kind == jsonvalue.Object && len(root.Parts) == 1 && !root.Parts[0].Scalar() {
		values = []*jsonvalue.Value{&root.Parts[0], root}
	}
	for path != "" {
		var name string
		name, path = segment(path)
		var next []*jsonvalue.Value
		for _, v := range values {
			if member := member(v, name); member != nil {
				next = append(next, member)
			}
		}
		values = next
	}
	return values
}

// segment cuts the first name or index off a path.
func segment(path string) (name, rest string) {
	if quoted, ok := strings.CutPrefix(path, "["); ok {
		name, rest, _ = strings.Cut(quoted, "]")
		if unquoted, err := strconv.Unquote(name); err == nil {
			name = unquoted
		}
		return name, rest
	}
	path = strings.TrimPrefix(path, ".")
	end := strings.IndexAny(path, ".[")
	if end < 0 {
		end = len(path)
	}
	return path[:end], path[end:]
}

func member(v *jsonvalue.Value, name string) *jsonvalue.Value {
	if m := v.Member(name); m != nil {
		return m
	}
	index, err := strconv.Atoi(name)
	switch {
	case v.Scalar():
		return nil
	case name == "success":
		return &jsonvalue.Value{Kind: jsonvalue.True, Text: "true"}
	case v.Kind == jsonvalue.List && err == nil && index >= 0 && index < len(v.Parts):
		return &v.Parts[index]
	case v.Kind == jsonvalue.List && err != nil, name == "data":
		return v
	}
	return nil
}
