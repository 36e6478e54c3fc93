package plan

import "strings"

// A placeholder stands in the arguments of a step as a text between two characters of
// a private use area, which no real argument may contain: open, the step's name, its
// fields, close. In print it is <create_group#1.id>.
const (
	// Open and Close are the delimiters.
	Open  = '\U000F8A91'
	Close = '\U000F8A92'
)

var unmarked = strings.NewReplacer(string(Open), "<", string(Close), ">")

// Unmark writes the placeholders in a text as people read them. Nothing else in it
// changes; see Print for a text that is to be shown on one line.
func Unmark(s string) string { return unmarked.Replace(s) }

// Marker is the text of a placeholder: of step "create_group#1" and a path within its
// answer, "" or "members[0].id".
func Marker(step, path string) string {
	if path != "" && path[0] != '[' {
		path = "." + path
	}
	return string(Open) + step + path + string(Close)
}
