package plan

import (
	"slices"
	"strings"
)

// Step is one planned write.
type Step struct {
	// Operation is the name of the tool. Name is that of the step, "create_group#1".
	Operation, Name string
	// Arguments are what is sent, with ids for names: a JSON object with sorted names
	// and no spaces, in which placeholders are marked; see Marker. They hold secrets:
	// they are compared and hashed, never shown.
	Arguments []byte
	// Line is the line of the script that makes the write, 0 if unknown.
	Line int
	// Words are how the step reads to a person, and Later how where an earlier step may
	// have changed what they say of its object.
	Words, Later Words
	// About tells the object that Words describe as it is, and the part of it, "" for none:
	// "/users/5\nmetadata\n".
	About string
	// Destructive steps are those about which the user would be asked, if they were
	// calls of their own. Irreversible ones cannot be undone and affect the whole
	// organization.
	Destructive, Irreversible bool
	// Targets are the ids of the objects that the step changes.
	Targets []string
	// Before is a digest of the state that the step replaces, "" for none, and Reach one
	// of what it affects beside its Targets: a plan does not hold once they have changed.
	Before, Reach string
	// Uncertain steps are checked again just before they are made: what they do, and
	// whether the user is asked about it, depends on the state or on unknown values.
	Uncertain bool
}

// Words say in words what a write does. They hold no secrets. Placeholders in them are
// marked as in Arguments, and whole: a text is cut beside them. The texts of others stand
// in quotes, so that nothing in them can pose as ours; see [Print].
type Words struct {
	// Title is that of the tool, "Add users to a group".
	Title string
	// Objects are what the write is about, by name: `Group: "Support" (9)`. What comes
	// before the first ": " or quote is the heading where equal writes form a table.
	Objects []string
	// Changes are its values, or old → new where it replaces: `name: "a" → "b"`.
	Changes []string
	// Undo is what undoes it, or "cannot be undone" and why; "" if unknown.
	Undo string
}

// Settle replaces what steps say of the state of their objects where earlier steps change
// that.
func Settle(steps []*Step) {
	for i, s := range steps {
		if s.About != "" && slices.ContainsFunc(steps[:i], func(earlier *Step) bool { return overlap(earlier.About, s.About) }) {
			s.Words = s.Later
		}
	}
}

// overlap tells whether of two objects or parts one is, or is in, the other.
func overlap(a, b string) bool {
	return a != "" && (strings.HasPrefix(a, b) || strings.HasPrefix(b, a))
}

// Plan is what one run of a script would write.
type Plan struct {
	Steps []Step
	// Ended says why the plan ends before the script does, "" if it does not:
	// "iterating needs the real <create_group#1.members>". Line is where.
	Ended string
	Line  int
}
