package sandbox_test

import (
	"maps"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

var noScopes = []string{}

func role(name string, object, organization []string) map[string]any {
	return map[string]any{"name": name, "object_scopes": object, "organization_scopes": organization}
}

func TestRoles(t *testing.T) {
	f := startFirm(t)
	require.Empty(t, f.items("list_roles", request{}), "the firm has none")

	out := f.call("create_role", request{}.with(role("Analyst", []string{"apps:write", "resources:read"}, []string{"users:read"})))
	require.Equal(t, http.StatusCreated, out.status)
	analyst := out.body.(map[string]any)
	require.NotContains(t, analyst, "success", "this answer has no envelope")
	require.Empty(t, analyst["description"])
	require.Equal(t, false, analyst["is_default_role"])
	require.Equal(t, []any{"apps:write", "resources:read"}, analyst["object_scopes"], "as they were sent")
	require.Equal(t, []any{"apps:read", "folders:read"}, analyst["added_dependent_scopes"])
	require.Equal(t, []map[string]any{analyst}, f.items("list_roles", request{}))

	id := at("roleId", analyst["id"].(string))
	changed := f.object("update_role", id.with(map[string]any{"object_scopes": []string{"folders:read"}, "description": "Reads"}))
	require.Equal(t, "Analyst", changed["name"], "what is not sent stays")
	require.Equal(t, []any{"folders:read"}, changed["object_scopes"])
	require.Equal(t, []any{"users:read"}, changed["organization_scopes"])
	require.Equal(t, []any{}, changed["added_dependent_scopes"])
	require.Greater(t, changed["updated_at"], analyst["updated_at"])
	require.Equal(t, "analyst", f.object("update_role", id.with(map[string]any{"name": "analyst"}))["name"], "the name of itself is free")

	f.ok("delete_role", id)
	require.Empty(t, f.items("list_roles", request{}))
	f.fails(http.StatusNotFound, "delete_role", id)
}

func TestInvalidRolesAreRefused(t *testing.T) {
	f := startFirm(t)
	f.ok("create_role", request{}.with(role("Analyst", noScopes, noScopes)))
	other := at("roleId", text(f.object("create_role", request{}.with(role("Builder", noScopes, noScopes)))["id"]))
	before := f.state()
	create := func(status int, name string, object, organization []string, message string) {
		t.Helper()
		require.Equal(t, message, f.fails(status, "create_role", request{}.with(role(name, object, organization))))
	}
	create(http.StatusConflict, "analyst", noScopes, noScopes, `Role with name "analyst" already exists`)
	create(http.StatusUnprocessableEntity, "New", []string{"apps:read", "apps:paint"}, noScopes, "Unknown scope in object_scopes: apps:paint")
	create(http.StatusUnprocessableEntity, "New", noScopes, []string{"apps:read"}, "Unknown scope in organization_scopes: apps:read")
	create(http.StatusUnprocessableEntity, "New", []string{"users:read"}, noScopes, "Unknown scope in object_scopes: users:read")
	f.fails(http.StatusBadRequest, "update_role", other.with(map[string]any{"name": "Analyst"}))
	f.fails(http.StatusBadRequest, "update_role", other.with(map[string]any{"name": "Newer", "object_scopes": []string{"apps:paint"}}))
	require.Equal(t, before, f.state())
}

// The roles that the organization came with are as if they had been made here:
// a copy of any can be made, and gets the same scopes added.
func TestRolesCanBeCopied(t *testing.T) {
	a := start(t, sandbox.Options{})
	roles := a.items("list_roles", request{})
	require.NotEmpty(t, roles)
	for _, r := range roles {
		r["name"] = text(r["name"]) + " (copy)"
		made := a.object("create_role", request{}.with(map[string]any{
			"name": r["name"], "description": r["description"], "object_scopes": r["object_scopes"], "organization_scopes": r["organization_scopes"],
		}))
		require.ElementsMatch(t, r["added_dependent_scopes"], made["added_dependent_scopes"], r["name"])
		require.Equal(t, r["organization_id"], made["organization_id"])
	}
}

func TestDefaultRolesStay(t *testing.T) {
	builtIn := &model.Role{Name: "Admin", IsDefault: true}
	a := startWith(t, func(o *model.Org) {
		builtIn.ID, builtIn.OrganizationID = o.UUID(), o.ID
		o.Roles.Put(builtIn)
	})
	before := a.state()
	id := at("roleId", builtIn.ID)
	require.Equal(t, "Default roles cannot be deleted", a.fails(http.StatusBadRequest, "delete_role", id))
	require.Equal(t, "Default roles cannot be changed", a.fails(http.StatusBadRequest, "update_role", id.with(map[string]any{"name": "Root"})))
	require.Equal(t, before, a.state())
}

func TestRoleGrants(t *testing.T) {
	f := startFirm(t)
	analyst := text(f.object("create_role", request{}.with(role("Analyst", []string{"apps:read"}, noScopes)))["id"])
	clerks := map[string]any{"role_id": analyst, "subject_type": "group", "subject_id": text(f.groups["Clerks"])}
	onLedger := map[string]any{
		"role_id": analyst, "subject_type": "user", "subject_id": f.users["Eve"], "object_type": "resource", "object_id": "Ledger",
	}
	first := f.object("create_role_grant", request{}.with(clerks))
	require.Equal(t, analyst, first["role_id"])
	require.Nil(t, first["object_type"])
	second := f.object("create_role_grant", request{}.with(onLedger))
	require.Equal(t, f.ledger, second["object_id"])
	require.Equal(t, []map[string]any{first, second}, f.items("list_role_grants", request{}))
	of := func(kind, id string) []map[string]any {
		return f.items("list_role_grants_for_subject", at("subjectType", kind, "subjectId", id))
	}
	require.Equal(t, []map[string]any{first}, of("group", text(f.groups["Clerks"])))
	require.Equal(t, []map[string]any{second}, of("user", f.users["Eve"]))
	require.Empty(t, of("user", f.users["Cem"]), "roles of groups are not listed with their members")

	f.fails(http.StatusBadRequest, "create_role_grant", request{}.with(clerks))
	f.fails(http.StatusBadRequest, "create_role_grant", request{}.with(onLedger))

	f.ok("delete_role_grant", at("roleGrantId", text(first["id"])))
	f.fails(http.StatusNotFound, "delete_role_grant", at("roleGrantId", text(first["id"])))
	f.ok("delete_role", at("roleId", analyst))
	require.Empty(t, f.items("list_role_grants", request{}), "a role takes its grants along")
}

func TestRemoveRoleGrantsForSubject(t *testing.T) {
	f := startFirm(t)
	analyst := text(f.object("create_role", request{}.with(role("Analyst", []string{"apps:read"}, noScopes)))["id"])
	builder := text(f.object("create_role", request{}.with(role("Builder", []string{"apps:write"}, noScopes)))["id"])
	body := func(role, app string) request {
		out := map[string]any{"role_id": role, "subject_type": "user", "subject_id": f.users["Eve"]}
		if app != "" {
			out["object_type"], out["object_id"] = "app", app
		}
		return request{}.with(out)
	}
	left := func() (out []any) {
		for _, g := range f.items("list_role_grants_for_subject", at("subjectType", "user", "subjectId", f.users["Eve"])) {
			out = append(out, g["object_id"])
		}
		return out
	}
	for _, app := range []string{"", f.payroll, f.archive} {
		f.ok("create_role_grant", body(analyst, app))
	}
	f.ok("remove_role_from_subject", body(builder, ""))
	require.Equal(t, []any{nil, f.payroll, f.archive}, left(), "nothing to take is no mistake")
	f.ok("remove_role_from_subject", body(analyst, ""))
	require.Equal(t, []any{f.payroll, f.archive}, left(), "that on objects stays")
	f.ok("create_role_grant", body(analyst, ""))
	f.ok("remove_role_from_subject", body(analyst, f.payroll))
	require.Equal(t, []any{f.archive}, left())
	f.ok("delete_app", at("appId", f.archive))
	require.Empty(t, left())
}

func TestInvalidRoleGrantsAreRefused(t *testing.T) {
	f := startFirm(t)
	analyst := text(f.object("create_role", request{}.with(role("Analyst", noScopes, noScopes)))["id"])
	const nothing = "00000000-0000-4000-8000-000000000000"
	good := map[string]any{"role_id": analyst, "subject_type": "user", "subject_id": f.users["Eve"]}
	for message, change := range map[string]map[string]any{
		`Role with id "` + nothing + `" does not exist`:       {"role_id": nothing},
		`User with id "5" does not exist`:                     {"subject_id": "5"},
		`Group with id "99" does not exist`:                   {"subject_type": "group", "subject_id": "99"},
		"Invalid value for body parameter: subject_type":      {"subject_type": "team"},
		"Missing required body parameter: object_id":          {"object_type": "app"},
		"Missing required body parameter: object_type":        {"object_id": f.payroll},
		"Invalid value for body parameter: object_type":       {"object_type": "page", "object_id": f.payroll},
		`Workflow with id "` + f.payroll + `" does not exist`: {"object_type": "workflow", "object_id": f.payroll},
	} {
		body := maps.Clone(good)
		maps.Copy(body, change)
		for _, id := range []string{"create_role_grant", "remove_role_from_subject"} {
			require.Equal(t, message, f.fails(http.StatusBadRequest, id, request{}.with(body)))
		}
	}
	for kind, id := range map[string]string{"group": "99", "user": f.users["Eve"] + "0", "team": "1"} {
		f.fails(http.StatusNotFound, "list_role_grants_for_subject", at("subjectType", kind, "subjectId", id))
	}
	require.Empty(t, f.items("list_role_grants", request{}))
}
