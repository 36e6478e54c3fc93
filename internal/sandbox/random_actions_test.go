package sandbox_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/stretchr/testify/require"
)

// everyAction returns the actions that involve several objects or settings.
func everyAction() []func(*randomClient) {
	return []func(*randomClient){
		(*randomClient).join, (*randomClient).join, (*randomClient).leave, (*randomClient).leave, (*randomClient).regroup, (*randomClient).lead, (*randomClient).dissolve,
		(*randomClient).disable, (*randomClient).disable, (*randomClient).attribute, (*randomClient).decide,
		(*randomClient).moveFolder, (*randomClient).moveFolder, (*randomClient).removeTree, (*randomClient).revision,
		(*randomClient).grant, (*randomClient).grant, (*randomClient).grant, (*randomClient).revoke, (*randomClient).revoke, (*randomClient).removeRoleGrants, (*randomClient).whoHas,
		(*randomClient).task, (*randomClient).task, (*randomClient).copyToSpace,
		(*randomClient).release, (*randomClient).pin, (*randomClient).pin, (*randomClient).branch, (*randomClient).reconnect, (*randomClient).settings, (*randomClient).wrongTokens,
	}
}

// join puts users into a group, some of whom may be in it.
func (w *randomClient) join() {
	w.t.Helper()
	g, users := w.any("group", nil), w.some("user", 3)
	members := []any{}
	for _, id := range users {
		members = append(members, memberBody(id, w.chance(2)))
	}
	w.do(0, "add_group_members", at("groupId", g.id).with(map[string]any{"members": members}))
	for _, id := range users {
		if !slices.Contains(g.members, id) {
			g.members = append(g.members, id)
		}
	}
	w.do(http.StatusBadRequest, "add_group_members", at("groupId", g.id).with(map[string]any{
		"members": append(members, memberBody("user_00000000000000000000000000000000", false)),
	}))
	w.check(g.kind)
	w.check(w.kind("user"))
}

// leave takes a user out of a group, if they are in it and may go.
func (w *randomClient) leave() {
	w.t.Helper()
	g, u := w.any("group", nil), w.any("user", nil)
	if len(g.members) > 0 && !w.chance(4) {
		u = w.find("user", g.members[w.random.IntN(len(g.members))])
	}
	stays := slices.DeleteFunc(slices.Clone(g.members), func(id string) bool { return id == u.id })
	status := 0
	if !w.mayBecome(g, stays) {
		status = http.StatusBadRequest
	} else if len(stays) == len(g.members) {
		status = http.StatusNotFound
	}
	w.do(status, "remove_group_member", at("groupId", g.id, "userId", u.id))
	if status == 0 {
		g.members = stays
	}
	w.check(g.kind)
	w.check(w.kind("user"))
}

// mayBecome reports whether a group may have only these members: all users are in
// All Users, and one active admin must stay.
func (w *randomClient) mayBecome(g *thing, members []string) bool {
	active := func(id string) bool { return w.find("user", id).item["active"] == true }
	switch g.id {
	case "4":
		return len(members) == len(g.members)
	case "1":
		return slices.ContainsFunc(members, active) || !slices.ContainsFunc(g.members, active)
	default:
		return true
	}
}

// regroup replaces a whole group.
func (w *randomClient) regroup() {
	w.t.Helper()
	g := w.any("group", func(t *thing) bool { return t.id != "4" })
	ids, invites := w.some("user", 4), w.some("userInvite", 3)
	members, invitations := []any{}, []any{}
	var kept, came []string // those who stay keep their places
	for _, id := range ids {
		members = append(members, memberBody(id, false))
		if !slices.Contains(g.members, id) {
			came = append(came, id)
		}
	}
	for _, id := range g.members {
		if slices.Contains(ids, id) {
			kept = append(kept, id)
		}
	}
	for _, id := range invites {
		invitations = append(invitations, w.find("userInvite", id).item)
	}
	status := 0
	if !w.mayBecome(g, ids) {
		status = http.StatusBadRequest
	}
	w.do(status, "replace_group", at("groupId", g.id).with(map[string]any{"members": members, "user_invites": invitations}))
	if status == 0 {
		g.members, g.invites = slices.Concat(kept, came), invites
	}
	w.check(g.kind)
	w.check(w.kind("userInvite"))
	w.check(w.kind("user"))
}

// lead lets an invite lead into a group, or no longer.
func (w *randomClient) lead() {
	w.t.Helper()
	g, i := w.any("group", nil), w.any("userInvite", nil)
	if i == nil {
		return
	}
	at := at("groupId", g.id)
	if w.chance(2) {
		w.do(0, "add_group_user_invites", at.with(map[string]any{"userInviteIds": []any{i.item["id"], i.item["id"]}}))
		if !slices.Contains(g.invites, i.id) {
			g.invites = append(g.invites, i.id)
		}
	} else {
		at.path["userInviteId"] = i.id
		status := 0
		if !slices.Contains(g.invites, i.id) {
			status = http.StatusNotFound
		}
		w.do(status, "remove_group_user_invite", at)
		g.invites = slices.DeleteFunc(g.invites, func(id string) bool { return id == i.id })
	}
	w.check(g.kind)
	w.check(i.kind)
}

// dissolve deletes a group that is waited for, led into and granted things.
func (w *randomClient) dissolve() {
	w.t.Helper()
	g := w.any("group", func(t *thing) bool { return !builtIn(t) })
	if g == nil {
		return
	}
	u := w.any("user", func(u *thing) bool { return u.item["active"] == true })
	if t := w.any("user_task", func(t *thing) bool { return t.item["status"] == "pending" }); t != nil && u != nil {
		w.reassign(t, u, g, 0)
	}
	if i := w.any("userInvite", nil); i != nil {
		w.do(0, "add_group_user_invites", at("groupId", g.id).with(map[string]any{"userInviteIds": []any{i.item["id"]}}))
	}
	w.do(0, "grant_permissions", permission(g.subject(), on("folder", "app_1"), "use"))
	w.remove(g)
	w.check(g.kind)
	w.checkReferences()
}

// disable disables a user or takes that back. The last admin stays.
func (w *randomClient) disable() {
	w.t.Helper()
	u := w.any("user", nil)
	if w.chance(3) {
		u = w.any("user", func(t *thing) bool { return t.item["is_admin"] == true })
	}
	admins := slices.DeleteFunc(slices.Clone(w.find("group", "1").members), func(id string) bool { return id == u.id })
	last := u.item["active"] == true && u.item["is_admin"] == true &&
		!slices.ContainsFunc(admins, func(id string) bool { return w.find("user", id).item["active"] == true })
	active := w.chance(2)
	status := 0
	if last && !active {
		status = http.StatusBadRequest
	}
	if !active && w.chance(2) {
		w.do(status, "disable_user", at("userId", u.id))
	} else {
		w.do(status, "update_user", at("userId", u.id).patch("replace", "/active", active))
	}
	want := active || status != 0
	w.check(u.kind)
	require.Equal(w.t, want, u.item["active"], "whether %s is active", u.id)
	w.do(0, "logout_user", at("userId", u.id).with(map[string]any{}))
	w.do(0, "reset_user_2fa", at("userId", u.id))
}

// attribute sets and removes an attribute of a user.
func (w *randomClient) attribute() {
	w.t.Helper()
	u, a := w.any("user", nil), w.any("user_attribute", func(t *thing) bool { return t.item["data_type"] == "string" })
	if a == nil {
		return
	}
	name, value := text(a.item["name"]), w.name()
	r := at("userId", u.id).with(map[string]any{"name": name, "value": value})
	w.do(http.StatusBadRequest, "set_user_attribute", at("userId", u.id).with(map[string]any{"name": "no_such", "value": value}))
	w.do(0, "set_user_attribute", r)
	require.Equal(w.t, value, w.readThing(u)["metadata"].(map[string]any)[name])
	if w.chance(2) {
		r := at("userId", u.id, "attributeName", name)
		w.do(0, "clear_user_attribute", r)
		w.do(http.StatusNotFound, "clear_user_attribute", r)
		return
	}
	if w.chance(2) { // what users have of an attribute goes with it, if that is asked for
		too := w.chance(2)
		w.do(0, "delete_user_attribute", at("id", a.id).where("update_existing_users", strconv.FormatBool(too)))
		w.drop(a)
		_, has := w.readThing(u)["metadata"].(map[string]any)[name]
		require.Equal(w.t, too, !has, "%s has lost %s", u.id, name)
	}
}

// decide approves or denies an access request. Approval creates an invite.
func (w *randomClient) decide() {
	w.t.Helper()
	t := w.any("access_request", nil)
	if t == nil {
		return
	}
	status := []string{"APPROVED", "DENIED"}[w.random.IntN(2)]
	r := at(t.param, t.id).patch("replace", "/status", status)
	if t.item["status"] != "PENDING" {
		w.do(http.StatusBadRequest, "update_access_request", r)
		return
	}
	w.do(0, "update_access_request", r)
	email := text(t.item["requesting_email"])
	known := w.any("user", func(u *thing) bool { return strings.EqualFold(text(u.item["email"]), email) })
	for _, i := range w.adopt(w.kind("userInvite")) {
		require.Nil(w.t, known, "%s is a user and was invited", email)
		require.Equal(w.t, "APPROVED", status)
		require.Equal(w.t, email, i.item["invited_email"])
	}
	w.check(t.kind)
	require.Equal(w.t, status, t.item["status"])
}

// settings changes what the organization has one of.
func (w *randomClient) settings() {
	w.t.Helper()
	on := w.chance(2)
	w.do(0, "update_organization", request{}.patch("replace", "/two_factor_auth_required", on))
	w.do(http.StatusBadRequest, "update_organization", request{}.with(map[string]any{"operations": []any{
		map[string]any{"op": "replace", "path": "/hide_environment_toggle", "value": !on},
		map[string]any{"op": "replace", "path": "/no_such_setting", "value": on},
	}}))
	require.Equal(w.t, on, w.object("get_organization", request{})["two_factor_auth_required"])

	w.do(0, "replace_organization_ai_settings", request{}.with(map[string]any{
		"retoolAI": on, "retoolAIActions": !on, "retoolVector": on, "retoolAskAI": !on,
	}))
	require.Equal(w.t, on, w.object("get_organization_ai_settings", request{})["retoolAI"])

	limits := request{}.with(map[string]any{"memoryLimitMbs": 512, "maxConcurrentProcesses": nil, "circuitBreakerEnabled": on})
	if caller := w.tracked["user"][0]; caller.item["is_admin"] == true {
		w.do(0, "replace_organization_code_executor_settings", limits)
		require.Equal(w.t, on, w.object("get_organization_code_executor_settings", request{})["circuitBreakerEnabled"])
	} else {
		w.do(http.StatusForbidden, "replace_organization_code_executor_settings", limits)
	}

	w.do(0, "replace_source_control_settings", request{}.with(map[string]any{"settings": map[string]any{"version_control_locked": on}}))
	require.Equal(w.t, on, w.object("get_source_control_settings", request{})["version_control_locked"])

	w.do(0, "create_sso_config", ssoBody(googleLogin()))
	w.ok("get_sso_config", request{})
	if on {
		w.do(0, "delete_sso_config", request{})
		w.do(http.StatusNotFound, "get_sso_config", request{})
		w.do(0, "invalidate_organization_sessions", request{})
	}
}
