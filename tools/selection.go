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
// included. Local tools are always included.
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
	selected := *c
	selected.Tools = make([]Tool, 0, len(c.Tools))
	for i := range c.Tools {
		t := &c.Tools[i]
		if (in[t.Name] || t.IsLocal()) && t.Scopes.AllowedBy(s.Scopes) && !out[t.Name] && (!s.ReadOnly || t.Hints.ReadOnly) {
			selected.Tools = append(selected.Tools, *t)
		}
	}
	return &selected, nil
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
