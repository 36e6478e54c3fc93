package tools

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime"
	"mime/multipart"
	"net/textproto"
	"slices"
	"strings"
)

// Content types of bodies that consist of fields, besides JSON.
const (
	MultipartForm = "multipart/form-data"
	URLForm       = "application/x-www-form-urlencoded"
)

// IsJSON reports whether a content type is JSON, with or without parameters.
func IsJSON(contentType string) bool {
	essence, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	return essence == "application/json" || strings.HasSuffix(essence, "+json")
}

// buildBody writes the request's body in its content type.
func (c *Call) buildBody() (faults []string) {
	whole := slices.ContainsFunc(c.Tool.Args, func(a Arg) bool { return a.In == WholeBody })
	switch {
	case c.Tool.BodyType == "":
		return nil
	case whole:
		c.wholeBody()
	case IsJSON(c.Tool.BodyType):
		c.Request.ContentType, c.Request.Body = c.Tool.BodyType, c.jsonBody()
	case c.Tool.BodyType == URLForm:
		c.Request.ContentType, c.Request.Body = URLForm, c.formBody()
	default:
		faults = c.multipartBody()
	}
	return faults
}

func (c *Call) wholeBody() {
	for _, v := range c.valuesIn(WholeBody) {
		c.Request.ContentType, c.Request.Body = c.Tool.BodyType, []byte(plain(v.data))
		if IsJSON(c.Tool.BodyType) {
			c.Request.Body = v.raw
		}
	}
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

func (c *Call) formBody() []byte {
	var pairs []string
	for a, v := range c.valuesIn(InBody) {
		pairs = append(pairs, queryPairs(Arg{WireName: a.WireName, Style: "form", Explode: true}, v)...)
	}
	return []byte(strings.Join(pairs, "&"))
}

func (c *Call) multipartBody() (faults []string) {
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	for a, v := range c.valuesIn(InBody, FilePart) {
		if err := writePart(w, a, v); err != nil {
			faults = append(faults, a.Name+": "+err.Error())
		}
	}
	_ = w.Close() // writing to a buffer has no errors
	c.Request.ContentType, c.Request.Body = w.FormDataContentType(), out.Bytes()
	return faults
}

func writePart(w *multipart.Writer, a Arg, v *value) error {
	files, many := v.data.([]any)
	if !many {
		files = []any{v.data}
	}
	if a.In == FilePart {
		for _, file := range files {
			if err := writeFile(w, a.WireName, file); err != nil {
				return err
			}
		}
		return nil
	}
	switch v.data.(type) {
	case []any, map[string]any:
		header := textproto.MIMEHeader{}
		header.Set("Content-Disposition", mime.FormatMediaType("form-data", map[string]string{"name": a.WireName}))
		header.Set("Content-Type", "application/json")
		part, err := w.CreatePart(header)
		if err != nil {
			return err
		}
		_, err = part.Write(v.raw)
		return err
	default:
		return w.WriteField(a.WireName, plain(v.data))
	}
}

func writeFile(w *multipart.Writer, name string, data any) error {
	file, _ := data.(map[string]any)
	filename, _ := file["filename"].(string)
	content, _ := file["content"].(string)
	decoded, err := decodeBase64(content)
	if err != nil {
		return err
	}
	part, err := w.CreateFormFile(name, filename)
	if err != nil {
		return err
	}
	_, err = part.Write(decoded)
	return err
}

// decodeBase64 accepts both alphabets, with or without padding and line breaks.
func decodeBase64(s string) ([]byte, error) {
	s = strings.TrimRight(strings.Join(strings.Fields(s), ""), "=")
	encoding := base64.RawStdEncoding
	if strings.ContainsAny(s, "-_") {
		encoding = base64.RawURLEncoding
	}
	decoded, err := encoding.DecodeString(s)
	if err != nil {
		return nil, fmt.Errorf("content must be the file in base64: %w", err)
	}
	return decoded, nil
}
