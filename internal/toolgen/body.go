package toolgen

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/invopop/jsonschema"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// fieldsOf returns a body's fields as arguments, and whether they can be
// arguments of their own. The body must stay one argument if it is not an
// object, is a union, allows other names, or two fields would share a name.
func fieldsOf(body *openapi.Body) (fields []argument, apart bool) {
	s := body.Schema
	form := tools.IsForm(body.ContentType)
	if !form && !tools.IsJSON(body.ContentType) {
		return nil, false
	}
	names, required := map[string]bool{}, map[string]bool{}
	for _, name := range s.Required {
		required[name] = true
	}
	apart = s.Type == "object" && s.Properties != nil && len(s.AnyOf)+len(s.OneOf)+len(s.AllOf) == 0 &&
		(s.AdditionalProperties == nil || s.AdditionalProperties == jsonschema.FalseSchema) && len(s.PatternProperties) == 0
	for wire, property := range s.Properties.FromOldest() {
		if s.AdditionalProperties == jsonschema.FalseSchema {
			property = closed(property)
		}
		f := argument{Arg: tools.Arg{Name: argumentName(wire), WireName: wire, In: tools.InBody, Required: required[wire], Since: sinceOf(property)}, schema: property}
		if names[f.Name] {
			apart = false
		}
		names[f.Name] = true
		if form {
			f.inForm(body, body.Encoding[wire])
		}
		fields = append(fields, f)
	}
	return fields, apart
}

// isMultipart reports whether a body is a form of which every field is a part.
func isMultipart(body *openapi.Body) bool { return strings.HasPrefix(body.ContentType, "multipart/") }

// inForm says how a field of a form is written.
func (f *argument) inForm(body *openapi.Body, e openapi.Encoding) {
	f.Style, f.Explode, f.Reserved, f.ContentType = e.Style, e.Explode, e.AllowReserved, e.ContentType
	for _, h := range e.Headers {
		f.Headers = append(f.Headers, tools.Header(h))
	}
	if !isMultipart(body) {
		return
	}
	mediaType := cmp.Or(e.ContentType, mediaTypeIn(f.schema))
	if schema, ok := filesIn(f.schema, isBytes(e.ContentType)); ok {
		f.In, f.schema = tools.FilePart, described(schema, f.schema.Description)
		f.Style, f.ContentType = "", mediaType
		return
	}
	if f.ContentType != "" && f.Style == "" && !tools.IsJSON(f.ContentType) && holdsObject(f.schema) {
		f.schema, f.note = textIn(f.schema), noteOnText(f.ContentType, f.schema) // only the caller can write it
	}
}

// filesIn replaces binary values by files, as JSON can hold them: a file, a list
// of files, and each of them where it may be null. Loose says that any text is
// binary, by its content type.
func filesIn(s *jsonschema.Schema, loose bool) (*jsonschema.Schema, bool) {
	switch {
	case s == nil:
		return nil, false
	case openapi.IsBinary(s) && s.Type != "", loose && (s.Type == "string" && s.ContentEncoding == "" || openapi.IsAny(s)):
		return fileSchema(), true
	case s.Type == "array":
		if items, ok := filesIn(s.Items, loose); ok {
			return &jsonschema.Schema{Type: "array", Items: items, Description: s.Description, MinItems: s.MinItems, MaxItems: s.MaxItems}, true
		}
		return s, false
	}
	found := false
	out := &jsonschema.Schema{Description: s.Description}
	for _, b := range slices.Concat(s.AnyOf, s.OneOf) {
		branch, ok := filesIn(b, loose)
		found = found || ok
		out.AnyOf = append(out.AnyOf, branch)
	}
	if found && s.Type == "" {
		return out, true
	}
	return s, false
}

func fileSchema() *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "object", Properties: jsonschema.NewProperties(), Required: []string{"filename", "content"}}
	s.Properties.Set("filename", &jsonschema.Schema{Type: "string"})
	s.Properties.Set("content", &jsonschema.Schema{Type: "string", ContentEncoding: "base64", Description: "the file in base64"})
	s.AdditionalProperties = jsonschema.FalseSchema
	return s
}

// mediaTypeIn returns the content type that a schema gives its files, "" for
// none.
func mediaTypeIn(s *jsonschema.Schema) string {
	if s == nil {
		return ""
	}
	found, _ := openapi.MediaTypes(s.ContentMediaType) // what is none cannot be sent
	for _, b := range append(slices.Concat(s.AnyOf, s.OneOf), s.Items) {
		found = cmp.Or(found, mediaTypeIn(b))
	}
	return found
}

// wholeBody makes a body one argument. JSON and forms are what their schema
// says, other types are text or, in base64, bytes.
func wholeBody(body *openapi.Body, fields []argument) argument {
	s := body.Schema
	a := argument{Arg: tools.Arg{Name: "body", In: tools.WholeBody, Required: body.Required || len(s.Required) > 0}}
	switch {
	case tools.IsForm(body.ContentType) && isPlainText(s):
		a.schema, a.note = textIn(s), noteOnText(body.ContentType, s)
	case tools.IsForm(body.ContentType):
		a.schema = withFiles(body, fields)
		if s.Properties != nil && othersAreFiles(body) != nil {
			a.note = "all other fields are files: {filename, content: base64}"
		}
	case tools.IsJSON(body.ContentType):
		a.schema = s
	case isText(body.ContentType), isPlainText(s) && !isBytes(body.ContentType):
		a.schema, a.note = textIn(s), noteOnText(body.ContentType, s)
	default:
		a.Base64, a.note = true, "the bytes in base64"
		a.schema = &jsonschema.Schema{Type: "string", ContentEncoding: "base64", Description: s.Description}
	}
	return a
}

// fieldsOfWhole says how the members of a form are written where it is one
// argument.
func fieldsOfWhole(body *openapi.Body, args []argument) (out []tools.Arg) {
	if !tools.IsForm(body.ContentType) || !slices.ContainsFunc(args, func(a argument) bool { return a.In == tools.WholeBody }) {
		return nil
	}
	fields, _ := fieldsOf(body)
	for _, f := range fields {
		out = append(out, f.Arg)
	}
	return out
}

// othersOfWhole says how members of other names are written, where they are
// files.
func othersOfWhole(body *openapi.Body, args []argument) *tools.Arg {
	if !slices.ContainsFunc(args, func(a argument) bool { return a.In == tools.WholeBody }) {
		return nil
	}
	return othersAreFiles(body)
}

func othersAreFiles(body *openapi.Body) *tools.Arg {
	if !isMultipart(body) {
		return nil
	}
	others := []*jsonschema.Schema{body.Schema.AdditionalProperties}
	for _, s := range body.Schema.PatternProperties {
		others = append(others, s)
	}
	for _, s := range others {
		if _, ok := filesIn(s, false); ok {
			return &tools.Arg{In: tools.FilePart, ContentType: mediaTypeIn(s)}
		}
	}
	return nil
}

// withFiles is the schema of a form's body with its fields as they are given.
func withFiles(body *openapi.Body, fields []argument) *jsonschema.Schema {
	out := *body.Schema
	if out.Properties != nil {
		out.Properties = jsonschema.NewProperties()
		for _, f := range fields {
			out.Properties.Set(f.WireName, f.schema)
		}
	}
	if isMultipart(body) {
		out.AdditionalProperties, _ = filesIn(out.AdditionalProperties, false)
		out.PatternProperties = maps.Clone(out.PatternProperties)
		for pattern, s := range out.PatternProperties {
			out.PatternProperties[pattern], _ = filesIn(s, false)
		}
	}
	return &out
}

// textIn is the schema of a value that the caller writes as text.
func textIn(s *jsonschema.Schema) *jsonschema.Schema {
	if inner := withoutNull(s); inner.Type == "string" && inner.Format != "binary" {
		return inner
	}
	return &jsonschema.Schema{Type: "string", Description: s.Description}
}

// noteOnText says what a text is to hold.
func noteOnText(contentType string, s *jsonschema.Schema) string {
	note := "text of " + text.Name(text.MediaType(contentType))
	if s.Type == "object" && s.Properties != nil {
		return sentence(note, shapeOf(s, maxShape))
	}
	return note
}

func holdsObject(s *jsonschema.Schema) bool {
	s = withoutNull(s)
	return isObject(s) || s.Type == "array" && s.Items != nil && isObject(s.Items)
}

// isPlainText reports whether a schema is text and not bytes.
func isPlainText(s *jsonschema.Schema) bool {
	s = withoutNull(s)
	return s.Type == "string" && !openapi.IsBinary(s) && s.ContentEncoding == ""
}

// textTypes are what is text among the types that do not say so.
var textTypes = []string{
	"xml", "xml-dtd", "yaml", "ndjson", "nd-json", "jsonl", "jsonlines", "json-lines", "json-seq", "json5", "csv", "javascript", "ecmascript",
	"graphql", "sql", "toml", "sh", "pem-file", "sparql-query", "sparql-update", "n-triples", "n-quads", "turtle", "trig",
}

// isText reports whether a content type is text by its name.
func isText(contentType string) bool {
	kind, sub := typeParts(contentType)
	_, suffix, _ := strings.Cut(sub, "+")
	return kind == "text" || kind == "application" && slices.Contains(textTypes, strings.TrimPrefix(sub, "x-")) ||
		slices.Contains([]string{"xml", "yaml", "csv"}, suffix)
}

// isBytes reports whether a content type is bytes by its name; of a list, its
// first.
func isBytes(contentType string) bool {
	kind, sub := typeParts(contentType)
	return slices.Contains([]string{"image", "audio", "video", "font", "model"}, kind) && !isText(contentType) ||
		kind == "application" && slices.Contains([]string{"octet-stream", "pdf", "zip", "gzip", "x-tar", "x-gzip", "x-7z-compressed", "vnd.rar"}, sub)
}

func typeParts(contentType string) (kind, sub string) {
	first, _, _ := strings.Cut(contentType, ",")
	kind, sub, _ = strings.Cut(text.MediaType(first), "/")
	return kind, sub
}
