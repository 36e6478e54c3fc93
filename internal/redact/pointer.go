package redact

import (
	"net/url"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// Pointer is what the path of an operation of a JSON Patch says of its value, which has
// no name of its own: {"op": "replace", "path": "/options/password", "value": …}.
type Pointer struct {
	// Steps lead to the value; an index of a list is "[]".
	Steps []string
	// Name is that of the field, or of the list around; "" for the whole document.
	Name string
	// Secret says that the names on the way are those of a secret, or that the value is
	// half of a pair whose name is not known.
	Secret bool
}

// ReadPointer reads a path as a JSON Pointer (RFC 6901), and what may be meant as one: it
// finds rather too many secrets.
func ReadPointer(path string) (p Pointer) {
	path = text.RemoveInvisible(path)
	if plain, err := url.PathUnescape(path); err == nil {
		path = plain
	}
	separator := "/"
	if !strings.Contains(path, separator) {
		separator = "."
	}
	last := ""
	for step := range strings.SplitSeq(strings.Trim(path, " $#./"), separator) {
		step = strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
		if last = step; step == "" {
			continue
		}
		if step == "-" || strings.Trim(step, "0123456789") == "" {
			p.Steps = append(p.Steps, "[]")
			continue
		}
		p.Steps, p.Name = append(p.Steps, step), step
		p.Secret = p.Secret || SecretName(step)
		for part := range strings.FieldsFuncSeq(step, func(c rune) bool { return strings.ContainsRune(".[]()?&=#:/ ", c) }) {
			p.Secret = p.Secret || SecretName(part)
		}
	}
	if n := len(p.Steps); n > 1 && p.Steps[n-2] == "[]" {
		p.Secret = p.Secret || ValueName(last) || last == "1"
	}
	return p
}

// IsPatchPath tells whether a member of that name holds a path of a JSON Patch.
func IsPatchPath(name string) bool { return isOne(name, patchPaths) }

var patchPaths = []string{"path", "from"}

// IsPatched tells whether a member of that name of an object with a path is what the path
// leads to: of an operation anything, else only what is named as a value.
func IsPatched(name string, operation bool) bool {
	return ValueName(name) || operation && !IsPatchPath(name) && !strings.EqualFold(name, "op")
}

// follow returns the rules for what the steps lead to, and whether they call it secret or
// anything that it is in.
func (n *node) follow(steps []string) (at *node, secret bool) {
	at = n
	for _, step := range steps {
		if step == "[]" {
			at = at.item()
		} else {
			at = at.memberInAnyCase(step)
		}
		if at == nil {
			return nil, secret
		}
		secret = secret || at.end
	}
	return at, secret
}

func (n *node) memberInAnyCase(name string) *node {
	if inner := n.member(name); inner != nil || n == nil {
		return inner
	}
	for known, inner := range n.members {
		if strings.EqualFold(known, name) {
			return inner
		}
	}
	return nil
}
