package result

import (
	"bytes"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/retool"
)

// OneTimeSecret is the text at a path of an answer, such as "data.access_token", as it
// came.
func OneTimeSecret(r *retool.Response, at string) (text string, ok bool) {
	for _, path := range []string{at, strings.TrimPrefix(at, "data.")} {
		pointer := jsontext.Pointer("/" + strings.ReplaceAll(path, ".", "/"))
		dec := jsontext.NewDecoder(bytes.NewReader(r.Body), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
		for dec.StackPointer() != pointer {
			if _, err := dec.ReadToken(); err != nil {
				break
			}
		}
		if dec.StackPointer() != pointer || dec.PeekKind() != '"' {
			continue
		}
		written, err := dec.ReadValue()
		if err != nil {
			continue
		}
		if unquoted, err := jsontext.AppendUnquote(nil, written); err == nil && len(unquoted) > 0 {
			return string(unquoted), true
		}
	}
	return "", false
}

// FieldName is the last step of a path.
func FieldName(at string) string { return at[strings.LastIndexByte(at, '.')+1:] }
