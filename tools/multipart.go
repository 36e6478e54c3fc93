package tools

import (
	"bytes"
	"fmt"
	"iter"
	"mime"
	"mime/multipart"
	"net/textproto"
	"net/url"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

func (c *Call) multipartBody(fields iter.Seq2[Arg, *value]) (faults []string) {
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	var given []string
	for a, v := range fields {
		given = append(given, a.Name)
		if err := writeField(w, a, v); err != nil {
			faults = append(faults, a.Name+": "+err.Error())
		}
	}
	switch {
	case len(faults) > 0:
		return faults
	case out.Len() == 0 && given != nil: // a body has one part at least
		return []string{strings.Join(given, ", ") + ": null and empty lists have no form in a multipart body; give another field"}
	case out.Len() == 0:
		return nil
	}
	_ = w.Close() // writing to a buffer has no errors
	essence, parameters, err := mime.ParseMediaType(inUTF8(c.Tool.BodyType))
	if err != nil {
		essence, parameters = text.MediaType(c.Tool.BodyType), map[string]string{}
	}
	parameters["boundary"] = w.Boundary()
	c.Request.ContentType, c.Request.Body = mime.FormatMediaType(essence, parameters), out.Bytes()
	return nil
}

// writeField writes a value as one part, or a list of plain values or files as
// one part each. Null has no form and is omitted.
func writeField(w *multipart.Writer, a Arg, v *value) error {
	if v.data == nil {
		return nil
	}
	if a.Style != "" {
		return writePairs(w, a, v)
	}
	list, many := v.data.([]any)
	if !many || IsJSON(a.ContentType) || a.In != FilePart && holdsParts(list) {
		return writePart(w, a, v.data, string(v.raw))
	}
	for _, item := range list {
		if item == nil {
			continue
		}
		if err := writePart(w, a, item, plain(item)); err != nil {
			return err
		}
	}
	return nil
}

// holdsParts reports whether a list holds lists or objects.
func holdsParts(list []any) bool {
	for _, item := range list {
		switch item.(type) {
		case []any, map[string]any:
			return true
		}
	}
	return false
}

// writePairs writes a value in the style of a query, as one part for each pair.
func writePairs(w *multipart.Writer, a Arg, v *value) error {
	a.Reserved = false
	for _, pair := range queryPairs(a, v) {
		name, content, _ := strings.Cut(pair, "=")
		name, _ = url.PathUnescape(name)
		content, _ = url.PathUnescape(content) // both are escaped by queryPairs
		a.WireName = name
		if err := writePart(w, a, content, content); err != nil {
			return err
		}
	}
	return nil
}

func writePart(w *multipart.Writer, a Arg, data any, raw string) error {
	header := textproto.MIMEHeader{}
	header.Set("Content-Disposition", `form-data; name="`+quoted.Replace(a.WireName)+`"`)
	contentType, content := a.ContentType, []byte(raw)
	switch data := data.(type) {
	case map[string]any:
		filename, isFile := data["filename"].(string)
		if encoded, ok := data["content"].(string); a.In == FilePart && isFile && ok {
			var err error
			if content, err = decodeBase64(encoded); err != nil {
				return fmt.Errorf("content must be the file in base64: %w", err)
			}
			header.Set("Content-Disposition", multipart.FileContentDisposition(a.WireName, filename))
			contentType = typeOf(content, contentType)
		} else {
			contentType = typeOfJSON(contentType)
		}
	case []any:
		contentType = typeOfJSON(contentType)
	default:
		if !IsJSON(contentType) {
			content = []byte(plain(data))
		}
		contentType, _, _ = strings.Cut(contentType, ",")
		if strings.Contains(contentType, "*") {
			contentType = ""
		}
		contentType = inUTF8(contentType)
	}
	if contentType = strings.TrimSpace(contentType); contentType != "" {
		header.Set("Content-Type", contentType)
	}
	for _, h := range a.Headers {
		header.Set(h.Name, h.Value)
	}
	part, err := w.CreatePart(header)
	if err != nil {
		return err
	}
	_, err = part.Write(content)
	return err
}

// typeOfJSON returns the type of a list or an object in a part.
func typeOfJSON(contentType string) string {
	if IsJSON(contentType) {
		return inUTF8(contentType)
	}
	return "application/json"
}

// quoted escapes a field's name as multipart.Writer does.
var quoted = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", "%0D", "\n", "%0A")

// typeOf returns the type to send bytes as, of a list of accepted types and
// ranges: the one that they have, else the first type.
func typeOf(content []byte, accepted string) string {
	found, first := "", ""
	for _, s := range signatures {
		if len(content) >= s.at && bytes.HasPrefix(content[s.at:], []byte(s.start)) {
			found = s.contentType
			break
		}
	}
	for t := range strings.SplitSeq(accepted, ",") {
		t = strings.TrimSpace(t)
		kind, isRange := strings.CutSuffix(t, "*")
		switch {
		case found != "" && (text.MediaType(t) == found || isRange && strings.HasPrefix(found, strings.TrimSuffix(kind, "*/"))):
			if isRange {
				return found
			}
			return t
		case first == "" && !isRange:
			first = t
		}
	}
	if first == "" {
		return "application/octet-stream"
	}
	return first
}

// signatures are how the content of files begins.
var signatures = []struct {
	at                 int
	start, contentType string
}{
	{0, "\x89PNG\r\n\x1a\n", "image/png"},
	{0, "\xff\xd8\xff", "image/jpeg"},
	{0, "GIF8", "image/gif"},
	{8, "WEBP", "image/webp"},
	{0, "BM", "image/bmp"},
	{0, "II*\x00", "image/tiff"},
	{0, "MM\x00*", "image/tiff"},
	{0, "<svg", "image/svg+xml"},
	{0, "%PDF-", "application/pdf"},
	{0, "PK\x03\x04", "application/zip"},
	{0, "\x1f\x8b", "application/gzip"},
	{8, "WAVE", "audio/wav"},
	{0, "OggS", "audio/ogg"},
	{0, "fLaC", "audio/flac"},
	{0, "ID3", "audio/mpeg"},
	{4, "ftyp", "video/mp4"},
	{0, "\x1aE\xdf\xa3", "video/webm"},
}
