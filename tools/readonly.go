package tools

import "strings"

// IsReadOnly reports whether a request, by its method and its encoded path,
// changes nothing. It is false for unknown operations and where a writing
// operation matches as well.
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

// fits reports whether a path matches a template, and how many of its segments
// are fixed: of two templates, the more specific one counts.
func fits(template, path string) (fixed int, ok bool) {
	want, have := strings.Split(template, "/"), strings.Split(path, "/")
	if len(want) != len(have) {
		return 0, false
	}
	for i, segment := range want {
		switch variable := strings.HasPrefix(segment, "{") && strings.HasSuffix(segment, "}"); {
		case variable && have[i] == "", !variable && segment != have[i]:
			return 0, false
		case !variable:
			fixed++
		}
	}
	return fixed, true
}
