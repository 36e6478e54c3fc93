package tools

import (
	"fmt"
)

// Unavailable is a known tool that is not served: the document lacks its
// operation, or has it in a form that cannot be used.
type Unavailable struct {
	Name string
	// Operation is the method and path, Since the first self-hosted release
	// with it, "" if unknown.
	Operation, Since string
	// Broken is what is wrong with the operation in the document, "" if it is
	// missing.
	Broken string
}

// WhyUnavailable explains to an agent why an unavailable tool cannot be called;
// ok is false for any other name.
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
