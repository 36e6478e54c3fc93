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
