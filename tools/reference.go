package tools

import (
	"slices"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// ReferenceKinds are what ids in an answer can be resolved to.
var ReferenceKinds = []string{"user", "group", "app", "folder", "resource", "environment"}

// ReferenceKind returns what the value of a field of that name identifies,
// such as "folder" for parent_folder_id, or "" for no other object.
func ReferenceKind(field string) string {
	words := text.Words(field)
	isID := len(words) > 1 && slices.Contains([]string{"id", "ids"}, words[len(words)-1])
	words = slices.DeleteFunc(words, func(w string) bool { return slices.Contains([]string{"id", "ids", "legacy"}, w) })
	if len(words) == 0 {
		return ""
	}
	switch last := words[len(words)-1]; {
	case last == "by" && len(words) > 1, last == "owner" && isID:
		return "user"
	case isID && slices.Contains(ReferenceKinds, last):
		return last
	}
	return ""
}
