package server

import (
	"fmt"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/tools"
)

// instructions tell a model, once, how to read the tool list.
func instructions(c *tools.Catalogue) string {
	lines := []string{
		fmt.Sprintf("%s %s, %d tools: each is one operation of the API of a Retool organisation.", c.API, c.Version, len(c.Tools)),
		"In a description, (users:read) is the scope that the access token needs, and what follows the arrow are the answer's fields; a shape such as {type: 'group', id: number} lists an object's fields.",
		"Ids come from the list_… tools; never make one up.",
	}
	paged := func(t tools.Tool) bool { return t.Paging != nil }
	if slices.ContainsFunc(c.Tools, paged) {
		lines = append(lines, "A list that has more ends in a line with the next call: repeat it with that next_token until no such line comes.")
	}
	if slices.ContainsFunc(c.Tools, func(t tools.Tool) bool {
		return t.Method == "PATCH" && strings.Contains(t.Description+string(t.Schema), "JSON Patch:")
	}) {
		lines = append(lines, `Where a tool takes operations, they are JSON Patch: [{"op":"replace","path":"/name","value":"New name"}].`)
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}
