package toolgen

import (
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// linkListTools finds, for every argument that is an id, what it identifies and
// the tool that lists such ids. For an id in a path that is the tool at the path
// before it, or else at the collection that its name suggests; for any other, the
// list of what its name ends with: parent_folder_id is the id of a folder.
func linkListTools(c *tools.Catalog) {
	lists, byKind := map[string]*tools.Tool{}, map[string]*tools.Tool{}
	for i := range c.Tools {
		t := &c.Tools[i]
		if t.Method != "GET" {
			continue
		}
		lists[tools.OperationKey("GET", strings.TrimSuffix(t.Path, "/"))] = t
		if t.IDs != "" && !slices.ContainsFunc(t.Args, func(a tools.Arg) bool { return a.Required }) {
			byKind[t.IDs] = t
		}
	}
	for i := range c.Tools {
		t := &c.Tools[i]
		for j := range t.Args {
			if a := &t.Args[j]; a.In != tools.NotSent {
				list := listOf(t, a, lists)
				if list == nil {
					list = byKind[kindOf(a.Name, byKind)]
				}
				if list != nil {
					a.ListTool, a.IDs = list.Name, list.IDs
				}
			}
		}
	}
}

// listOf is the tool that lists the ids that a path takes, nil for none.
func listOf(t *tools.Tool, a *tools.Arg, lists map[string]*tools.Tool) *tools.Tool {
	if a.In != tools.InPath {
		return nil
	}
	before, after, _ := strings.Cut(t.Path, "/{"+a.Name+"}")
	if strings.HasPrefix(after, "/{") { // it says which kind of id follows
		return nil
	}
	of := strings.Join(withoutID(text.Words(a.Name)), "_")
	for _, path := range []string{before, "/" + of + "s", "/" + strings.TrimSuffix(of, "y") + "ies"} {
		if list := lists[tools.OperationKey("GET", path)]; list != nil {
			return list
		}
	}
	return nil
}

// kindOf returns which of the kinds a name says that its ids identify, "" for
// none of them: group_ids are those of groups.
func kindOf[T any](name string, kinds map[string]T) string {
	words := text.Words(name)
	if len(words) < 2 || !slices.Contains([]string{"id", "ids", "uuid", "uuids"}, last(words)) {
		return ""
	}
	words = words[:len(words)-1]
	for from := range words { // the longest one
		if kind := strings.Join(one(words[from:]), " "); hasKey(kinds, kind) {
			return kind
		}
	}
	return ""
}

func hasKey[T any](m map[string]T, key string) bool { _, ok := m[key]; return ok }
