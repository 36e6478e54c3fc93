package auth

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Rule says what a claim of a token allows.
type Rule struct {
	// Claim is the name of a claim. Dots lead into nested ones, as in
	// realm_access.roles, unless a claim has that very name.
	Claim string
	// Value is what the claim has to be or, if it is a list, to contain.
	Value string
	// Toolsets are those that the rule allows; "all" allows all that are served.
	Toolsets []string
	// ReadOnly says that the rule allows only to read. Another rule that fits may
	// allow more, in its own toolsets.
	ReadOnly bool
}

const (
	allToolsets = "all"
	readOnly    = "read-only"
)

// ParseRule reads a rule such as
//
//	groups=retool-admins:all
//	roles=support:users,groups;read-only
//
// The claim ends at the first equals sign and the value at the last colon, so a
// value may hold both.
func ParseRule(text string) (Rule, error) {
	claim, rest, ok := strings.Cut(text, "=")
	colon := strings.LastIndexByte(rest, ':')
	if !ok || colon < 0 {
		return Rule{}, fmt.Errorf("the rule %q has to look like CLAIM=VALUE:TOOLSETS or CLAIM=VALUE:TOOLSETS;%s", text, readOnly)
	}
	toolsets, option, has := strings.Cut(rest[colon+1:], ";")
	rule := Rule{Claim: strings.TrimSpace(claim), Value: strings.TrimSpace(rest[:colon])}
	for name := range strings.SplitSeq(toolsets, ",") {
		rule.Toolsets = append(rule.Toolsets, strings.TrimSpace(name))
	}
	if has {
		if strings.TrimSpace(option) != readOnly {
			return Rule{}, fmt.Errorf("the rule %q: behind the semicolon may only stand %s", text, readOnly)
		}
		rule.ReadOnly = true
	}
	if err := rule.check(); err != nil {
		return Rule{}, fmt.Errorf("the rule %q: %w", text, err)
	}
	return rule, nil
}

var toolsetLike = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_-]+$`) })

// check refuses what can never fit a token.
func (r Rule) check() error {
	switch {
	case r.Claim == "":
		return errors.New("the name of the claim is missing")
	case r.Value == "":
		return errors.New("the value of the claim is missing")
	case r.spaced() && (!visible(r.Value) || strings.ContainsAny(r.Value, `"\`)): // RFC 6749, section 3.3
		return errors.New("the value is no scope: a scope has no blanks, quotes and backslashes")
	case len(r.Toolsets) == 0:
		return errors.New("it names no toolset")
	}
	for _, name := range r.Toolsets {
		if !toolsetLike().MatchString(name) {
			return fmt.Errorf("%q is no name of a toolset", name)
		}
	}
	return nil
}

// spaced reports whether a text in the claim is a list with blanks between.
func (r Rule) spaced() bool { return r.Claim == "scope" || r.Claim == "scp" }

func (r Rule) fits(claims map[string]any) bool {
	switch claim := find(claims, r.Claim).(type) {
	case string:
		if r.spaced() {
			return slices.Contains(strings.Fields(claim), r.Value)
		}
		return claim == r.Value
	case []any:
		return slices.Contains(claim, any(r.Value))
	default:
		return false
	}
}

// find looks a claim up by its name, then as a path. A name on the path may hold
// dots itself, as that of a client or one that is a URL.
func find(claims map[string]any, name string) any {
	if value, ok := claims[name]; ok {
		return value
	}
	for i := range len(name) {
		if name[i] != '.' {
			continue
		}
		if inner, ok := claims[name[:i]].(map[string]any); ok {
			if value := find(inner, name[i+1:]); value != nil {
				return value
			}
		}
	}
	return nil
}

// grant is what all rules that fit allow together; nil toolsets are all.
type grant struct {
	toolsets, writes []string
	readOnly         bool
}

// granted returns false if no rule fits. Without rules everybody may do everything.
func granted(rules []Rule, claims map[string]any) (grant, bool) {
	if len(rules) == 0 {
		return grant{}, true
	}
	g := grant{toolsets: []string{}, writes: []string{}, readOnly: true}
	fits := false
	for _, rule := range rules {
		if !rule.fits(claims) {
			continue
		}
		fits = true
		g.toolsets = joined(g.toolsets, rule.Toolsets)
		if !rule.ReadOnly {
			g.readOnly = false
			g.writes = joined(g.writes, rule.Toolsets)
		}
	}
	if g.readOnly || len(g.writes) == len(g.toolsets) || slices.Contains(g.writes, allToolsets) {
		g.writes = nil
	}
	if slices.Contains(g.toolsets, allToolsets) {
		g.toolsets = nil
	}
	return g, fits
}

// joined is the names of both, each once.
func joined(names, more []string) []string {
	for _, name := range more {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// scopes are those that rules name, for clients to ask for.
func scopes(rules []Rule) (names []string) {
	for _, rule := range rules {
		if rule.Claim == "scope" && !slices.Contains(names, rule.Value) {
			names = append(names, rule.Value)
		}
	}
	return names
}
