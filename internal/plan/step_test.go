package plan_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/plan"
)

// A step tells what its object is now only where no earlier step is about that object,
// something in it, or what it is in.
func TestSettle(t *testing.T) {
	for name, x := range map[string]struct {
		about []string
		later []bool
	}{
		"the same":            {[]string{"/users/5\n\n", "/users/5\n\n", "/users/5\n\n"}, []bool{false, true, true}},
		"others":              {[]string{"/users/5\n\n", "/users/55\n\n", "/groups/5\n\n"}, []bool{false, false, false}},
		"a part, then all":    {[]string{"/users/5\n\nmetadata\n", "/users/5\n\n"}, []bool{false, true}},
		"all, then a part":    {[]string{"/users/5\n\n", "/users/5\n\nmetadata\n"}, []bool{false, true}},
		"two parts":           {[]string{"/users/5\n\nmetadata\na\n", "/users/5\n\nmetadata\nab\n"}, []bool{false, false}},
		"what nobody knows":   {[]string{"", "/users/5\n\n", "", ""}, []bool{false, false, false, false}},
		"one after another":   {[]string{"/users/5\n\n", "/users/6\n\n", "/users/5\n\n"}, []bool{false, false, true}},
		"nothing":             {nil, nil},
		"items of one list":   {[]string{"/grants\na\n", "/grants\nb\n"}, []bool{false, false}},
		"an item, once again": {[]string{"/grants\na\n", "/grants\na\n"}, []bool{false, true}},
	} {
		var steps []*plan.Step
		for _, about := range x.about {
			steps = append(steps, &plan.Step{About: about, Words: plan.Words{Title: "now"}, Later: plan.Words{Title: "later"}})
		}
		plan.Settle(steps)
		for i, s := range steps {
			require.Equal(t, x.later[i], s.Words.Title == "later", "%s, %d", name, i)
		}
	}
}
