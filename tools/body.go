package tools

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime"
	"mime/multipart"
	"net/textproto"
	"strings"
)

const urlForm = "application/x-www-form-urlencoded"

func isJSON(contentType string) bool {
	essence, _, _ := strings.Cut(contentType, ";")
	return essence == "application/json" || strings.HasSuffix(essence, "+json")
}

// buildBody writes the request's body in its content type.
func (c *Call) buildBody() (faults []string) {
	switch {
	case c.Tool.BodyType == "":
		return nil
	case c.whole() != nil:
		c.wholeBody(*c.whole())
	case isJSON(c.Tool.BodyType):
		c.Request.ContentType, c.Request.Body = c.Tool.BodyType, c.jsonBody()
	case c.Tool.BodyType == urlForm:
		c.Request.ContentType, c.Request.Body = urlForm, c.formBody()
	default:
		faults = c.multipartBody()
	}
	return faults
}

// whole returns the argument that is the whole body, nil for none.
func (c *Call) whole() *Arg {
	for i := range c.Tool.Args {
		if c.Tool.Args[i].In == WholeBody {
			return &c.Tool.Args[i]
		}
	}
	return nil
}

func (c *Call) wholeBody(a Arg) {
	v := c.value(a.Name)
	if v == nil {
		return
	}
	c.Request.ContentType = c.Tool.BodyType
	if isJSON(c.Tool.BodyType) {
		c.Request.Body = v.raw
		return
	}
	c.Request.Body = []byte(plain(v.data))
}

// jsonBody puts the given fields into one object. A missing field stays
// missing, null stays null, and every value keeps its text, so numbers keep
// full precision.
func (c *Call) jsonBody() []byte {
	var fields []value
	for _, a := range c.Tool.Args {
		if v := c.value(a.Name); v != nil && a.In == InBody {
			fields = append(fields, value{name: a.WireName, raw: v.raw})
		}
	}
	return encodeArguments(fields)
}

func (c *Call) formBody() []byte {
	var pairs []string
	for _, a := range c.Tool.Args {
		if v := c.value(a.Name); v != nil && a.In == InBody {
			pairs = append(pairs, queryPairs(Arg{WireName: a.WireName, Style: "form", Explode: true}, v)...)
		}
	}
	return []byte(strings.Join(pairs, "&"))
}

func (c *Call) multipartBody() (faults []string) {
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	for _, a := range c.Tool.Args {
		v := c.value(a.Name)
		if v == nil {
			continue
		}
		var err error
		switch a.In {
		case FilePart:
			files := []any{v.data}
			if list, ok := v.data.([]any); ok {
				files = list
			}
			for _, f := range files {
				if err = writeFile(w, a.WireName, f); err != nil {
					break
				}
			}
		case InBody:
			err = writeField(w, a.WireName, v)
		}
		if err != nil {
			faults = append(faults, a.Name+": "+err.Error())
		}
	}
	if err := w.Close(); err != nil {
		faults = append(faults, err.Error())
	}
	c.Request.ContentType, c.Request.Body = w.FormDataContentType(), out.Bytes()
	return faults
}

func writeField(w *multipart.Writer, name string, v *value) error {
	switch v.data.(type) {
	case []any, map[string]any:
		header := textproto.MIMEHeader{}
		header.Set("Content-Disposition", mime.FormatMediaType("form-data", map[string]string{"name": name}))
		header.Set("Content-Type", "application/json")
		part, err := w.CreatePart(header)
		if err != nil {
			return err
		}
		_, err = part.Write(v.raw)
		return err
	default:
		return w.WriteField(name, plain(v.data))
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
