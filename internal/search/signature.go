package search

import (
	"cmp"
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
	l := line{tool: t, sentence: t.Summary()}
	quotes := strings.Contains(l.sentence, `"`) // a document's words, whose end must be seen
	if !quotes {
		l.sentence = text.ClipWords(l.sentence, 90)
	}
	schema, _ := jsonvalue.Parse([]byte(t.Schema))
	fields := answerFields(t)
	l.of = len(fields)
	var optional []string
	for _, a := range t.Args {
		switch {
		case a.In == tools.NotSent, a.Name == tools.ArgLimit, a.Name == tools.ArgToken: // every list takes those
		case a.Required:
			l.required = append(l.required, argument{a.Name, shape(schema.At([]string{"properties", a.Name}))})
		default:
			optional = append(optional, text.Name(a.Name)+"?")
		}
	}
	l.takes = len(optional)
	fits := func() bool { return result.Tokens(l.String()) <= most }
	if !fits() && !quotes {
		l.sentence, _, _ = strings.Cut(l.sentence, ";")
	}
	for _, shorter := range []func(string) string{requiredOnly, func(string) string { return "{…}" }} {
		for i, a := range l.required {
			if !fits() && strings.Contains(a.shape, "{") {
				l.required[i].shape = ": " + shorter(a.shape) + a.shape[len(strings.TrimRight(a.shape, "[]")):]
			}
		}
	}
	if !fits() {
		l.sentence = t.Title
	}
	// The first fields of a read come before its optional arguments, the others after.
	const ofRead, ofWrite = 10, 3
	first := 0
	if t.Hints.ReadOnly {
		first, fields = min(4, len(fields)), fields[:min(ofRead, len(fields))]
	} else {
		fields = fields[:min(ofWrite, len(fields))]
	}
	add := func(to *[]string, names []string) {
		for _, name := range names {
			if *to = append(*to, name); !fits() {
				*to = (*to)[:len(*to)-1]
				return
			}
		}
	}
	add(&l.fields, fields[:first])
	add(&l.optional, optional)
	if len(l.fields) == first {
		add(&l.fields, fields[first:])
	}
	return l.String()
}

// requiredOnly is the first object of a shape with the names that it requires.
func requiredOnly(shape string) string {
	var names []string
	depth, name, rest := 0, "", false
	for _, c := range shape + "}" {
		switch {
		case c == '{':
			depth++
		case depth == 1 && (c == ',' || c == '}'):
			name, _, _ = strings.Cut(strings.TrimSpace(name), ":")
			if name == "" || name == "…" || strings.HasSuffix(name, "?") {
				rest = true
			} else {
				names = append(names, name)
			}
			name = ""
			if c == '}' {
				depth = -len(shape) // the first one only
			}
		case c == '}':
			depth--
		case depth == 1:
			name += string(c)
		}
	}
	if rest || len(names) == 0 {
		names = append(names, "…")
	}
	return "{" + strings.Join(names, ", ") + "}"
}

type argument struct{ name, shape string }

// line is a signature in parts.
type line struct {
	tool             *tools.Tool
	required         []argument
	optional, fields []string
	takes, of        int // how many optional arguments and fields there are
	sentence         string
}

// String implements fmt.Stringer.
func (l *line) String() string {
	var args []string
	for _, a := range l.required {
		args = append(args, text.Name(a.name)+a.shape)
	}
	args = append(args, l.optional...)
	if l.takes > len(l.optional) {
		args = append(args, "…")
	}
	out := l.tool.Name + " {" + strings.Join(args, ", ") + "}"
	if fields := strings.Join(l.fields, ", "); l.of > 0 || l.tool.Answer.List {
		if l.of > len(l.fields) || l.of == 0 {
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
		case strings.HasPrefix(items.Member("description").Str(), "JSON Patch") && strings.HasPrefix(described, "/") && !strings.Contains(described, `"`):
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
		from, to := strings.IndexByte(described, '{'), strings.LastIndexAny(described, "}…")
		if from >= 0 && to > from && !strings.Contains(described, `"`) {
			if described[to] != '}' {
				return ": " + described[from:to] + "…}"
			}
			return ": " + described[from:to] + "}"
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
				if text.Name(v.Text) != v.Text { // a document's words
					return ""
				}
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
	rank := func(name string) int { // those that say little come last
		return slices.Index([]string{"legacy_id", "organization_id", "created_at", "updated_at"}, name)
	}
	slices.SortStableFunc(top, func(a, b string) int { return cmp.Compare(rank(a), rank(b)) })
	for i, name := range top {
		top[i] = text.Name(name)
	}
	return top
}
