package tools

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// masked tells whether a text is what stands where a secret is hidden: by
// Retool, or by us. Written back, it would take the secret's place.
func masked(text string) bool {
	text = strings.TrimSpace(text)
	return strings.Contains(text, "---encrypted-on-server---") || strings.Contains(text, "__RETOOL_ENCRYPTED_") ||
		strings.Contains(text, redacted)
}

// masks lists where in a value masks stand.
func masks(at string, data any) (places []string) {
	switch data := data.(type) {
	case string:
		if masked(data) {
			return []string{at}
		}
	case []any:
		for i, item := range data {
			places = append(places, masks(at+"["+strconv.Itoa(i)+"]", item)...)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(data)) {
			if masked(name) {
				places = append(places, at)
			}
			places = append(places, masks(at+"."+name, data[name])...)
		}
	}
	return places
}

// refuseMasks is a fault for every mask that a write would store.
func (c *Call) refuseMasks() (faults []string) {
	if c.Tool.Hints.ReadOnly {
		return nil
	}
	for _, v := range c.args {
		for _, place := range masks(v.name, v.data) {
			faults = append(faults, place+": holds a mask, not a secret; written back it would destroy the secret that is stored. "+
				"Leave the field out where the tool allows it, or ask the user for the real value")
		}
	}
	return faults
}
