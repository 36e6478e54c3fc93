package e2e_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// "Who can open the Payroll app, and why?"
func whoOpensPayroll(t *testing.T, a *agent) {
	payroll := a.one("list_apps", object{"name_contains": "Payroll", "where": "name == 'Payroll'", "fields": []string{"id"}})["id"]
	list := a.get("list_object_access", object{"objectType": "app", "objectId": payroll, "resolve": true})
	var reasons []string
	for _, e := range list["group"].([]any) {
		entry := e.(object)
		reasons = append(reasons, fmt.Sprint(entry["subject"].(object)["name"], " ", entry["accessLevel"]))
	}
	var people []string
	for _, e := range list["user"].([]any) {
		people = append(people, fmt.Sprint(e.(object)["subject"].(object)["name"]))
	}
	requirePayroll(t, a.checker(""), payroll, reasons, people)
}

// requirePayroll checks the answer to the third task.
func requirePayroll(t *testing.T, s *session, payroll string, reasons, people []string) {
	t.Helper()
	require.ElementsMatch(t, []string{"admin own", "Finance edit", "Payroll Admins own"}, reasons)
	all := accessTo(s, payroll)
	require.Len(t, people, len(all.Users))
	require.Contains(t, people, "mia.chen@northwind.example")
}

// "Quarterly access review: for every group, members and everything it can
// reach; CSV." What a group can do with the configurations of a resource follows
// from the resource, but for those that were granted by themselves.
func reviewAccess(t *testing.T, a *agent) {
	var review []string
	for _, g := range a.rows("list_groups", object{"fields": []string{"id", "name", "members.email"}}) {
		for member := range strings.SplitSeq(g["members[](email)"], "; ") {
			if member != "" && member != "[]" {
				review = append(review, g["name"]+",member,"+member)
			}
		}
		arguments := object{"subject": object{"type": "group", "id": json.Number(g["id"])}, "all_pages": true, "resolve": true, "fields": []string{"name", "access_level"}}
		reach := a.sections("list_subject_access", "object_type",
			with(with(arguments, "object_type", []string{"folder", "app", "resource"}), "include_inherited_access", true))
		reach["resource_configuration"] = a.rows("list_subject_access", with(arguments, "object_type", "resource_configuration"))
		for kind, rows := range reach {
			for _, r := range rows {
				review = append(review, strings.Join([]string{g["name"], kind, r["name"], r["access_level"]}, ","))
			}
		}
	}
	requireReview(t, a.checker(""), review)
}

// requireReview checks an access review of lines "Support,app,Orders,use" and
// "Support,member,jane@northwind.example".
func requireReview(t *testing.T, s *session, review []string) {
	t.Helper()
	names := map[string]string{}
	for _, x := range readAll[app](s, "list_apps", nil) {
		names[x.ID] = x.Name
	}
	for _, f := range read[[]folder](s, "list_folders", nil) {
		names[f.ID] = f.Name
	}
	for _, g := range read[[]group](s, "list_groups", nil) {
		for _, m := range g.Members {
			require.Contains(t, review, g.Name+",member,"+m.Email)
		}
		for _, kind := range []string{"folder", "app"} {
			for _, x := range read[[]access](s, "list_subject_access", object{"subject": object{"type": "group", "id": g.ID}, "object_type": kind, "include_inherited_access": true}) {
				require.Contains(t, review, strings.Join([]string{g.Name, kind, names[x.ID], x.Level}, ","))
			}
		}
	}
}

// "Move to RBAC: create the role Analyst, grant it to these 5 groups, remove the
// old grants."
func moveToRoles(t *testing.T, a *agent) {
	wanted := analystGroups
	groups := column(a.rows("list_groups", object{"where": oneOf("name", wanted), "fields": []string{"id"}}), "id")
	require.Len(t, groups, len(wanted))
	old := a.rows("list_role_grants", object{"where": "subject_type == 'group' and " + oneOf("subject_id", groups), "fields": []string{"id"}})
	role := a.get("create_role", object{"name": "Analyst", "description": "Reads apps and data.", "object_scopes": []string{"apps:read", "resources:read"}, "organization_scopes": []string{}})
	for _, id := range groups {
		a.call("create_role_grant", object{"role_id": role["id"], "subject_type": "group", "subject_id": id})
	}
	for _, grant := range old {
		a.call("delete_role_grant", object{"roleGrantId": grant["id"]})
	}
	requireRole(t, a.checker(""), role["id"], groups)
}

var analystGroups = []string{"Engineering", "Finance", "Operations", "Contractors", "Store Managers"}

// requireRole checks that groups have this role once, and no other.
func requireRole(t *testing.T, s *session, role any, groups []string) {
	t.Helper()
	for _, grant := range read[[]object](s, "list_role_grants", nil) {
		if grant["subject_type"] == "group" && slices.Contains(groups, grant["subject_id"].(string)) {
			require.Equal(t, role, grant["role_id"])
			groups = slices.DeleteFunc(groups, func(id string) bool { return id == grant["subject_id"] })
		}
	}
	require.Empty(t, groups, "each has the role once")
}
