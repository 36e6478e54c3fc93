package tools

import (
	"strings"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
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

// dateOf is the date of a time as programs write it, such as 2026-11-30T09:15:00.000Z.
func dateOf(written string) (date string, ok bool) {
	written = strings.TrimSpace(written)
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if _, err := time.Parse(layout, written); err == nil {
			return written[:len(dateForm)], true
		}
	}
	return "", false
}
