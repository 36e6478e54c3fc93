package tools

import (
	"maps"
	"slices"
	"strconv"

	"github.com/retool-mcp/retool-mcp/internal/redact"
)

// markersIn lists the paths of redaction markers in a value.
func markersIn(at string, data any) (places []string) {
	switch data := data.(type) {
	case string:
		if redact.HasMarker(data) {
			return []string{at}
		}
	case []any:
		for i, item := range data {
			places = append(places, markersIn(at+"["+strconv.Itoa(i)+"]", item)...)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(data)) {
			if redact.HasMarker(name) {
				places = append(places, at)
			}
			places = append(places, markersIn(at+"."+name, data[name])...)
		}
	}
	return places
}

// refuseMarkers returns a fault for every redaction marker that a write would
// store.
func (c *Call) refuseMarkers() (faults []string) {
	if c.Tool.Hints.ReadOnly {
		return nil
	}
	for _, v := range c.args {
		for _, place := range markersIn(v.name, v.data) {
			faults = append(faults, place+": holds a redaction marker, not the secret; sending it would overwrite the stored secret. "+
				"Leave the field out, or ask the user for the real value")
		}
	}
	return faults
}
