package redact

import "strings"

// SecretPath is the place of a secret in an answer, such as
// "data[].values[].value". If Flag is set, the place holds a secret unless the
// nearest member of that name around it is false.
type SecretPath struct{ Path, Flag string }

// AllUntrusted as an untrusted path means every text.
const AllUntrusted = "*"

// node is a tree of paths.
type node struct {
	members map[string]*node
	items   *node
	end     bool
	flag    string
	shown   bool
}

func (n *node) add(path, flag string) {
	n = n.at(path)
	n.end, n.flag = true, flag
}

// at returns the node of a path.
func (n *node) at(path string) *node {
	for step := range strings.SplitSeq(path, ".") {
		name := strings.TrimRight(step, "[]")
		if name != "" {
			if n.members == nil {
				n.members = map[string]*node{}
			}
			if n.members[name] == nil {
				n.members[name] = &node{}
			}
			n = n.members[name]
		}
		for range strings.Count(step, "[]") {
			if n.items == nil {
				n.items = &node{}
			}
			n = n.items
		}
	}
	return n
}

func (n *node) member(name string) *node {
	if n == nil {
		return nil
	}
	return n.members[name]
}

func (n *node) item() *node {
	if n == nil {
		return nil
	}
	return n.items
}

// withAndWithoutEnvelope returns the two spellings of a path: instances send
// {"data": …} or what would be in it.
func withAndWithoutEnvelope(path string) []string {
	if bare, ok := strings.CutPrefix(path, "data"); ok && bare != "" {
		return []string{path, strings.TrimPrefix(bare, ".")}
	}
	return []string{path, "data." + path}
}
