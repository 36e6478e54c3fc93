package tools

import "fmt"

// Absent is a tool that other releases of the API have and this one has not.
type Absent struct {
	Name string
	// Operation is the method and path, Since the first self-hosted release
	// with it, "" where unknown.
	Operation, Since string
}

// missing returns the known tools whose operation c has not.
func (c *Catalogue) missing(known *Catalogue) (absent []Absent) {
	if known == nil {
		return nil
	}
	for _, t := range known.Tools {
		if c.byOperation(t.Method, t.Path) == nil {
			absent = append(absent, Absent{Name: t.Name, Operation: t.Method + " " + t.Path, Since: t.Since})
		}
	}
	return absent
}

// Explain tells an agent that calls an absent tool why it is not there; ok is
// false for any other name.
func (c *Catalogue) Explain(name string) (text string, ok bool) {
	for _, a := range c.Absent {
		if a.Name != name {
			continue
		}
		since := "only other releases of Retool have it"
		if a.Since != "" {
			since = "self-hosted Retool has it from release " + a.Since + " on"
		}
		return fmt.Sprintf("This instance (API %s) does not have %s, which is %s: %s.", c.Version, a.Name, a.Operation, since), true
	}
	return "", false
}
