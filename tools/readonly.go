package tools

import "strings"

// IsReadOnly tells whether a request, by its method and its encoded path, is one of an
// operation that changes nothing. What no operation of the catalog describes is
// none, and neither is what a writing operation describes just as well.
func (c *Catalog) IsReadOnly(method, path string) bool {
	reads := false
	best := -1
	for i := range c.Tools {
		t := &c.Tools[i]
		if t.Method != method {
			continue
		}
		fixed, ok := fits(t.Path, path)
		if !ok || fixed < best {
			continue
		}
		if fixed > best {
			best, reads = fixed, true
		}
		reads = reads && t.Hints.ReadOnly
	}
	return reads
}

// fits tells whether a path is one of a template, and how many of its segments
// the template fixes: of two templates the one that fixes more is meant.
func fits(template, path string) (fixed int, ok bool) {
	want, have := strings.Split(template, "/"), strings.Split(path, "/")
	if len(want) != len(have) {
		return 0, false
	}
	for i, segment := range want {
		switch {
		case strings.HasPrefix(segment, "{") && strings.HasSuffix(segment, "}"):
			if have[i] == "" {
				return 0, false
			}
		case segment != have[i]:
			return 0, false
		default:
			fixed++
		}
	}
	return fixed, true
}
