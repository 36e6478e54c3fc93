package tools

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// Catalog holds the tools of a document, ordered by name.
type Catalog struct {
	// API and Version are the document's title and version.
	API     string
	Version string
	// OfInstance says that the document describes the instance: its own, or the one
	// that the operator chose for it.
	OfInstance bool
	// Server is the address that the document itself gives, "" for none.
	Server string
	Tools  []Tool
	// ToolsetOrder is the order in which toolsets are listed.
	ToolsetOrder []string
	// Problems are the operations that became no tool.
	Problems []Problem
	// Unavailable are known tools that the document lacks.
	Unavailable []Unavailable
}

// Problem says why an operation became no tool.
type Problem struct {
	// Operation is the method and path, "GET /users".
	Operation string
	Reason    string
}

// Find returns the tool of that name, or nil.
func (c *Catalog) Find(name string) *Tool {
	i, ok := slices.BinarySearchFunc(c.Tools, name, func(t Tool, name string) int { return cmp.Compare(t.Name, name) })
	if !ok {
		return nil
	}
	return &c.Tools[i]
}

// Current returns the tool that has a name now or had it formerly, or nil.
func (c *Catalog) Current(name string) *Tool {
	if t := c.Find(name); t != nil || name == "" {
		return t
	}
	for i := range c.Tools {
		if c.Tools[i].Former == name {
			return &c.Tools[i]
		}
	}
	return nil
}

// Renamed tells an agent that called the tool by its former name what to do.
func (t *Tool) Renamed() string {
	return fmt.Sprintf("Not sent: %s is now %s (%s). Call it by that name, with the same arguments.", t.Former, t.Name, t.Title)
}

// DidYouMean returns " (did you mean X?)" for the tool with the most similar
// name, or "" where none is similar.
func (c *Catalog) DidYouMean(name string) string {
	names := make([]string, len(c.Tools))
	for i := range c.Tools {
		names[i] = c.Tools[i].Name
	}
	return text.DidYouMean(name, names)
}

// Unavailable is a known tool that is not served: the document lacks its
// operation, or has it in a form that cannot be used.
type Unavailable struct {
	Name, Former string
	// Operation is the method and path, Since the first self-hosted release
	// with it, "" if unknown.
	Operation, Since string
	// Broken is what is wrong with the operation in the document, "" if it is
	// missing.
	Broken string
}

// WhyUnavailable explains to an agent why an unavailable tool cannot be called;
// ok is false for any other name.
func (c *Catalog) WhyUnavailable(name string) (reason string, ok bool) {
	for _, a := range c.Unavailable {
		if a.Name != name && (a.Former != name || name == "") {
			continue
		}
		if a.Broken != "" {
			return fmt.Sprintf("%s (%s) is unavailable: the document describes it in a form that cannot be used (%s).", a.Name, a.Operation, a.Broken), true
		}
		since := "Other releases of Retool have it"
		if a.Since != "" {
			since = "Self-hosted Retool has it since release " + a.Since
		}
		return fmt.Sprintf("%s (%s) is unavailable: this instance (API %s) does not have it. %s.", a.Name, a.Operation, c.Version, since), true
	}
	return "", false
}

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
