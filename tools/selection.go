package tools

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// Selection says which tools of a catalog are served. The zero value is all.
//
// Toolsets and Tools include, or everything is included where both are empty.
// Then Scopes, Exclude and ReadOnly each remove tools, however they were
// included. Local tools without a toolset are always included.
//
// Where tools that run scripts are selected, these reach further than the list: see
// Tool.Unlisted.
type Selection struct {
	// Toolsets are names of toolsets; see WithToolsets.
	Toolsets []string
	// Tools and Exclude are names of tools, former ones too, in which * matches any
	// text.
	Tools, Exclude []string
	// Scopes are those of the access token, such as users:read; nil if unknown.
	// Write includes read.
	Scopes []string
	// ReadOnly keeps only tools that change nothing.
	ReadOnly bool
}

// SelectionError says which part of a Selection is invalid.
type SelectionError struct {
	// Part is "toolsets", "tools", "exclude" or "scopes".
	Part string
	text string
}

func (e *SelectionError) Error() string { return e.text }

// Select returns the catalog with the selected tools. A name or pattern that
// matches nothing is a *SelectionError.
func (c *Catalog) Select(s Selection) (*Catalog, error) {
	if len(s.Toolsets)+len(s.Tools)+len(s.Exclude) == 0 && s.Scopes == nil && !s.ReadOnly {
		return c, nil
	}
	in, err := c.chosen(s)
	if err != nil {
		return nil, err
	}
	out, err := c.matching("exclude", s.Exclude)
	if err != nil {
		return nil, err
	}
	if err := c.checkScopes(s.Scopes); err != nil {
		return nil, err
	}
	allowed := func(t *Tool) bool {
		return t.Scopes.AllowedBy(s.Scopes) && !out[t.Name] && (!s.ReadOnly || t.Hints.ReadOnly)
	}
	reads, writes := false, false // by scripts, beyond the list
	operations := 0
	for i := range c.Tools {
		t := &c.Tools[i]
		if in[t.Name] && !t.IsLocal() {
			operations++
		}
		if in[t.Name] && t.RunsScripts() && allowed(t) {
			reads, writes = true, writes || !t.Hints.ReadOnly
		}
	}
	reads = reads && s.reachesAll(operations == 0)
	selected := *c
	selected.Tools = make([]Tool, 0, len(c.Tools))
	for i := range c.Tools {
		t := c.Tools[i]
		listed := in[t.Name] || t.IsLocal() && t.Toolset == ""
		t.Unlisted = !listed && !t.IsLocal() && reads && (writes || t.Hints.ReadOnly)
		if (listed || t.Unlisted) && allowed(&t) {
			selected.Tools = append(selected.Tools, t)
		}
	}
	return &selected, nil
}

// reachesAll reports whether scripts reach all operations: where no toolset is chosen
// but such as are not about operations of one kind. Named beside others, the toolset
// of scripts is for the operations of those; without a toolset, patterns that include
// no operation are for all.
func (s *Selection) reachesAll(noOperations bool) bool {
	if len(s.Toolsets) == 0 {
		return noOperations
	}
	return slices.Contains(s.Toolsets, ToolsetAll) || !slices.ContainsFunc(s.Toolsets, func(name string) bool { return name != ToolsetScripts && name != ToolsetCore })
}

// Listed returns the catalog without the tools that only scripts reach.
func (c *Catalog) Listed() *Catalog {
	if !slices.ContainsFunc(c.Tools, func(t Tool) bool { return t.Unlisted }) {
		return c
	}
	listed := *c
	listed.Tools = slices.DeleteFunc(slices.Clone(c.Tools), func(t Tool) bool { return t.Unlisted })
	return &listed
}

// OnlyInScripts tells an agent that called an unlisted tool what to do.
func (c *Catalog) OnlyInScripts(t *Tool) string {
	run := ""
	for i := range c.Tools {
		if other := &c.Tools[i]; other.RunsScripts() && (run == "" || other.Hints.ReadOnly == t.Hints.ReadOnly) {
			run = other.Name
		}
	}
	if run == "" {
		return fmt.Sprintf("Not sent: %s is not served.", t.Name)
	}
	return fmt.Sprintf(`Not sent: %s is served to scripts only. Call it in one: %s {"code":"return await retool.%s({…})"}.`, t.Name, run, t.Name)
}

// chosen are the names that toolsets and patterns include, all without either.
func (c *Catalog) chosen(s Selection) (map[string]bool, error) {
	names, err := c.matching("tools", s.Tools)
	if err != nil {
		return nil, err
	}
	if len(s.Toolsets) == 0 && len(s.Tools) > 0 {
		return names, nil
	}
	sets, err := c.WithToolsets(s.Toolsets)
	if err != nil {
		return nil, &SelectionError{"toolsets", err.Error()}
	}
	for i := range sets.Tools {
		names[sets.Tools[i].Name] = true
	}
	return names, nil
}

// matching are the names that match any of the patterns.
func (c *Catalog) matching(part string, patterns []string) (map[string]bool, error) {
	names := map[string]bool{}
	for _, pattern := range patterns {
		found := false
		for i := range c.Tools {
			t := &c.Tools[i]
			ok, err := path.Match(pattern, t.Name)
			if err != nil {
				return nil, &SelectionError{part, fmt.Sprintf("%q is not a valid pattern: %v", pattern, err)}
			}
			formerly, _ := path.Match(pattern, t.Former) // the pattern is valid
			if ok || formerly && t.Former != "" {
				names[t.Name], found = true, true
			}
		}
		if !found {
			return nil, &SelectionError{part, fmt.Sprintf("no tool matches %q%s", pattern, c.DidYouMean(pattern))}
		}
	}
	return names, nil
}

// checkScopes refuses a scope that no tool needs, since it is misspelled.
func (c *Catalog) checkScopes(scopes []string) error {
	known := c.Scopes()
	for _, scope := range scopes {
		area, verb, _ := strings.Cut(scope, ":")
		if slices.Contains(known, scope) || verb == "read" && slices.Contains(known, area+":write") {
			continue
		}
		return &SelectionError{"scopes", fmt.Sprintf("no tool needs the scope %q%s", scope, text.DidYouMean(scope, known))}
	}
	return nil
}

// Scopes lists the scopes of all tools, sorted.
func (c *Catalog) Scopes() (scopes []string) {
	for i := range c.Tools {
		scopes = append(scopes, c.Tools[i].Scopes...)
	}
	slices.Sort(scopes)
	return slices.Compact(scopes)
}
