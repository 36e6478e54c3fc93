package toolgen

import (
	"slices"
	"strings"

	"github.com/invopop/jsonschema"

	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// A document that nobody wrote for agents can say anything, and agents read it.
// Its sentences are in quotes, cleaned, on one line and cut, and so are names that
// are more than a word: see text.Quote and text.Name. Values that are sent stay
// exact in the full schema.

// documentSays precedes a sentence of a foreign document.
const documentSays = "The document says: "

// nameOfAPI returns a document's title or version as a message may repeat it.
func nameOfAPI(s string) string {
	if s = text.OneLine(s); s == "" || s == "Retool API" {
		return s
	}
	return text.Name(s)
}

// shortName matches up to three words, as in names of products.
var shortName = text.Pattern(`^[A-Za-z0-9_./+&-]+( [A-Za-z0-9_./+&-]+){0,2}$`)

// namesOfVariants returns the names of a union's branches for a shape.
func namesOfVariants(names []string) []string {
	return mapped(names, func(s string) string {
		if len(s) <= maxShortName && shortName().MatchString(s) {
			return s
		}
		return text.Name(text.OneLine(s))
	})
}

const maxShortName = 32

func mapped(list []string, f func(string) string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = f(s)
	}
	return out
}

// maxPublishedValue is longer than nearly every value of an enum.
const maxPublishedValue = 64

// publishable reports whether an enum can be published as it is sent. Where a
// client would see another value than the API, the values are in the description.
func publishable(values []any) bool {
	return !slices.ContainsFunc(values, func(v any) bool {
		s, ok := v.(string)
		return !ok || s == "" || len(s) > maxPublishedValue || s != text.OneLine(s)
	})
}

// publishableFields reports whether clients accept the names of an object's fields.
func publishableFields(s *jsonschema.Schema) bool {
	for name := range s.Properties.FromOldest() {
		if !acceptedName().MatchString(name) {
			return false
		}
	}
	return true
}

var acceptedName = text.Pattern(`^[a-zA-Z0-9_.-]{1,64}$`)

// plainFields are the documented fields that a message can list.
func plainFields(paths []string) []string {
	return slices.DeleteFunc(paths, func(path string) bool { return text.Name(path) != path })
}

// statedScopes drops what the prose of a document calls a scope and is none.
func statedScopes(scopes tools.Scopes) tools.Scopes {
	return slices.DeleteFunc(scopes, func(s string) bool { return !scopeForm().MatchString(s) })
}

var scopeForm = text.Pattern(`^[a-z0-9_]{1,40}(:[a-z0-9_]{1,40})?$`)

// literal writes a text as a shape does.
func literal(s string) string {
	return "'" + text.ClipRunes(strings.ReplaceAll(text.OneLine(s), "'", "’"), maxPublishedValue) + "'"
}
