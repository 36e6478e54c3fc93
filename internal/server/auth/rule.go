package auth

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/retool-mcp/retool-mcp/internal/caller"
)

// Rule says what a claim of a token grants.
type Rule struct {
	// Claim is the name of a claim. Dots lead into nested claims, as in
	// realm_access.roles, unless a claim has exactly that name.
	Claim string
	// Value is the value that the claim must have or, as a list, contain.
	Value string
	// Toolsets are the granted toolsets; "all" grants everything that is served.
	Toolsets []string
	// ReadOnly grants only reading. Another matching rule may grant more, in its own
	// toolsets.
	ReadOnly bool
}

const (
	allToolsets    = "all"
	scriptsToolset = "scripts"
	readOnly       = "read-only"
)

// several finds a second rule behind a whole one: toolsets, then a claim. In a value
// it is so unlikely that a list with the wrong separator is the better explanation.
var several = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`:\s*[\w-]+(\s*[,;]\s*[\w-]+)*[,;|&\s\]"']+[^\s=:,;|&]+(:[^\s=,;|&]+)?\s*=.*:`)
})

// ParseRule parses a rule such as
//
//	groups=retool-admins:all
//	roles=support:users,groups;read-only
//
// The claim ends at the first equals sign and the value at the last colon, so a
// value may contain both. Several rules in a row are refused.
func ParseRule(text string) (Rule, error) {
	claim, rest, ok := strings.Cut(text, "=")
	colon := strings.LastIndexByte(rest, ':')
	if !ok || colon < 0 {
		return Rule{}, fmt.Errorf("the rule %q must have the form CLAIM=VALUE:TOOLSETS or CLAIM=VALUE:TOOLSETS;%s", text, readOnly)
	}
	toolsets, option, has := strings.Cut(rest[colon+1:], ";")
	rule := Rule{Claim: strings.TrimSpace(claim), Value: strings.TrimSpace(rest[:colon])}
	for name := range strings.SplitSeq(toolsets, ",") {
		rule.Toolsets = append(rule.Toolsets, strings.ToLower(strings.TrimSpace(name)))
	}
	switch {
	case several().MatchString(text), repeats(rule.Claim, rule.Value), strings.ContainsAny(rule.Claim, ",;\"'[]{}|\n"):
		return Rule{}, fmt.Errorf("the rule %q looks like several: give each a flag of its own, a line of the variable, or an item of the list in the configuration file", text)
	case has:
		if !strings.EqualFold(strings.TrimSpace(option), readOnly) {
			return Rule{}, fmt.Errorf("the rule %q: only %s may follow the semicolon", text, readOnly)
		}
		rule.ReadOnly = true
	}
	if err := rule.check(); err != nil {
		return Rule{}, fmt.Errorf("the rule %q: %w", text, err)
	}
	return rule, nil
}

// repeats reports whether a value goes on with the claim, as after a rule without
// toolsets.
func repeats(claim, value string) bool {
	before, _, found := strings.Cut(value, claim+"=")
	return found && claim != "" && strings.ContainsAny(before[max(0, len(before)-1):], ",;|& ")
}

// check refuses a rule that no token can match.
func (r Rule) check() error {
	switch {
	case r.Claim == "":
		return errors.New("it has no claim")
	case r.Value == "":
		return errors.New("it has no value")
	case r.isScope() && !isScope(r.Value):
		return errors.New("the value is not a scope: a scope has no spaces, quotes or backslashes")
	case len(r.Toolsets) == 0:
		return errors.New("it has no toolset")
	}
	for _, name := range r.Toolsets {
		if !isWord(name) {
			return fmt.Errorf("%q is not a toolset name", name)
		}
	}
	return nil
}

// isScope reports whether the claim is a list separated by spaces.
func (r Rule) isScope() bool { return r.Claim == "scope" || r.Claim == "scp" }

// isScope reports whether a text is one scope (RFC 6749, section 3.3).
func isScope(text string) bool {
	return text != "" && visible(text) && !strings.ContainsAny(text, `"\`)
}

// matches reports whether the claims match the rule.
func (r Rule) matches(claims map[string]any) bool {
	switch claim := find(claims, r.Claim).(type) {
	case string:
		if r.isScope() {
			return slices.Contains(strings.Fields(claim), r.Value)
		}
		return claim == r.Value
	case []any:
		return slices.Contains(claim, any(r.Value))
	default:
		return false
	}
}

// find looks up a claim by its name, then as a path. Names on the path may contain
// dots, as URLs do.
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

// granted returns what all matching rules grant together, and whether one matches.
// Without rules everything is granted.
func granted(rules []Rule, claims map[string]any) (c caller.Caller, matches bool) {
	if len(rules) == 0 {
		return c, true
	}
	c = caller.Caller{Toolsets: []string{}, WriteToolsets: []string{}, ReadOnly: true}
	for _, rule := range rules {
		if !rule.matches(claims) {
			continue
		}
		matches = true
		c.Toolsets = union(c.Toolsets, rule.Toolsets)
		if !rule.ReadOnly {
			c.ReadOnly = false
			c.WriteToolsets = union(c.WriteToolsets, rule.Toolsets)
		}
	}
	if c.ReadOnly || len(c.WriteToolsets) == len(c.Toolsets) || slices.Contains(c.WriteToolsets, allToolsets) {
		c.WriteToolsets = nil
	}
	if slices.Contains(c.Toolsets, allToolsets) {
		c.Toolsets = nil
	}
	return c, matches
}

func union(names, more []string) []string {
	for _, name := range more {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// scopesOf returns the scopes in the rules.
func scopesOf(rules []Rule) (names []string) {
	for _, rule := range rules {
		if rule.Claim == "scope" {
			names = union(names, []string{rule.Value})
		}
	}
	return names
}
