package tools

import (
	"encoding/json"
	"slices"
	"strings"
)

// Ask says which values of an argument make calls of a tool that is not destructive
// as destructive as those of another one, which asks.
type Ask struct {
	// At is an argument, or the path of a field that a JSON Patch changes.
	At string
	// Values are those that ask, as JSON.
	Values []string
	// Below are levels, the highest first: a call that lowers the present one asks.
	Below []string
	// As is the tool that does the same and asks.
	As string
}

// Asks is why the call may have to be confirmed although its tool is not
// destructive; nil for none. Of levels, only the present one can tell.
func (c *Call) Asks() *Ask {
	if len(c.Tool.Asks) == 0 {
		return nil
	}
	var given map[string]any
	if json.Unmarshal(c.Arguments(), &given) != nil {
		return nil
	}
	for i := range c.Tool.Asks {
		a := &c.Tool.Asks[i]
		level, _ := given[a.At].(string)
		switch at := c.value(a.At); {
		case at != nil && isPlaceholder(at.data): // nobody knows
			return a
		case strings.HasPrefix(a.At, "/") && a.inPatch(c.value("operations")),
			given[a.At] != nil && a.has(given[a.At]),
			slices.Index(a.Below, level) > 0:
			return a
		}
	}
	return nil
}

func (a *Ask) has(value any) bool {
	encoded, err := json.Marshal(value)
	return err == nil && slices.Contains(a.Values, string(encoded))
}

// inPatch reports whether operations of a JSON Patch give the field one of the
// values, or one that they do not say.
func (a *Ask) inPatch(operations *value) bool {
	if operations == nil {
		return false
	}
	list, _ := operations.data.([]any)
	return isPlaceholder(operations.data) || slices.ContainsFunc(list, func(item any) bool {
		o, _ := item.(map[string]any)
		if isPlaceholder(item) || isPlaceholder(o["path"]) || isPlaceholder(o["from"]) || isPlaceholder(o["value"]) && o["path"] == a.At {
			return true
		}
		if o["path"] != a.At {
			return o["op"] == "move" && o["from"] == a.At
		}
		value, says := o["value"]
		return o["op"] != "test" && (!says || o["op"] == "remove" || a.has(value))
	})
}
