package describe

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Example returns arguments of a call that the tool accepts: those that it needs,
// or of a list, the fields to keep.
func Example(t *tools.Tool) string {
	s := parse(string(t.Full))
	if s == nil {
		return "{}"
	}
	m := sampler{words: map[string]bool{"Replace": true}, paths: parse(string(t.Patch)), answer: parse(string(t.Answer.Schema))}
	out := m.sample(s, "", 0)
	if len(out.Parts) == 0 && t.Answer.List && t.HasControl(tools.ArgFields) && len(t.Answer.Fields) > 0 {
		list := jsonvalue.Value{Kind: jsonvalue.List}
		for _, field := range t.Answer.Fields[:min(3, len(t.Answer.Fields))] {
			list.Parts = append(list.Parts, jsonvalue.Value{Kind: jsonvalue.Text, Text: field})
		}
		out.Names, out.Parts = []string{tools.ArgFields}, []jsonvalue.Value{list}
	}
	return out.JSON()
}

// texts are tried where a pattern restricts a text.
var texts = []string{"7", "app_7", "user_7", "ada@example.com", "00000000-0000-4000-8000-000000000007", "A_NAME", "a-name", "#aabbcc", "1.2.3", "2026-11-30T00:00:00Z"}

// sampler remembers the values of enums so far: of alternatives, one that speaks of
// such a value belongs to it. Paths are those of the tool's JSON Patch, if known, and
// answer is the schema of what the tool answers.
type sampler struct {
	words         map[string]bool
	paths, answer *jsonvalue.Value
}

// sample is a value that a schema accepts, with only what it requires.
func (m sampler) sample(s *jsonvalue.Value, name string, depth int) (out jsonvalue.Value) {
	const deepest = 20
	text := func(s string) jsonvalue.Value { return jsonvalue.Value{Kind: jsonvalue.Text, Text: s} }
	if s.Kind != jsonvalue.Object || depth > deepest {
		return text("…")
	}
	if values := s.Member("enum"); values != nil && len(values.Parts) > 0 {
		m.words[values.Parts[0].Text] = true
		return values.Parts[0]
	}
	if value := s.Member("default"); value != nil {
		return *value
	}
	switch textAt(s, "type") {
	case "string":
		return text(sampleText(s, name))
	case "integer", "number":
		if least := s.Member("minimum"); least != nil {
			return *least
		}
		return jsonvalue.Value{Kind: jsonvalue.Number, Text: "7"}
	case "boolean":
		return jsonvalue.Value{Kind: jsonvalue.True, Text: "true"}
	case "array":
		out = jsonvalue.Value{Kind: jsonvalue.List}
		if items := s.Member("items"); items != nil {
			for range sampled(s, depth) {
				out.Parts = append(out.Parts, m.asPatch(m.sample(items, name, depth+1), textAt(s, "title")+" "+textAt(s, "description")))
			}
		}
		return out
	}
	out = jsonvalue.Value{Kind: jsonvalue.Object}
	for _, word := range []string{"anyOf", "oneOf", "allOf"} {
		union := s.Member(word)
		if union == nil || len(union.Parts) == 0 {
			continue
		}
		chosen := max(0, slices.IndexFunc(union.Parts, func(s jsonvalue.Value) bool {
			return slices.ContainsFunc(strings.FieldsFunc(textAt(&s, "title")+" "+textAt(&s, "description"), notInName), func(word string) bool { return m.words[word] })
		}))
		if out = m.sample(&union.Parts[chosen], name, depth+1); out.Kind != jsonvalue.Object {
			return out
		}
		break
	}
	fields, required := s.Member("properties"), s.Member("required")
	if fields == nil && s.Member("type") == nil && len(out.Names) == 0 { // anything
		return text("…")
	}
	if fields == nil || required == nil {
		return out
	}
	for _, needed := range required.Parts {
		field := fields.Member(needed.Text)
		if field != nil && out.Member(needed.Text) == nil {
			out.Names, out.Parts = append(out.Names, needed.Text), append(out.Parts, m.sample(field, needed.Text, depth+1))
		}
	}
	return out
}

// pointer is the path of a field, as the words about a JSON Patch name it.
var pointer = regexp.MustCompile(`(?:^|[\s(:])(/[a-z_]+)`)

// asPatch completes an operation of a JSON Patch with a path that the tool takes: one
// whose values are known, or that the words about the operations name.
func (m sampler) asPatch(operation jsonvalue.Value, words string) jsonvalue.Value {
	path := operation.Member("path")
	if operation.Member("op") == nil || path == nil || strings.HasPrefix(path.Text, "/") {
		return operation
	}
	field := &jsonvalue.Value{}
	if fields := m.paths.Member("properties"); fields != nil && len(fields.Names) > 0 {
		path.Text, field = fields.Names[0], &fields.Parts[0]
	} else if named := pointer.FindStringSubmatch(words); named == nil {
		path.Text = "/name"
	} else {
		path.Text = named[1]
		field = m.answer.At([]string{"properties", path.Text[1:]})
	}
	if operation.Member("value") == nil {
		value := jsonvalue.Value{Kind: jsonvalue.Text, Text: "…"}
		if field != nil {
			value = m.sample(field, "", 1)
		}
		operation.Names, operation.Parts = append(operation.Names, "value"), append(operation.Parts, value)
	}
	return operation
}

func notInName(c rune) bool { return c != '_' && !unicode.IsLetter(c) && !unicode.IsDigit(c) }

// sampled is the number of items of a sample's list: one that shows what an item
// is, if the list is an argument.
func sampled(s *jsonvalue.Value, depth int) int {
	least := s.Member("minItems")
	n := 0
	if least != nil {
		n, _ = strconv.Atoi(least.Text)
	}
	if depth <= 1 {
		n = max(n, 1)
	}
	return min(n, 10)
}

func sampleText(s *jsonvalue.Value, name string) string {
	if textAt(s, "contentEncoding") == "base64" {
		return "dGV4dA=="
	}
	if words := textAt(s, "title") + " " + textAt(s, "description"); textAt(s, "format") == "" && tools.DescribesDate(words) {
		return "2026-11-30"
	}
	switch textAt(s, "format") {
	case "uuid":
		return "00000000-0000-4000-8000-000000000007"
	case "date":
		return "2026-11-30"
	case "date-time":
		return "2026-11-30T00:00:00Z"
	case "email":
		return "ada@example.com"
	case "uri":
		return "https://example.com"
	}
	if pattern, err := regexp.Compile(textAt(s, "pattern")); err == nil && textAt(s, "pattern") != "" {
		for _, candidate := range texts {
			if pattern.MatchString(candidate) {
				return candidate
			}
		}
	}
	if name == "email" {
		return "ada@example.com"
	}
	const most = 100
	least := 1
	if n := s.Member("minLength"); n != nil {
		least, _ = strconv.Atoi(n.Text)
	}
	if strings.HasSuffix(strings.ToLower(name), "id") && least <= 1 {
		return "7"
	}
	return strings.Repeat("…", max(1, min(least, most)))
}
