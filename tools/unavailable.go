package tools

import (
	"fmt"
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

// WhyUnavailable tells an agent that calls an unavailable tool why it is not there; ok is
// false for any other name.
func (c *Catalog) WhyUnavailable(name string) (text string, ok bool) {
	for _, a := range c.Unavailable {
		if a.Name != name {
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
