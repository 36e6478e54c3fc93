package tools

import (
	"encoding/base64"
	"fmt"
	"iter"
	"mime"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// Content types of bodies that consist of fields, besides JSON.
const (
	MultipartForm = "multipart/form-data"
	URLForm       = "application/x-www-form-urlencoded"
)

// IsJSON reports whether a content type is JSON, with or without parameters.
func IsJSON(contentType string) bool {
	essence := text.MediaType(contentType)
	return essence == "application/json" || strings.HasSuffix(essence, "+json")
}

// IsForm reports whether a content type consists of fields, as multipart/form-data
// and application/x-www-form-urlencoded do.
func IsForm(contentType string) bool {
	return isMultipart(contentType) || text.MediaType(contentType) == URLForm
}

func isMultipart(contentType string) bool {
	return strings.HasPrefix(text.MediaType(contentType), "multipart/")
}

// inUTF8 returns a content type for text, which is always sent in UTF-8.
func inUTF8(contentType string) string {
	essence, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || parameters["charset"] == "" || strings.EqualFold(parameters["charset"], "utf-8") {
		return contentType
	}
	parameters["charset"] = "utf-8"
	return mime.FormatMediaType(essence, parameters)
}

// buildBody writes the request's body in its content type.
func (c *Call) buildBody() (faults []string) {
	whole := slices.ContainsFunc(c.Tool.Args, func(a Arg) bool { return a.In == WholeBody })
	switch {
	case c.Tool.BodyType == "":
		return nil
	case IsForm(c.Tool.BodyType):
		return c.form(whole)
	case whole:
		return c.wholeBody()
	default:
		c.Request.ContentType, c.Request.Body = inUTF8(c.Tool.BodyType), c.jsonBody()
		return nil
	}
}

func (c *Call) wholeBody() (faults []string) {
	for a, v := range c.valuesIn(WholeBody) {
		c.Request.ContentType = inUTF8(c.Tool.BodyType)
		switch {
		case IsJSON(c.Tool.BodyType):
			c.Request.Body = v.raw
		case a.Base64 && !isPlaceholder(v.data):
			content, err := decodeBase64(plain(v.data))
			if err != nil {
				faults = append(faults, fmt.Sprintf("%s: must be the bytes in base64: %v", a.Name, err))
			}
			c.Request.ContentType, c.Request.Body = typeOf(content, c.Tool.BodyType), content
		default:
			c.Request.Body = []byte(plain(v.data))
		}
	}
	return faults
}

// jsonBody puts the given fields into one object. A missing field stays
// missing, null stays null, and every value keeps its text, so numbers keep
// full precision.
func (c *Call) jsonBody() []byte {
	var fields []value
	for a, v := range c.valuesIn(InBody) {
		fields = append(fields, value{name: a.WireName, raw: v.raw})
	}
	return encodeArguments(fields)
}

// form writes a body of fields, which are arguments or the members of one.
func (c *Call) form(whole bool) (faults []string) {
	fields := c.valuesIn(InBody, FilePart)
	if whole {
		fields = nil
		for a, v := range c.valuesIn(WholeBody) {
			written, isText := v.data.(string)
			if isText && !isMultipart(c.Tool.BodyType) {
				c.Request.ContentType, c.Request.Body = inUTF8(c.Tool.BodyType), []byte(written)
				return nil
			}
			if _, ok := v.data.(map[string]any); !ok && !isPlaceholder(v.data) {
				return []string{a.Name + ": must be an object"}
			}
			fields = c.members(a.Name, v)
		}
		if fields == nil {
			return nil // not given
		}
	}
	if isMultipart(c.Tool.BodyType) {
		return c.multipartBody(fields)
	}
	var pairs []string
	for a, v := range fields {
		if a.Style == "" {
			_, isObject := v.data.(map[string]any)
			a.Style, a.Explode, a.JSON = "form", true, a.JSON || isObject || IsJSON(a.ContentType)
		}
		pairs = append(pairs, queryPairs(a, v)...)
	}
	c.Request.ContentType, c.Request.Body = inUTF8(c.Tool.BodyType), []byte(strings.Join(pairs, "&"))
	return nil
}

// members yields the members of a body that is one argument, as fields.
func (c *Call) members(argument string, whole *value) iter.Seq2[Arg, *value] {
	return func(yield func(Arg, *value) bool) {
		declared := make(map[string]Arg, len(c.Tool.Fields))
		for _, a := range c.Tool.Fields {
			declared[a.WireName] = a
		}
		members, _ := readArguments(whole.raw, nil) // an object
		for i := range members {
			name := members[i].name
			a, ok := declared[name]
			switch {
			case ok:
			case c.Tool.Others != nil:
				a = *c.Tool.Others
			default:
				a.In = InBody
			}
			a.Name, a.WireName = argument+"."+name, name
			if !yield(a, &members[i]) {
				return
			}
		}
	}
}

// decodeBase64 accepts both alphabets, with or without padding and line breaks,
// and the URLs that browsers make of files.
func decodeBase64(s string) ([]byte, error) {
	if rest, ok := strings.CutPrefix(s, "data:"); ok {
		if _, content, ok := strings.Cut(rest, ";base64,"); ok {
			s = content
		}
	}
	s = strings.TrimRight(strings.Join(strings.Fields(s), ""), "=")
	encoding := base64.RawStdEncoding
	if strings.ContainsAny(s, "-_") {
		encoding = base64.RawURLEncoding
	}
	return encoding.DecodeString(s)
}
