package search

import (
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// signature writes an operation in one line of about so many tokens:
//
//	add_group_members {groupId, members: {id, is_group_admin: boolean}[]} → {id, name…} [write] Add users to a group
//
// A name without a type is a text. What is not essential is left out, as "…".
func signature(t *tools.Tool, most int) string {
	l := line{tool: t, sentence: text.ClipWords(t.Summary(), 90)}
	schema, _ := jsonvalue.Parse([]byte(t.Schema))
	fields := answerFields(t)
	l.more = len(fields) > 0
	var optional []string
	for _, a := range t.Args {
		switch {
		case a.In == tools.NotSent:
		case a.Required:
			l.required = append(l.required, argument{a.Name, shape(schema.At([]string{"properties", a.Name}))})
		default:
			optional = append(optional, text.Name(a.Name)+"?")
		}
	}
	l.left = len(optional)
	fits := func() bool { return result.Tokens(l.String()) <= most }
	if !fits() {
		before, _, _ := strings.Cut(l.sentence, ";")
		l.sentence = before
	}
	if !fits() {
		for i, a := range l.required {
			if strings.Contains(a.shape, "{") {
				l.required[i].shape = ": {…}" + a.shape[len(strings.TrimRight(a.shape, "[]")):]
			}
		}
	}
	if !fits() {
		l.sentence = t.Title
	}
	// The first fields of a read come before its optional arguments, the others after.
	first := 0
	if t.Hints.ReadOnly {
		first = min(4, len(fields))
	}
	addFields := func(some []string) {
		for _, field := range some {
			l.fields = append(l.fields, field)
			l.more = len(l.fields) < len(fields)
			if !fits() {
				l.fields, l.more = l.fields[:len(l.fields)-1], true
				return
			}
		}
	}
	addFields(fields[:first])
	for _, name := range optional {
		l.optional = append(l.optional, name)
		if l.left--; !fits() {
			l.optional = l.optional[:len(l.optional)-1]
			l.left++
			break
		}
	}
	if len(l.fields) == first {
		addFields(fields[first:])
	}
	return l.String()
}

type argument struct{ name, shape string }

// line is a signature in parts.
type line struct {
	tool             *tools.Tool
	required         []argument
	optional, fields []string
	left             int  // optional arguments that are left out
	more             bool // there are further fields
	sentence         string
}

// String implements fmt.Stringer.
func (l *line) String() string {
	var args []string
	for _, a := range l.required {
		args = append(args, text.Name(a.name)+a.shape)
	}
	args = append(args, l.optional...)
	if l.left > 0 {
		args = append(args, "…")
	}
	out := l.tool.Name + " {" + strings.Join(args, ", ") + "}"
	if fields := strings.Join(l.fields, ", "); fields != "" || l.more {
		if l.more {
			fields += "…"
		}
		if l.tool.Answer.List {
			out += " → [{" + fields + "}]"
		} else {
			out += " → {" + fields + "}"
		}
	}
	switch {
	case l.tool.Irreversible:
		out += " [irreversible]"
	case l.tool.Hints.Destructive:
		out += " [destructive]"
	case !l.tool.Hints.ReadOnly:
		out += " [write]"
	}
	return out + " " + l.sentence
}

// shape writes the published schema of an argument behind its name.
func shape(s *jsonvalue.Value) string {
	if s == nil {
		return ""
	}
	described := s.Member("description").Str()
	switch s.Member("type").Str() {
	case "array":
		items := s.Member("items")
		inner := strings.TrimPrefix(shape(items), ": ")
		switch {
		case strings.HasPrefix(items.Member("description").Str(), "JSON Patch") && strings.HasPrefix(described, "/"):
			return ": JSON Patch of " + text.ClipWords(described, 60)
		case strings.HasPrefix(items.Member("description").Str(), "JSON Patch"):
			return ": JSON Patch"
		case inner == "":
			return "[]"
		case strings.Contains(inner, "|"):
			return ": (" + inner + ")[]"
		}
		return ": " + inner + "[]"
	case "object":
		if i := strings.IndexByte(described, '{'); i >= 0 && !strings.Contains(described, `"`) {
			return ": " + described[i:]
		}
		if fields := s.Member("properties"); fields != nil && len(fields.Names) > 0 {
			var names []string
			for _, name := range fields.Names {
				names = append(names, text.Name(name))
			}
			return ": {" + strings.Join(names, ", ") + "}"
		}
		return ": {…}"
	case "string", "":
		const few = 4
		if values := s.Member("enum"); values != nil && len(values.Parts) <= few {
			var quoted []string
			for _, v := range values.Parts {
				quoted = append(quoted, "'"+v.Text+"'")
			}
			return ": " + strings.Join(quoted, "|")
		}
		return ""
	case "integer":
		return ": number"
	}
	return ": " + s.Member("type").Str()
}

// answerFields are the fields of the answer as a script sees it: an object around a
// single one is opened.
func answerFields(t *tools.Tool) []string {
	var top, inner []string
	for _, path := range t.Answer.Fields {
		if _, name, nested := strings.Cut(path, "."); nested {
			inner = append(inner, name)
		} else {
			top = append(top, path)
		}
	}
	if len(top) == 1 && len(inner) > 0 && !t.Answer.List {
		top = inner
	}
	for i, name := range top {
		top[i] = text.Name(name)
	}
	return slices.Compact(top)
}
