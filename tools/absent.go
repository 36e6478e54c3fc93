package tools

import (
	"fmt"
	"strings"
)

// Unavailable is a tool that is known and not served: the document has no such
// operation, or has it in a form that cannot be used.
type Unavailable struct {
	Name string
	// Operation is the method and path, Since the first self-hosted release
	// with it, "" where unknown.
	Operation, Since string
	// Broken is what is wrong with the operation in the document, "" if it is
	// not there at all.
	Broken string
}

// missing returns the known tools whose operation c has not.
func (c *Catalog) missing(known *Catalog) (unavailable []Unavailable) {
	if known == nil {
		return nil
	}
	for _, t := range known.Tools {
		if c.byOperation(t.Method, t.Path) == nil {
			a := Unavailable{Name: t.Name, Operation: t.Method + " " + t.Path, Since: t.Since}
			a.Broken = c.problemWith(t.Method, t.Path)
			unavailable = append(unavailable, a)
		}
	}
	return unavailable
}

// problemWith returns why an operation of the document became no tool.
func (c *Catalog) problemWith(method, path string) string {
	for _, p := range c.Problems {
		m, at, _ := strings.Cut(p.Operation, " ")
		if p.Operation == path || operationKey(m, at) == operationKey(method, path) {
			return p.Reason
		}
	}
	return ""
}

// WhyUnavailable tells an agent that calls an unavailable tool why it is not there; ok is
// false for any other name.
func (c *Catalog) WhyUnavailable(name string) (text string, ok bool) {
	for _, a := range c.Unavailable {
		if a.Name != name {
			continue
		}
		if a.Broken != "" {
			return fmt.Sprintf("%s, which is %s, cannot be served: its description in the document is broken (%s).", a.Name, a.Operation, a.Broken), true
		}
		since := "only other releases of Retool have it"
		if a.Since != "" {
			since = "self-hosted Retool has it from release " + a.Since + " on"
		}
		return fmt.Sprintf("This instance (API %s) does not have %s, which is %s: %s.", c.Version, a.Name, a.Operation, since), true
	}
	return "", false
}
