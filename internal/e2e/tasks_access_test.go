package e2e_test

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// text is the number of a group or invite as a path argument.
func text(id int) string { return strconv.Itoa(id) }

// ref names a subject or an object.
type ref struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

// accessList lists who has access to something, and why.
type accessList struct {
	Groups  []accessEntry `json:"group"`
	Users   []accessEntry `json:"user"`
	Invites []accessEntry `json:"userInvite"`
}

type accessEntry struct {
	Subject ref           `json:"subject"`
	Sources accessSources `json:"sources"`
	Level   string        `json:"accessLevel"`
}

type accessSources struct {
	Direct    bool  `json:"direct"`
	Universal bool  `json:"universal"`
	Groups    []ref `json:"groups"`
	Inherited *ref  `json:"inherited"`
}

// accessTo lists who has access to an app.
func accessTo(s *session, id string) accessList {
	s.t.Helper()
	return read[accessList](s, "list_object_access", object{"objectType": "app", "objectId": id})
}

// "Who can open the Payroll app, and why?"
//
// The reasons that the list gives are held against what each subject was
// granted, and against the groups.
func TestTask03WhoCanOpenPayroll(t *testing.T) {
	t.Parallel()
	s := onSandbox(t)
	payroll := appNamed(s, "Payroll")
	home := read[folder](s, "get_folder", object{"folderId": payroll.Folder})
	list := accessTo(s, payroll.ID)

	// why returns the access that the grants of one subject give.
	why := func(subjectType string, id any) (direct, inherited string) {
		for _, a := range granted(s, subjectType, id, "app") {
			if a.ID == payroll.ID {
				direct = a.Level
			}
		}
		for _, a := range granted(s, subjectType, id, "folder") {
			if a.ID == home.ID {
				inherited = a.Level
			}
		}
		return direct, inherited
	}
	levels := []string{"", "none", "use", "edit", "own"}
	highest := func(a, b string) string {
		if slices.Index(levels, a) > slices.Index(levels, b) {
			return a
		}
		return b
	}

	reasons := map[string]string{} // by group
	expectedGroups, throughGroups := map[string]accessEntry{}, map[string][]group{}
	for _, g := range read[[]group](s, "list_groups", nil) {
		direct, inherited := why("group", g.ID)
		entry := accessEntry{Subject: ref{text(g.ID), "group"}, Level: highest(direct, inherited)}
		if direct != "" {
			entry.Sources.Direct = true
			reasons[g.Name] += "granted " + direct + "; "
		}
		if inherited != "" {
			entry.Sources.Inherited = &ref{home.ID, "folder"}
			reasons[g.Name] += inherited + " on the folder " + home.Name + "; "
		}
		if g.AppAccess != "none" {
			entry.Sources.Universal, entry.Level = true, highest(entry.Level, g.AppAccess)
			reasons[g.Name] += g.AppAccess + " on all apps; "
		}
		if entry.Level == "" {
			continue
		}
		expectedGroups[entry.Subject.ID] = entry
		for _, m := range g.Members {
			throughGroups[m.ID] = append(throughGroups[m.ID], g)
		}
	}
	for _, e := range list.Groups {
		require.Equal(t, expectedGroups[e.Subject.ID], e)
	}
	require.Len(t, list.Groups, len(expectedGroups))
	require.Equal(t, map[string]string{
		"admin":          "own on all apps; ",
		"Finance":        "edit on the folder Finance; ",
		"Payroll Admins": "granted own; ",
	}, reasons)

	byEmail := map[string]string{}
	for _, u := range readAll[user](s, "list_users", nil) {
		direct, inherited := why("user", u.ID)
		entry := accessEntry{Subject: ref{u.ID, "user"}, Level: highest(direct, inherited)}
		if direct != "" {
			entry.Sources.Direct = true
			byEmail[u.Email] += "granted " + direct + "; "
		}
		if inherited != "" {
			entry.Sources.Inherited = &ref{home.ID, "folder"}
		}
		for _, g := range throughGroups[u.ID] {
			entry.Sources.Groups = append(entry.Sources.Groups, ref{text(g.ID), "group"})
			entry.Level = highest(entry.Level, expectedGroups[text(g.ID)].Level)
			byEmail[u.Email] += "member of " + g.Name + "; "
		}
		at := slices.IndexFunc(list.Users, func(e accessEntry) bool { return e.Subject.ID == u.ID })
		if entry.Level == "" || !u.Active {
			require.Negative(t, at, u.Email)
			delete(byEmail, u.Email)
			continue
		}
		require.GreaterOrEqual(t, at, 0, u.Email)
		require.Equal(t, entry, list.Users[at], u.Email)
	}
	require.Len(t, list.Users, len(byEmail))
	require.Equal(t, "granted use; ", byEmail["mia.chen@northwind.example"])
	require.Equal(t, "member of Finance; member of Payroll Admins; ", byEmail["tomas.nunez@northwind.example"])
	require.Equal(t, "member of admin; ", byEmail["ava.lindqvist@northwind.example"])
	require.NotContains(t, byEmail, "jonas.weiss@northwind.example", "a Payroll Admin who is disabled")

	// A correct reason predicts the effect of a change.
	mia := userWith(s, "mia.chen@northwind.example")
	read[[]access](s, "revoke_permissions", object{"subject": object{"type": "user", "id": mia.ID}, "object": object{"type": "app", "id": payroll.ID}})
	require.Len(t, accessTo(s, payroll.ID).Users, len(list.Users)-1)
}

// "Quarterly access review: for every group, members and everything it can
// reach; CSV."
func TestTask04AccessReview(t *testing.T) {
	t.Parallel()
	s := onSandbox(t)
	names := map[string]string{} // by type and ID
	for _, f := range read[[]folder](s, "list_folders", nil) {
		names["folder "+f.ID] = f.Name
	}
	apps := readAll[app](s, "list_apps", nil)
	for _, a := range apps {
		names["app "+a.ID] = a.Name
	}
	for _, r := range readAll[resource](s, "list_resources", nil) {
		names["resource "+r.ID] = r.Name
	}
	for _, c := range readAll[configuration](s, "list_resource_configurations", nil) {
		names["resource_configuration "+c.ID] = c.Resource.Name + " in " + c.Environment.Name
	}

	groups := read[[]group](s, "list_groups", nil)
	require.Len(t, groups, 14)
	var file bytes.Buffer
	out := csv.NewWriter(&file)
	for _, g := range groups {
		for _, m := range g.Members {
			require.NoError(t, out.Write([]string{g.Name, "member", m.ID, m.Email, ""}))
		}
		for _, kind := range []string{"folder", "app", "resource", "resource_configuration"} {
			for _, a := range read[[]access](s, "list_subject_access", object{
				"subject": object{"type": "group", "id": g.ID}, "object_type": kind, "include_inherited_access": true,
			}) {
				require.Contains(t, names, kind+" "+a.ID)
				require.NoError(t, out.Write([]string{g.Name, a.Type, a.ID, names[a.Type+" "+a.ID], a.Level}))
			}
		}
	}
	out.Flush()
	require.NoError(t, out.Error())

	// The review must agree with the other direction: who can reach each app.
	review, err := csv.NewReader(&file).ReadAll()
	require.NoError(t, err)
	reviewed, everywhere := []string{}, map[string]int{}
	for _, row := range review {
		everywhere[row[0]+" "+row[1]]++
		if row[1] == "app" {
			reviewed = append(reviewed, strings.Join([]string{row[3], row[0], row[4]}, " | "))
		}
	}
	listed, groupNames := []string{}, map[string]string{}
	for _, g := range groups {
		groupNames[text(g.ID)] = g.Name
		require.Equal(t, len(read[group](s, "get_group", object{"groupId": text(g.ID)}).Members), everywhere[g.Name+" member"])
	}
	for _, a := range apps {
		for _, e := range accessTo(s, a.ID).Groups {
			listed = append(listed, strings.Join([]string{a.Name, groupNames[e.Subject.ID], e.Level}, " | "))
		}
	}
	require.ElementsMatch(t, listed, reviewed)
	require.Equal(t, len(apps), everywhere["admin app"], "administrators reach all")
	require.Contains(t, reviewed, "Orders | Support | use")
	require.Zero(t, everywhere["Contractors app"])
	require.Equal(t, 2, everywhere["Contractors resource_configuration"])
	require.NotZero(t, everywhere[`Marketing "EMEA 🚀" app`])
	require.Equal(t, 250, everywhere["All Users member"])
}

// "Move to RBAC: create the role Analyst, grant it to these 5 groups, remove the
// old grants."
func TestTask13RolesForGroups(t *testing.T) {
	t.Parallel()
	s := onSandbox(t)
	type role struct {
		ID           string   `json:"id"`
		Name         string   `json:"name"`
		ObjectScopes []string `json:"object_scopes"`
		OrgScopes    []string `json:"organization_scopes"`
	}
	type roleGrant struct {
		ID          string  `json:"id"`
		Role        string  `json:"role_id"`
		SubjectType string  `json:"subject_type"`
		Subject     string  `json:"subject_id"`
		Object      *string `json:"object_id"`
	}
	before := snapshotOf(read[[]object](s, "list_role_grants", nil))
	auditor := sole(t, read[[]role](s, "list_roles", nil), func(r role) bool { return r.Name == "Auditor" })
	analyst := read[role](s, "create_role", object{
		"name": "Analyst", "description": "Reads apps and data.", "object_scopes": auditor.ObjectScopes, "organization_scopes": auditor.OrgScopes,
		"fields": []string{"id", "name", "object_scopes", "organization_scopes"},
	})
	require.Equal(t, role{analyst.ID, "Analyst", auditor.ObjectScopes, auditor.OrgScopes}, analyst)
	require.Contains(t, read[[]role](s, "list_roles", nil), analyst)
	requireRefusal(s, "create_role", object{"name": "analyst", "object_scopes": []string{"apps:read"}, "organization_scopes": []string{}}, "409", "already exists")

	wanted, old := []string{}, 0
	for _, name := range []string{"Engineering", "Finance", "Operations", "Contractors", "Store Managers"} {
		subject := object{"subjectType": "group", "subjectId": text(groupNamed(s, name).ID)}
		had := read[[]roleGrant](s, "list_role_grants_for_subject", subject)
		require.NotEmpty(t, had, "%s had a role", name)
		made := read[roleGrant](s, "create_role_grant", object{"role_id": analyst.ID, "subject_type": "group", "subject_id": subject["subjectId"]})
		for _, g := range had {
			act(s, "delete_role_grant", object{"roleGrantId": g.ID})
			requireRefusal(s, "delete_role_grant", object{"roleGrantId": g.ID}, "404", "there is nothing left to do")
			wanted = append(wanted, "-"+g.ID)
			old++
		}
		require.Equal(t, []roleGrant{{made.ID, analyst.ID, "group", subject["subjectId"].(string), nil}},
			read[[]roleGrant](s, "list_role_grants_for_subject", subject))
		wanted = append(wanted, "+"+made.ID)
	}
	require.GreaterOrEqual(t, old, 5)
	require.ElementsMatch(t, wanted, changes(before, snapshotOf(read[[]object](s, "list_role_grants", nil))), "other roles are unchanged")
}
