package sandbox_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// form is what values of one place in recorded answers have in common. All items
// of a list are of one place: a list in the sandbox may hold other things than
// the recorded one, but they must look the same.
type shape struct {
	kinds   map[string]bool // null, boolean, number, string, list, object
	objects int             // how many of the values are objects
	members map[string]*shape
	seen    map[string]int // in how many of the objects a member is
	items   *shape         // nil while every list was empty
	empty   bool           // some list was empty
}

func shapeOf(values ...any) *shape {
	f := &shape{kinds: map[string]bool{}, members: map[string]*shape{}, seen: map[string]int{}}
	for _, value := range values {
		f.add(value)
	}
	return f
}

func (f *shape) add(value any) {
	f.kinds[kindOf(value)] = true
	switch v := value.(type) {
	case map[string]any:
		f.objects++
		for name, member := range v {
			f.seen[name]++
			if f.members[name] == nil {
				f.members[name] = shapeOf()
			}
			f.members[name].add(member)
		}
	case []any:
		f.empty = f.empty || len(v) == 0
		for _, item := range v {
			if f.items == nil {
				f.items = shapeOf()
			}
			f.items.add(item)
		}
	}
}

func kindOf(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case float64:
		return "number"
	case string:
		return "string"
	case []any:
		return "list"
	default:
		return "object"
	}
}

// formDifference is where a value is not of a form, and in what.
type formDifference struct{ path, what string }

// differences compares a value, each item of a list with all recorded ones. Each
// difference comes once.
func (f *shape) differences(path string, value any) (out []formDifference) {
	add := func(more ...formDifference) {
		for _, d := range more {
			if !slices.Contains(out, d) {
				out = append(out, d)
			}
		}
	}
	if kind := kindOf(value); !f.kinds[kind] {
		add(formDifference{path, fmt.Sprintf("%s instead of %s", kind, strings.Join(slices.Sorted(maps.Keys(f.kinds)), " or "))})
		return out
	}
	switch v := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if f.members[name] == nil {
				add(formDifference{path + "." + name, "added"})
				continue
			}
			add(f.members[name].differences(path+"."+name, v[name])...)
		}
		for _, name := range slices.Sorted(maps.Keys(f.seen)) {
			if _, ok := v[name]; !ok && f.seen[name] == f.objects {
				add(formDifference{path + "." + name, "missing"})
			}
		}
	case []any:
		if len(v) == 0 && !f.empty {
			add(formDifference{path, "empty list"})
		}
		for _, item := range v {
			if f.items == nil {
				add(formDifference{path, "items instead of an empty list"})
				break
			}
			add(f.items.differences(path+"[]", item)...)
		}
	}
	return out
}

var date = regexp.MustCompile(`^\d{4}-\d\d-\d\dT`)

// otherValues are where an answer has the recorded members with other values,
// dates aside. Lists of another length hold other things and are let be.
func otherValues(path string, recorded, value any) (out []formDifference) {
	switch r := recorded.(type) {
	case map[string]any:
		v, _ := value.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(r)) {
			if member, ok := v[name]; ok {
				out = append(out, otherValues(path+"."+name, r[name], member)...)
			}
		}
	case []any:
		v, _ := value.([]any)
		for i := range v {
			if len(v) == len(r) {
				out = append(out, otherValues(path+"[]", r[i], v[i])...)
			}
		}
	case string:
		if v, _ := value.(string); date.MatchString(r) && date.MatchString(v) {
			return nil
		}
		if r != value {
			out = append(out, formDifference{path, "another value"})
		}
	default:
		if r != value {
			out = append(out, formDifference{path, "another value"})
		}
	}
	return out
}

// The comparison itself has to find what it is there for.
func TestFormDifferences(t *testing.T) {
	recorded := `{"id":7,"tags":[],"items":[{"a":1,"b":null},{"a":2,"b":"x","c":true}]}`
	for _, test := range []struct {
		name, answer string
		differences  []formDifference
	}{
		{"the same", recorded, nil},
		{"other values", `{"id":9,"tags":[],"items":[{"a":3,"b":"y"}]}`, nil},
		{"another type", `{"id":"7","tags":[],"items":[{"a":1,"b":null}]}`, []formDifference{{".id", "string instead of number"}}},
		{"null for a value", `{"id":null,"tags":[],"items":[{"a":1,"b":null}]}`, []formDifference{{".id", "null instead of number"}}},
		{"a member less", `{"tags":[],"items":[{"a":1,"b":null}]}`, []formDifference{{".id", "missing"}}},
		{"a member more", `{"id":7,"tags":[],"items":[{"a":1,"b":null}],"d":1}`, []formDifference{{".d", "added"}}},
		{"in items", `{"id":7,"tags":[],"items":[{"a":1,"b":5},{"b":null,"c":false,"e":1}]}`, []formDifference{
			{".items[].b", "number instead of null or string"}, {".items[].e", "added"}, {".items[].a", "missing"},
		}},
		{"nothing in a list", `{"id":7,"tags":[],"items":[]}`, []formDifference{{".items", "empty list"}}},
		{"something in a list", `{"id":7,"tags":[1,2],"items":[{"a":1,"b":null}]}`, []formDifference{{".tags", "items instead of an empty list"}}},
		{"a list for an object", `[]`, []formDifference{{"", "list instead of object"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.differences, shapeOf(readJSON(t, recorded)).differences("", readJSON(t, test.answer)))
		})
	}
}
