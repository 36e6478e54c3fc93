package openapi

import (
	"fmt"
	"mime"
	"slices"
	"strings"

	"github.com/invopop/jsonschema"

	clean "github.com/retool-mcp/retool-mcp/internal/text"
)

// Body is a request body.
type Body struct {
	// ContentType is in lower case, with the parameters that the document gives.
	// It is a range only of types that bytes tell apart, such as image/*.
	ContentType string
	Required    bool
	Schema      *jsonschema.Schema
	// Encoding says how the properties of a form are written where that is not
	// the default.
	Encoding map[string]Encoding
}

// Encoding is how a property is written in a form.
type Encoding struct {
	// ContentType is a list of types, "" for the default.
	ContentType string
	// Style and Explode are OpenAPI's; Style is "" where the content type counts.
	Style         string
	Explode       bool
	AllowReserved bool
	// Headers of a part are those with one possible value.
	Headers []Header
}

// Header is a header with a fixed value.
type Header struct{ Name, Value string }

func (r *reader) body(at placed) (*Body, error) {
	at, err := r.follow(at)
	if err != nil || at.node == nil {
		return nil, err
	}
	name, media, err := pickMedia(at.get("content"))
	if err != nil || name == "" {
		return nil, err
	}
	if media, err = r.follow(media); err != nil {
		return nil, err
	}
	schema, err := r.convert(media.get("schema"), request)
	if err != nil {
		return nil, err
	}
	body := &Body{ContentType: contentType(name, schema), Required: at.node.get("required").isTrue(), Schema: schema}
	if err := checkForm(body.ContentType, schema); err != nil {
		return nil, err
	}
	media.get("encoding").members(func(property string, n *node) bool {
		if body.Encoding == nil {
			body.Encoding = map[string]Encoding{}
		}
		if body.Encoding[property], err = r.encoding(placed{n, media.in}); err != nil {
			err = fmt.Errorf("the content type of %s: %w", clean.Name(property), err)
		}
		return err == nil && len(body.Encoding) < maxRequest
	})
	return body, err
}

func (r *reader) encoding(at placed) (e Encoding, err error) {
	e = Encoding{Style: at.node.get("style").str(), AllowReserved: at.node.get("allowReserved").isTrue()}
	if e.ContentType, err = MediaTypes(at.node.get("contentType").str()); err != nil {
		return e, err
	}
	explode := at.node.get("explode")
	if e.Style == "" && (explode.is(boolean) || e.AllowReserved) {
		e.Style = "form"
	}
	e.Explode = e.Style == "form"
	if explode.is(boolean) {
		e.Explode = explode.isTrue()
	}
	at.get("headers").members(func(name string, n *node) bool {
		header, err := r.follow(placed{n, at.in})
		if err != nil {
			return true
		}
		schema, err := r.convert(header.get("schema"), request)
		if err != nil {
			return true
		}
		if value := onlyValue(schema); settable(name, value) {
			e.Headers = append(e.Headers, Header{name, value})
		}
		return len(e.Headers) < maxHeaders
	})
	return e, nil
}

// maxHeaders limits the headers of one part.
const maxHeaders = 10

// pickMedia chooses the most expressive form of a body: JSON, then multipart,
// then a form, then the first type, then the first range of types. The error
// says that none of what there is can be sent.
func pickMedia(content placed) (best string, media placed, err error) {
	rank := 0
	content.members(func(name string, _ *node) bool {
		if _, wrong := mediaType(name); wrong != nil {
			err = wrong
		} else if n := mediaRank(name); n > rank {
			best, rank = name, n
		}
		return true
	})
	if rank > 0 {
		err = nil
	}
	return best, content.get(best), err
}

func mediaRank(name string) int {
	switch essence := clean.MediaType(name); {
	case strings.Contains(essence, "*"):
		return 1
	case essence == "application/json":
		return 6
	case strings.HasSuffix(essence, "+json"):
		return 5
	case strings.HasPrefix(essence, "multipart/"):
		return 4
	case essence == "application/x-www-form-urlencoded":
		return 3
	default:
		return 2
	}
}

// contentType returns the type that is sent for a key of "content". A range has
// no meaning in a request; which type it stands for depends on the schema.
func contentType(name string, s *jsonschema.Schema) string {
	essence := clean.MediaType(name)
	if strings.HasPrefix(essence, "multipart/") {
		return multipartType(name)
	}
	if !strings.Contains(essence, "*") {
		full, _ := mediaType(name) // pickMedia checked it
		return full
	}
	kind, sub, _ := strings.Cut(essence, "/")
	switch {
	case strings.HasSuffix(sub, "+xml"):
		return "application/xml"
	case strings.HasSuffix(sub, "+json"):
		return "application/json"
	case kind == "text":
		return "text/plain"
	case kind != "*" && kind != "application":
		return essence
	case IsBinary(s):
		return "application/octet-stream"
	case kind == "*" && s.Type == "string":
		return "text/plain"
	default:
		return "application/json"
	}
}

// multipartType keeps the parameters of a multipart type, such as what RFC 2387
// requires, but those that say how we write the parts.
func multipartType(name string) string {
	full, _ := mediaType(name) // pickMedia checked it
	essence, parameters, _ := mime.ParseMediaType(full)
	delete(parameters, "boundary")
	delete(parameters, "start") // our parts have no ids, and the first is the root
	return mime.FormatMediaType(strings.Replace(essence, "*", "form-data", 1), parameters)
}

// checkForm says why a form cannot be written from values of a schema, if so: it
// consists of an object's members, or is text that the caller writes.
func checkForm(contentType string, s *jsonschema.Schema) error {
	isMultipart := strings.HasPrefix(contentType, "multipart/")
	if !isMultipart && clean.MediaType(contentType) != "application/x-www-form-urlencoded" || canBe(s, "object") || !isMultipart && canBe(s, "string") {
		return nil
	}
	return fmt.Errorf("a body of %s must be an object", clean.Name(clean.MediaType(contentType)))
}

func canBe(s *jsonschema.Schema, kind string) bool {
	union := slices.Concat(s.AnyOf, s.OneOf)
	if s.Type != "" || len(union) == 0 {
		return s.Type == kind || s.Type == ""
	}
	return slices.ContainsFunc(union, func(b *jsonschema.Schema) bool { return canBe(b, kind) })
}

// IsBinary reports whether a schema describes bytes, which JSON has no type for.
func IsBinary(s *jsonschema.Schema) bool {
	inner, _ := withoutNull(s)
	return inner.Type == "string" && (inner.Format == "binary" || inner.ContentMediaType != "" && inner.ContentEncoding == "")
}
