package sandbox_test

import (
	"net/http"
	"slices"

	"github.com/stretchr/testify/require"
)

func kindsOfAccess() []*kind {
	return []*kind{
		{
			name: "role", list: "list_roles", param: "roleId", most: 9,
			create: func(w *randomClient) (string, request, bool) {
				return "create_role", request{}.with(role(w.name(), []string{"apps:write"}, []string{"users:read"})), true
			},
			twice: http.StatusConflict, unique: "name", clash: http.StatusBadRequest, remove: "delete_role",
			change: func(w *randomClient, t *thing) (string, request, map[string]any) {
				if t.item["is_default_role"] == true {
					return "", request{}, nil
				}
				body := map[string]any{"name": w.name()}
				return "update_role", at(t.param, t.id).with(body), body
			},
			kept: func(_ *randomClient, t *thing) int {
				if t.item["is_default_role"] == true {
					return http.StatusBadRequest
				}
				return 0
			},
		},
		{
			name: "role_grant", list: "list_role_grants", param: "roleGrantId", most: 14,
			in: func(item map[string]any) []ref {
				out := []ref{{"role", text(item["role_id"])}, {text(item["subject_type"]), text(item["subject_id"])}}
				if item["object_id"] != nil {
					out = append(out, ref{text(item["object_type"]), text(item["object_id"])})
				}
				return out
			},
			create: func(w *randomClient) (string, request, bool) {
				body, in := w.roleGrantBody()
				taken := slices.ContainsFunc(w.tracked["role_grant"], func(t *thing) bool { return slices.Equal(t.in, in) })
				return "create_role_grant", request{}.with(body), !taken
			},
			twice: http.StatusBadRequest, remove: "delete_role_grant",
		},
		{
			name: "space", list: "list_spaces", read: "get_space", param: "spaceId", most: 4,
			create: func(w *randomClient) (string, request, bool) {
				return "create_space", spaceBody(w.name(), w.word()+".example.com", map[string]any{
					"create_admin_user": w.chance(2), "copy_branding_and_themes_settings": w.chance(2), "copy_sso_settings": w.chance(2),
				}), true
			},
			twice: http.StatusConflict, unique: "domain", clash: http.StatusUnprocessableEntity, remove: "delete_space",
			change: func(w *randomClient, t *thing) (string, request, map[string]any) {
				body := map[string]any{"name": w.name(), "domain": w.word() + ".example.com"}
				return "replace_space", at(t.param, t.id).with(body), body
			},
		},
		{
			name: "grant", listed: (*randomClient).listGrants, order: slices.Sort[[]string],
			in: func(item map[string]any) []ref {
				return []ref{{text(item["subject_type"]), text(item["subject_id"])}, {text(item["object_type"]), text(item["object_id"])}}
			},
			verify: func(w *randomClient, t *thing) {
				require.Equal(w.t, w.levels[t.id], t.item["level"], "the level of %s", t.id)
			},
			added: func(w *randomClient, t *thing) {
				if w.levels[t.id] == "" { // made with the organization
					w.levels[t.id] = text(t.item["level"])
				}
			},
			dropped: func(w *randomClient, t *thing) { delete(w.levels, t.id) },
		},
	}
}

func (w *randomClient) roleGrantBody() (map[string]any, []ref) {
	kind := []string{"group", "user"}[w.random.IntN(2)]
	in := []ref{w.any("role", nil).ref(), w.any(kind, nil).ref()}
	if t := w.any("role_grant", nil); t != nil && w.chance(2) { // one more for the same role and subject
		in = slices.Clone(t.in[:2])
	}
	body := map[string]any{"role_id": in[0].id, "subject_type": in[1].kind, "subject_id": in[1].id}
	if object := w.grantable(); object != nil && w.chance(2) {
		body["object_type"], body["object_id"] = object.name, object.id
		in = append(in, object.ref())
	}
	return body, in
}

// removeRoleGrants removes a role from a subject, which may not have it.
func (w *randomClient) removeRoleGrants() {
	w.t.Helper()
	body, in := w.roleGrantBody()
	if t := w.any("role_grant", nil); t != nil && w.chance(2) {
		in = t.in
		body = map[string]any{"role_id": in[0].id, "subject_type": in[1].kind, "subject_id": in[1].id}
		if len(in) > 2 {
			body["object_type"], body["object_id"] = in[2].kind, in[2].id
		}
	}
	w.do(0, "remove_role_from_subject", request{}.with(body))
	for _, t := range slices.Clone(w.tracked["role_grant"]) {
		if slices.Equal(t.in, in) || slices.Equal(t.in, in[:2]) {
			w.drop(t)
		}
	}
	w.check(w.kind("role_grant"))
}
