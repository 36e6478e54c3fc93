package result

import (
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Filter is what an argument of a list asks of its items, as far as they show it.
// Releases that do not know the argument ignore it and answer with everything.
type Filter struct {
	Argument string
	Values   []string // any of them
	filterRule
}

// filterRule says how items show that they fit a filter. Where the API's own
// comparison is not known, the rule lets more through than it can.
type filterRule struct {
	fields   []string // dot paths, of which one suffices
	contains bool     // the value is part of the field; else it is all of it
}

// filterRules are those of query parameters, by name. Case does not count.
var filterRules = map[string]filterRule{
	"name_contains":  {[]string{"name", "display_name"}, true},
	"email":          {[]string{"email"}, true},
	"first_name":     {[]string{"first_name"}, true},
	"last_name":      {[]string{"last_name"}, true},
	"status":         {[]string{"status"}, false},
	"statuses":       {[]string{"status"}, false},
	"workflow_ids":   {[]string{"workflow_id"}, false},
	"resource_type":  {[]string{"type", "resource.type"}, false},
	"resource_id":    {[]string{"resource.id", "resource.name", "resource.display_name"}, false},
	"environment_id": {[]string{"environment.id"}, false},
}

// FiltersOf returns the filters among a call's arguments whose effect its items
// show. Of documents of other APIs it is not known what their parameters mean.
func FiltersOf(call *tools.Call) (all []Filter) {
	if slices.Contains(call.Tool.Untrusted, tools.AllUntrusted) {
		return nil
	}
	for _, a := range call.Tool.Args {
		rule, ok := filterRules[a.WireName]
		if values := call.Texts(a.Name); ok && a.In == tools.InQuery && len(values) > 0 {
			all = append(all, Filter{a.Name, values, rule})
		}
	}
	return all
}

// fits reports whether an item shows what the filter asks for, or none of its
// fields.
func (f *Filter) fits(item *jsonvalue.Value) bool {
	shown := false
	for _, path := range f.fields {
		v := at(item, path)
		if v == nil {
			continue
		}
		shown = true
		is := strings.ToLower(v.Str())
		for _, value := range f.Values {
			value = strings.ToLower(strings.TrimSpace(value))
			if is == value || f.contains && strings.Contains(is, value) {
				return true
			}
		}
	}
	return !shown
}

// Fits reports whether all items of the page fit a filter.
func (p *Page) Fits(f Filter) bool {
	return !slices.ContainsFunc(p.items, func(item jsonvalue.Value) bool { return !f.fits(&item) })
}

// Apply keeps only what fits the filter of what is added to the list from now on.
func (l *List) Apply(f Filter) { l.filters = append(l.filters, f) }

// selective tells whether the list has only those items that match something.
func (l *List) selective() bool { return l.o.Where != nil || len(l.filters) > 0 }
