package openapi

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/invopop/jsonschema"

	clean "github.com/retool-mcp/retool-mcp/internal/text"
)

// onlyValue returns the one value that a schema allows, as a header has it, or "".
func onlyValue(s *jsonschema.Schema) string {
	union := slices.DeleteFunc(slices.Concat(s.AnyOf, s.OneOf, s.AllOf), func(b *jsonschema.Schema) bool { return b.Type == "null" })
	switch {
	case len(s.Enum) == 0 && len(union) == 1:
		return onlyValue(union[0])
	case len(s.Enum) != 1:
		return ""
	}
	switch value := s.Enum[0].(type) {
	case string:
		return value
	case json.Number:
		return value.String()
	case bool:
		return strconv.FormatBool(value)
	default:
		return ""
	}
}

var (
	headerName  = clean.Pattern("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$")
	headerValue = clean.Pattern(`^[\x21-\x7e]([\x20-\x7e]{0,198}[\x21-\x7e])?$`)
	// ownHeaders say where a request goes, who sends it, how its body is framed,
	// or make another request of it.
	ownHeaders = clean.Pattern(`(?i)^(host|cookie|connection|upgrade|te|trailer|transfer-encoding|content-.*|expect|user-agent|range|via|forwarded|x-forwarded-.*|x-real-ip|x-original-.*|x-rewrite-.*|proxy-.*|x-http-method.*|x-method.*|.*-override)$`)
)

// settable reports whether a document may set a header.
func settable(name, value string) bool {
	return headerName().MatchString(name) && headerValue().MatchString(value) && !ownHeaders().MatchString(name) && !strings.EqualFold(name, "keep-alive")
}
