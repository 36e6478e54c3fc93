package tools

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// collect turns a validator's tree of errors into lines "path: expected, got".
// Shown are the root arguments without secrets.
func collect(e *jsonschema.ValidationError, s *jsonschema.Schema, root, shown any, out *[]string) {
	const enough = 1_000 // nobody reads more
	if len(*out) >= enough {
		return
	}
	at := strings.Join(e.InstanceLocation, ".")
	add := func(format string, args ...any) {
		line := fmt.Sprintf(format, args...)
		if at != "" {
			line = at + ": " + line
		}
		*out = append(*out, line)
	}
	here := schemaAt(s, e.InstanceLocation)
	came := func() string { return show(valueAt(shown, e.InstanceLocation)) }
	if given, ok := valueAt(root, e.InstanceLocation).(string); ok && namesSecret(given) && ofText(e.ErrorKind) {
		return // another text is sent
	}
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		for _, name := range k.Missing {
			path := strings.Join(append(slices.Clone(e.InstanceLocation), text.Name(name)), ".")
			*out = append(*out, path+": missing, "+expectation(schemaAt(here, []string{name})))
		}
	case *kind.AdditionalProperties:
		for _, name := range k.Properties {
			add("%s", unknownField(name, here))
		}
	case *kind.Type:
		add("must be %s, not %s", expectation(here), typeName(k.Got))
	case *kind.Enum:
		add("must be %s%s, not %s", expectation(here), nearestValue(k.Got, k.Want), came())
	case *kind.Pattern:
		add("must match %s, not %s", text.Quote(k.Want, maxShownPattern), came())
	case *kind.AnyOf, *kind.OneOf:
		if cause := meant(e); cause != nil {
			collect(cause, s, root, shown, out)
			return
		}
		add("must be %s, not %s", expectation(here), came())
	case *kind.Minimum, *kind.Maximum, *kind.ExclusiveMinimum, *kind.ExclusiveMaximum:
		add("must be %s, not %s", expectation(here), came())
	case *kind.MinLength:
		add("must have at least %d characters", k.Want)
	case *kind.MaxLength:
		add("must have at most %d characters, not %d", k.Want, k.Got)
	case *kind.MinItems:
		add("must have at least %d items, not %d", k.Want, k.Got)
	case *kind.MaxItems:
		add("must have at most %d items, not %d", k.Want, k.Got)
	case *kind.UniqueItems:
		add("items %d and %d are the same", k.Duplicates[0], k.Duplicates[1])
	case *kind.MultipleOf:
		add("must be a multiple of %s, not %s", number(k.Want), came())
	case *kind.Not:
		add("must not be %s", came())
	default:
		if len(e.Causes) == 0 {
			add("does not fit %q of the schema", strings.Join(e.ErrorKind.KeywordPath(), "."))
		}
		for _, cause := range e.Causes {
			collect(cause, s, root, shown, out)
		}
	}
}

// meant returns the fault of the one branch of a union that is for objects or
// lists, as the value is, or nil.
func meant(e *jsonschema.ValidationError) *jsonschema.ValidationError {
	depth := len(e.InstanceLocation)
	fitting := slices.DeleteFunc(slices.Clone(e.Causes), func(c *jsonschema.ValidationError) bool {
		_, otherType := c.ErrorKind.(*kind.Type)
		return otherType && len(c.InstanceLocation) == depth
	})
	if len(fitting) == 1 && structural(fitting[0], depth) {
		return fitting[0]
	}
	return nil
}

// structural reports whether a fault is one of fields or items.
func structural(e *jsonschema.ValidationError, depth int) bool {
	switch e.ErrorKind.(type) {
	case *kind.Required, *kind.AdditionalProperties, *kind.MinItems, *kind.MaxItems, *kind.UniqueItems:
		return true
	}
	return len(e.InstanceLocation) > depth || slices.ContainsFunc(e.Causes, func(c *jsonschema.ValidationError) bool { return structural(c, depth) })
}

// ofText reports whether a fault concerns the text of a value.
func ofText(k jsonschema.ErrorKind) bool {
	switch k.(type) {
	case *kind.Pattern, *kind.MinLength, *kind.MaxLength, *kind.Enum:
		return true
	}
	return false
}

// schemaAt follows a path of fields and indexes into a schema, nil where it
// says nothing.
func schemaAt(s *jsonschema.Schema, path []string) *jsonschema.Schema {
	for _, step := range path {
		if s == nil {
			return nil
		}
		next := s.Properties[step]
		if _, err := strconv.Atoi(step); next == nil && err == nil {
			next = s.Items2020
		}
		for _, part := range slices.Concat(s.AnyOf, s.AllOf) {
			if next == nil {
				next = schemaAt(part, []string{step})
			}
		}
		s = next
	}
	return s
}

func valueAt(data any, path []string) any {
	for _, step := range path {
		switch d := data.(type) {
		case map[string]any:
			data = d[step]
		case []any:
			if i, err := strconv.Atoi(step); err == nil && i < len(d) {
				data = d[i]
			}
		}
	}
	return data
}

// mostListed is the number of names or values in a message: Retool's documents
// have 68 in one place.
const mostListed = 80

// expectation describes what a schema accepts.
func expectation(s *jsonschema.Schema) string {
	if s == nil {
		return "a value"
	}
	if s.Enum != nil {
		values := make([]string, 0, len(s.Enum.Values))
		for _, v := range s.Enum.Values {
			values = append(values, show(v))
		}
		switch {
		case len(values) == 1:
			return values[0]
		case len(values) > mostListed:
			values = append(values[:mostListed], "…")
		}
		return "one of " + strings.Join(values, ", ")
	}
	if branches := slices.Concat(s.AnyOf, s.OneOf); len(branches) > 0 {
		var parts []string
		for _, b := range branches {
			if part := expectation(b) + limitsOfText(b); !slices.Contains(parts, part) {
				parts = append(parts, part)
			}
		}
		return strings.Join(parts, " or ")
	}
	if s.Types == nil {
		return "a value"
	}
	var parts []string
	for _, t := range s.Types.ToStrings() {
		parts = append(parts, typeName(t)+limits(t, s))
	}
	return strings.Join(parts, " or ")
}

func typeName(t string) string {
	names := map[string]string{"integer": "a whole number", "array": "a list", "object": "an object", "null": "null"}
	return cmp.Or(names[t], "a "+t)
}

// maxShownFields is how many fields of an object a message lists that says what it
// should be.
const maxShownFields = 8

func limits(t string, s *jsonschema.Schema) string {
	switch {
	case t == "array" && s.Items2020 != nil && s.Items2020.Types != nil:
		var items []string
		for _, item := range s.Items2020.Types.ToStrings() {
			items = append(items, item+"s")
		}
		return " of " + strings.Join(items, " or ")
	case t == "object" && len(s.Properties) > 0 && len(s.Properties) <= maxShownFields:
		return " {" + strings.Join(fieldNames(s), ", ") + "}"
	case t != "integer" && t != "number":
		return ""
	case s.Minimum != nil && s.Maximum != nil:
		return " from " + number(s.Minimum) + " to " + number(s.Maximum)
	case s.Minimum != nil:
		return " of at least " + number(s.Minimum)
	case s.Maximum != nil:
		return " of at most " + number(s.Maximum)
	case s.ExclusiveMinimum != nil:
		return " above " + number(s.ExclusiveMinimum)
	case s.ExclusiveMaximum != nil:
		return " below " + number(s.ExclusiveMaximum)
	}
	return ""
}

// maxShownPattern is longer than most patterns.
const maxShownPattern = 100

// limitsOfText tells which texts a branch of a union takes.
func limitsOfText(s *jsonschema.Schema) string {
	switch {
	case s.Enum != nil:
		return ""
	case s.Pattern != nil:
		return " that matches " + text.Quote(s.Pattern.String(), maxShownPattern)
	case s.MinLength != nil && *s.MinLength > 1:
		return fmt.Sprintf(" of at least %d characters", *s.MinLength)
	case s.MinLength != nil && *s.MinLength == 1:
		return " that is not empty"
	case s.MaxLength != nil:
		return fmt.Sprintf(" of at most %d characters", *s.MaxLength)
	}
	return ""
}

func number(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	return strings.TrimRight(r.FloatString(6), "0")
}

// show writes a value as JSON, clipped. A text stays in its quotes.
func show(v any) string {
	const most = 60
	s, isText := v.(string)
	if isText {
		v = text.ClipWords(s, most-len(`""`))
	}
	encoded, _ := encode(v) // it was decoded from JSON
	if isText {
		return string(encoded)
	}
	return text.ClipWords(string(encoded), most)
}

func didYouMean(name string, t *Tool) string {
	names := make([]string, 0, len(t.Args))
	for _, a := range t.Args {
		names = append(names, a.Name)
	}
	return text.DidYouMean(name, names)
}

func unknownField(name string, s *jsonschema.Schema) string {
	names := fieldNames(s)
	like := text.DidYouMean(name, names)
	if len(names) > mostListed {
		names = append(names[:mostListed], "…")
	}
	return fmt.Sprintf("unknown field %q%s (known: %s)", name, like, strings.Join(names, ", "))
}

// fieldNames lists the fields of an object, or of what a union offers.
func fieldNames(s *jsonschema.Schema) (names []string) {
	if s == nil {
		return nil
	}
	for name := range s.Properties {
		names = append(names, text.Name(name))
	}
	for _, part := range slices.Concat(s.AnyOf, s.OneOf, s.AllOf) {
		names = append(names, fieldNames(part)...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func nearestValue(got any, want []any) string {
	name, ok := got.(string)
	if !ok {
		return ""
	}
	var names []string
	for _, w := range want {
		if s, ok := w.(string); ok {
			names = append(names, text.Name(s))
		}
	}
	return text.DidYouMean(name, names)
}
