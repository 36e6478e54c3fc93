package toolgen

import (
	"cmp"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Documents name scopes in their prose, in two styles: "Users > Read" up to
// 2.12, `users:read` later. Tools use the latter, as Retool's settings page and
// errors do.
var (
	scopeSentence = text.Pattern(`(?i)(requires?|must have|needs?)\b[^.]*\bscopes?\b`)
	scopeName     = text.Pattern("[\"'`]([A-Za-z_ ]+(?:(?: > |:)[A-Za-z_ ()]+)?)[\"'`]")
)

// scopeAreas are names of areas that changed over time.
var scopeAreas = map[string]string{
	"customcomponent":         "custom_components",
	"environment":             "environments",
	"configuration_variables": "config_vars",
}

// scopesOf returns the scopes that the document states, or else those in its
// prose.
func scopesOf(op *openapi.Operation) (scopes tools.Scopes) {
	if stated := op.Extension.Scope; stated != "" {
		return strings.Split(stated, " or ")
	}
	sentence := scopeSentence().FindString(op.Description)
	for _, match := range scopeName().FindAllStringSubmatch(sentence, -1) {
		if scope := normalScope(match[1]); !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	return statedScopes(scopes)
}

// secretPaths parses x-secrets: paths, some followed by " if FLAG".
func secretPaths(stated []string) (paths []tools.SecretPath) {
	for _, s := range stated {
		path, flag, _ := strings.Cut(s, " if ")
		paths = append(paths, tools.SecretPath{Path: path, Flag: flag})
	}
	return paths
}

func normalScope(s string) string {
	area, access, ok := strings.Cut(strings.ToLower(s), " > ")
	if !ok {
		return strings.ToLower(s)
	}
	area = strings.ReplaceAll(area, " ", "_")
	area = cmp.Or(scopeAreas[area], area)
	access = strings.Trim(strings.NewReplacer("(", "", ")", "").Replace(access), " ")
	return area + ":" + strings.ReplaceAll(access, " ", "_")
}

// plans are Retool's plans as badges name them, cheapest first.
var plans = []string{"Free", "Team", "Business", "Enterprise"}

func planOf(badges []string) string {
	for _, plan := range plans {
		if slices.ContainsFunc(badges, func(b string) bool { return strings.EqualFold(b, plan) }) {
			return plan
		}
	}
	return ""
}
