package toolgen

import (
	"slices"
	"strings"
)

// The documents name scopes in their prose, in two styles: "Users > Read" up to
// 2.12, `users:read` later. Both come out as the latter, which is also what
// Retool's settings page and its error messages use.
var (
	scopeSentence = lazyRegexp(`(?i)(requires?|must have|needs?)\b[^.]*\bscopes?\b`)
	scopeName     = lazyRegexp("[\"'`]([A-Za-z_ ]+(?:(?: > |:)[A-Za-z_ ()]+)?)[\"'`]")
	scopePart     = lazyRegexp(`^releases (read|write)$`)
)

// scopeAreas are words for an area that changed over time.
var scopeAreas = map[string]string{
	"customcomponent":         "custom_components",
	"environment":             "environments",
	"configuration_variables": "config_vars",
}

// scopeOf finds the scope that a description names, "" for none; alternatives
// are joined by " or ".
func scopeOf(description string) string {
	sentence := scopeSentence().FindString(description)
	var scopes []string
	for _, match := range scopeName().FindAllStringSubmatch(sentence, -1) {
		if scope := normalScope(match[1]); !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	return strings.Join(scopes, " or ")
}

func normalScope(s string) string {
	area, access, ok := strings.Cut(strings.ToLower(s), " > ")
	if !ok {
		return strings.ToLower(s)
	}
	area = strings.ReplaceAll(area, " ", "_")
	if known, ok := scopeAreas[area]; ok {
		area = known
	}
	access = strings.Trim(strings.NewReplacer("(", "", ")", "").Replace(access), " ")
	if m := scopePart().FindStringSubmatch(access); m != nil {
		access = "releases_" + m[1]
	}
	return area + ":" + strings.ReplaceAll(access, " ", "_")
}

// plans are Retool's plans, dearest last, as badges name them.
var plans = []string{"Free", "Team", "Business", "Enterprise"}

func planOf(badges []string) string {
	for _, plan := range plans {
		if slices.ContainsFunc(badges, func(b string) bool { return strings.EqualFold(b, plan) }) {
			return plan
		}
	}
	return ""
}
