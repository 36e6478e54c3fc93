package result

import (
	"crypto/sha256"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

// State stands for the object that was read, with secrets redacted: it is another if
// the object is another, and "" if none was read.
func (a *About) State() string {
	if a.current == nil {
		return ""
	}
	return stateOf(a.current)
}

// stateOf is a hash of a value without what use alone changes. The order of lists does
// not count: an instance may send the members of a group in any.
func stateOf(v *jsonvalue.Value) string {
	var parts []string
	for i := range v.Parts {
		part, name := &v.Parts[i], ""
		if v.Kind == jsonvalue.Object {
			if name = v.Names[i]; changesByItself(name, part) {
				continue
			}
		}
		parts = append(parts, hashed(name)+stateOf(part))
	}
	slices.Sort(parts)
	return hashed(string(v.Kind) + hashed(v.Text) + strings.Join(parts, ""))
}

func hashed(s string) string {
	sum := sha256.Sum256([]byte(s))
	return string(sum[:])
}

var beginsWithDate = text.Pattern(`^\d{4}-\d\d-\d\d`)

// changesByItself tells whether a field is a time that use alone changes.
func changesByItself(name string, v *jsonvalue.Value) bool {
	name = plainName(name)
	never := v.Kind == jsonvalue.Null
	return name == "updatedat" || strings.HasPrefix(name, "last") && (never || beginsWithDate().MatchString(v.Text))
}
