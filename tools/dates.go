package tools

import (
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// dateForm is how documents write the form of a date, without a time.
const dateForm = "YYYY-MM-DD"

// DescribesDate tells whether the words about a text say that it is a date.
func DescribesDate(words string) bool {
	_, after, found := strings.Cut(words, dateForm)
	return found && !strings.HasPrefix(after, "T") && !strings.HasPrefix(after, " HH") && !strings.HasPrefix(after, " hh")
}

// isDate tells whether a schema is one of a date, after nameDates.
func isDate(s *jsonschema.Schema) bool { return DescribesDate(s.Title) || DescribesDate(s.Description) }

// nameDates gives schemas of dates that title: formats are not compiled.
func nameDates(schema any) {
	switch s := schema.(type) {
	case []any:
		for _, part := range s {
			nameDates(part)
		}
	case map[string]any:
		if s["format"] == "date" {
			s["title"] = dateForm
		}
		for _, part := range s {
			nameDates(part)
		}
	}
}

var timeForm = text.Pattern(`^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?$`)

// dateOf is the date of a time as programs write it, such as 2026-11-30T09:15:00.000Z.
func dateOf(written string) (date string, ok bool) {
	written = strings.TrimSpace(written)
	if !timeForm().MatchString(written) {
		return "", false
	}
	return written[:len(dateForm)], true
}
