package call

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/memory"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/tools"
)

// effect is what an operation affects beside the object that it names: the items of
// a list that a filter of the API finds, or whose field holds the object's id; all
// of them without either.
type effect struct{ list, filter, field, says string }

var effects = map[string]effect{
	"DELETE /resources/{}":                    {"apps", "using_resource", "", "Apps that use it: %d"},
	"DELETE /environments/{}":                 {"resource_configurations", "environment_id", "", "Resource configurations for it: %d"},
	"DELETE /role_permissions/roles/{}":       {"role_permissions/role_grants", "", "role_id", "Grants of it: %d"},
	"POST /organization/invalidate_sessions/": {"users", "", "", "Users of the organization: %d"},
}

// facts say how much a call affects, as far as lists tell. What cannot be read is
// left out. The call does what a tool does.
func (l *lookup) facts(ctx context.Context, bound *tools.Call, as *tools.Tool) []string {
	id := ""
	for _, value := range bound.PathArguments() {
		id = value
	}
	if unknown(id) {
		return nil
	}
	key := tools.OperationKey(as.Method, as.Path)
	if key == "DELETE /folders/{}" {
		return l.contents(ctx, bound, id)
	}
	e, ok := effects[key]
	t := l.r.reader(e.list)
	if !ok || t == nil {
		return nil
	}
	n := 0
	switch {
	case e.field != "":
		ok = l.items(ctx, t, nil, func(item *jsonvalue.Value) {
			if item.Member(e.field).Str() == id {
				n++
			}
		})
	case e.filter == "":
		n, ok = l.count(ctx, t, nil)
	default:
		n, ok = l.count(ctx, t, map[string]string{e.filter: id})
		if all, counted := l.count(ctx, t, nil); !counted || n == all {
			ok = false // the instance may ignore the filter
		}
	}
	if !ok {
		return nil
	}
	return []string{fmt.Sprintf(e.says, n)}
}

// contents says what a folder of apps contains that is deleted with it.
func (l *lookup) contents(ctx context.Context, bound *tools.Call, id string) []string {
	var given struct{ Recursive bool }
	folders, apps := l.r.reader("folders"), l.r.reader("apps")
	if json.Unmarshal(bound.Arguments(), &given) != nil || !given.Recursive || folders == nil || apps == nil {
		return nil
	}
	parents, inside, n := map[string]string{}, map[string]bool{id: true}, 0
	if !l.items(ctx, folders, nil, func(item *jsonvalue.Value) { parents[item.Member("id").Str()] = item.Member("parent_folder_id").Str() }) {
		return nil
	}
	for before := 0; before < len(inside); { // one more level each time
		before = len(inside)
		for folder, parent := range parents {
			if inside[parent] {
				inside[folder] = true
			}
		}
	}
	if !l.items(ctx, apps, nil, func(item *jsonvalue.Value) {
		if inside[item.Member("folder_id").Str()] {
			n++
		}
	}) {
		return nil
	}
	return []string{fmt.Sprintf("Deleted with it: %d apps, %d folders", n, len(inside)-1)}
}

// count is how many items a list has, as the instance counts them.
func (l *lookup) count(ctx context.Context, t *tools.Tool, arguments any) (int, bool) {
	call, err := bind(ctx, t, arguments)
	if err != nil {
		return 0, false
	}
	held := memory.From(ctx)
	defer held.Shrink(held.Taken())
	f, at := l.r.fetcher(l.client, call), tools.Cursor{}
	page, failure := f.next(ctx, &at)
	if failure != "" {
		l.partial = true
		return 0, false
	}
	if _, more := page.Take(MaxItems); !more {
		return f.list.Len(), true
	}
	return f.list.Total(), f.list.Total() > 0
}

// items sees all items of a list, or reports that it could not.
func (l *lookup) items(ctx context.Context, t *tools.Tool, arguments any, see func(item *jsonvalue.Value)) bool {
	_, note := l.each(ctx, t, arguments, func(page *result.Page) {
		items := page.Items()
		for i := range items {
			see(&items[i])
		}
	})
	return note == ""
}
