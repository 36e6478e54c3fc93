package sandbox_test

import (
	"fmt"

	"github.com/stretchr/testify/require"
)

// checkReferences reads everything that names other things: nothing may name
// one that is gone.
func (w *randomClient) checkReferences() {
	w.t.Helper()
	unique := map[string]ref{} // ids that cannot be mistaken for anything else
	for g := range w.gone {
		if len(g.id) >= 32 || g.kind == "folder" {
			unique[g.id] = g
		}
	}
	check := func(where string, value any) {
		mentions(value, func(m ref) {
			if _, ok := unique[m.id]; ok || w.gone[m] {
				require.Fail(w.t, "a dangling reference", "%s: %v is gone", where, m)
			}
		})
	}
	look := func(operation string, r request) {
		w.t.Helper()
		check(fmt.Sprint(operation, r.path), w.ok(operation, r))
	}
	for _, k := range w.kinds {
		switch {
		case k.name == "user_task": // those that are over keep whom they were for
			look(k.list, request{}.where("statuses", "pending"))
		case k.list != "":
			look(k.list, request{})
		}
	}
	for _, kind := range []string{"app", "folder", "resource", "workflow"} {
		for _, t := range w.tracked[kind] {
			look("list_object_access", at("objectType", kind, "objectId", t.id))
		}
	}
	for _, kind := range []string{"group", "user"} {
		for _, t := range w.tracked[kind] {
			objectType := grantableTypes[w.random.IntN(len(grantableTypes))]
			look("list_subject_access", request{}.with(map[string]any{
				"subject": t.subject(), "object_type": objectType, "include_inherited_access": true,
			}))
			look("list_role_grants_for_subject", at("subjectType", kind, "subjectId", t.id))
		}
	}
	look("list_usage_organizations", request{})
	look("get_organization", request{})
	w.checkStored(check)
}

// checkStored looks at what is stored, as some of it is shown only together with
// what it refers to. What was counted of the usage of apps stays, and so do the
// assignees of tasks that are over.
func (w *randomClient) checkStored(check func(where string, value any)) {
	w.t.Helper()
	stored, _ := readJSON(w.t, w.whole()).(map[string]any)
	if w.nested {
		rows := listIn(stored["spaces"].(map[string]any)["rows"])
		stored, _ = rows[0]["item"].(map[string]any)["org"].(map[string]any)
	}
	for name, part := range stored {
		switch name {
		case "visited_apps", "spaces":
		case "tasks":
			for _, row := range listIn(part.(map[string]any)["rows"]) {
				if task := row["item"].(map[string]any); task["status"] == "pending" {
					check(name, task)
				}
			}
		default:
			check(name, part)
		}
	}
}

// mentions goes through everything that an answer can name: texts, and numbers
// where the names around them say what they are.
func mentions(value any, visit func(ref)) {
	switch v := value.(type) {
	case string:
		visit(ref{"", v})
	case []any:
		for _, item := range v {
			mentions(item, visit)
		}
	case map[string]any:
		for _, prefix := range []string{"", "subject_", "object_", "element_"} {
			kind, isText := v[prefix+"type"].(string)
			if id := v[prefix+"id"]; isText && id != nil {
				visit(ref{kind, text(id)})
			}
		}
		for name, kind := range map[string]string{"groups": "group", "user_invites": "userInvite"} {
			for _, id := range idsIn(v[name]) {
				visit(ref{kind, id})
			}
		}
		if invites, ok := v["invites"].([]any); ok { // of a stored group
			for _, id := range invites {
				visit(ref{"userInvite", text(id)})
			}
		}
		for _, member := range v {
			mentions(member, visit)
		}
	}
}
