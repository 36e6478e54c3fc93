package call_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/confirm"
)

const (
	janeID, ordersID = "user_a7906d2aa65548afafdb7ad35ceb34e1", "d1cec16e-cf2d-44d2-80a7-3beb9e858da0"
	ordersDBID       = "d82cd3e2-7c42-463e-8ba6-ede6c181d5c1"
)

// A patch that disables a user asks as disable_user does, and no other does.
func TestPatchThatDisablesAUser(t *testing.T) {
	r, u := onSandbox(t, call.Options{Confirm: call.ConfirmAuto})
	want := ask(t, r, "disable_user", object{"userId": janeID}).Text
	u.take()
	change := func(operations ...object) object { return object{"userId": janeID, "operations": operations} }
	replace := func(path string, value any) object {
		return object{"op": "replace", "path": path, "value": value}
	}
	for name, arguments := range map[string]object{
		"replaced":     change(replace("/active", false)),
		"added":        change(object{"op": "add", "path": "/active", "value": false}),
		"among others": change(replace("/first_name", "J"), replace("/active", false)),
		"as text":      change(replace("active", "false")),
		"on, then off": change(replace("/active", true), replace("/active", false)),
		"removed":      change(object{"op": "remove", "path": "/active"}),
	} {
		outcome := answered(t, r, nil, "update_user", arguments)
		require.NotNil(t, outcome.Ask, "%s: %s", name, outcome.Text)
		lines := strings.Split(want, "\n")
		require.True(t, strings.HasPrefix(outcome.Ask.Text, strings.Join(lines[:2], "\n")+"\n"), outcome.Ask.Text)
		require.True(t, strings.HasSuffix(outcome.Ask.Text, "\n"+lines[len(lines)-1]), outcome.Ask.Text)
		require.NotContains(t, u.take(), "PATCH /users/"+janeID, name)
		with(arguments, "dry_run", true)
		dry := answered(t, r, nil, "update_user", arguments)
		require.Contains(t, dry.Text, "The call would ask the user to confirm it.", name)
	}
	off := change(replace("/active", false))
	refused(t, answered(t, r, &confirm.Answer{State: ask(t, r, "update_user", off).State, Said: "decline"}, "update_user", off),
		"the user declined update_user (answer: decline). Retry only if the user asks for it.")
	u.take()
	refused(t, run(t, call.NewRunner(r.Readers, call.Options{Client: r.Client, Log: r.Log, Confirm: call.ConfirmAlways, SettingNames: settingNames}), "update_user", off), "update_user"+unconfirmed)
	require.Empty(t, u.take())
	for _, arguments := range []object{change(replace("/active", true)), change(replace("/first_name", "false"))} {
		require.Nil(t, answered(t, r, nil, "update_user", arguments).Ask)
		require.Equal(t, []string{"PATCH /users/" + janeID}, u.take())
	}
	yes := answered(t, r, &confirm.Answer{State: ask(t, r, "update_user", off).State, Confirmed: true}, "update_user", off)
	require.False(t, yes.IsError, yes.Text)
	require.Contains(t, u.take(), "PATCH /users/"+janeID)
	require.Contains(t, ask(t, r, "disable_user", object{"userId": janeID}).Text, "), disabled\n")
}

// A grant asks where it lowers the access that there is.
func TestGrantThatLowersAccess(t *testing.T) {
	grant := func(level string) object {
		return object{"subject": object{"type": "group", "id": 9}, "object": object{"type": "app", "id": ordersID}, "access_level": level}
	}
	for now, asks := range map[string]map[string]bool{
		"own":   {"own": false, "edit": true, "use": true},
		"edit":  {"own": false, "edit": false, "use": true},
		"use":   {"own": false, "edit": false, "use": false},
		"":      {"use": false},
		"a 403": {"use": false},
	} {
		for level, want := range asks {
			items := fmt.Sprintf(`{"success":true,"data":[{"type":"app","id":%q,"access_level":%q}],"total_count":1,"next_token":null,"has_more":false}`, ordersID, now)
			if now == "" {
				items = `{"success":true,"data":[],"total_count":0,"next_token":null,"has_more":false}`
			}
			u := &upstream{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if now == "a 403" && strings.HasSuffix(r.URL.Path, "listObjects") {
					w.WriteHeader(http.StatusForbidden)
				}
				respond(http.StatusOK, items)(w, r)
			})}
			r := serve(t, u, "retool_x", call.Options{Confirm: call.ConfirmAuto})
			outcome := answered(t, r, nil, "grant_permissions", grant(level))
			require.Equal(t, want, outcome.Ask != nil, "%s to %s: %s", now, level, outcome.Text)
			sent := strings.Contains(strings.Join(u.take(), " "), "POST /permissions/grant")
			require.Equal(t, !want, sent)
			if want {
				require.Regexp(t, "^Give access\n|^Grant access\n", outcome.Ask.Text)
				require.Contains(t, outcome.Ask.Text, "\nAccess now: "+now+"\n")
				yes := answered(t, r, &confirm.Answer{State: outcome.Ask.State, Confirmed: true}, "grant_permissions", grant(level))
				require.False(t, yes.IsError, yes.Text)
				require.Contains(t, u.take(), "POST /permissions/grant")
			}
		}
	}
}

// Access that is only inherited cannot be revoked: nobody is asked, and the result
// says where it comes from.
func TestRevokingInheritedAccess(t *testing.T) {
	const none = `{"success":true,"data":[],"total_count":0,"next_token":null,"has_more":false}`
	u := &upstream{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path; {
		case strings.HasSuffix(path, "/listObjects"):
			respond(http.StatusOK, none)(w, r)
		case strings.HasSuffix(path, "/accessList/app/"+ordersID):
			respond(http.StatusOK, `{"success":true,"data":{"group":[{"subject":{"id":"9","type":"group"},"accessLevel":"edit","sources":{"universal":true,"inherited":{"id":"92","type":"folder"}}}],"user":[
				{"subject":{"id":"`+janeID+`","type":"user"},"accessLevel":"edit","sources":{"groups":[{"id":"9","type":"group"}]}}]}}`)(w, r)
		case strings.HasSuffix(path, "/groups/9"):
			respond(http.StatusOK, `{"success":true,"data":{"id":9,"name":"Operations"}}`)(w, r)
		default:
			respond(http.StatusForbidden, `{"success":false,"message":"No."}`)(w, r)
		}
	})}
	r := serve(t, u, "retool_x", call.Options{Confirm: call.ConfirmAuto})
	for name, x := range map[string]struct {
		subject, object object
		says            string // "" for a question
	}{
		"a group": {object{"type": "group", "id": 9}, object{"type": "app", "id": ordersID}, `group "Operations" (9) has no access of its own to app ` + ordersID +
			`, so there is nothing to revoke. It has access through folder 92, a setting for all objects of the type: change that instead.`},
		"a user": {object{"type": "user", "id": janeID}, object{"type": "app", "id": ordersID}, `user ` + janeID + ` has no access of its own to app ` + ordersID +
			`, so there is nothing to revoke. It has access through group "Operations" (9): change that instead.`},
		"no access list": {object{"type": "group", "id": 9}, object{"type": "resource", "id": ordersDBID}, `group "Operations" (9) has no access of its own to resource ` + ordersDBID +
			`, so there is nothing to revoke. Any access is inherited: list_object_access shows from where.`},
		"a folder, with what is in it": {object{"type": "group", "id": 9}, object{"type": "folder", "id": "app_92"}, ""},
		"a resource by its name":       {object{"type": "group", "id": 9}, object{"type": "resource", "id": "Ledger"}, ""},
	} {
		arguments := object{"subject": x.subject, "object": x.object}
		outcome := answered(t, r, nil, "revoke_permissions", arguments)
		require.NotContains(t, u.take(), "POST /permissions/revoke", name)
		if x.says == "" {
			require.NotNil(t, outcome.Ask, "%s: %s", name, outcome.Text)
			continue
		}
		refused(t, outcome, x.says)
		refused(t, answered(t, r, nil, "revoke_permissions", with(arguments, "dry_run", true)), x.says)
	}
}

// A name or a count that cannot be read before or after the answer voids no
// agreement; another one does.
func TestLookupsThatFailVoidNoAgreement(t *testing.T) {
	for name, x := range map[string]struct {
		first, second string // what looking up answers
		sent          bool
	}{
		"nothing fails":         {"Ops", "Ops", true},
		"the second time fails": {"Ops", "", true},
		"the first time fails":  {"", "Ops", true},
		"both fail":             {"", "", true},
		"another name":          {"Ops", "Sales", false},
	} {
		t.Run(name, func(t *testing.T) {
			now, grants := x.first, "[]"
			u := &upstream{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch path := r.URL.Path; {
				case strings.HasSuffix(path, "/role_grants/1146bd6d-9a80-4d3d-bb6f-74d1b06d5dad"):
					respond(http.StatusOK, `{"success":true}`)(w, r)
				case strings.HasSuffix(path, "/role_grants"):
					respond(http.StatusOK, `{"success":true,"data":[{"id":"1146bd6d-9a80-4d3d-bb6f-74d1b06d5dad","role_id":"a1da25c9-9b94-4249-9b53-eee9fc7aea00","subject_type":"group","subject_id":"9"}],"total_count":1,"has_more":false}`)(w, r)
				case now == "":
					respond(http.StatusForbidden, `{"success":false,"message":"No."}`)(w, r)
				case strings.HasSuffix(path, "/groups/9"):
					respond(http.StatusOK, `{"success":true,"data":{"id":9,"name":"`+now+`"}}`)(w, r)
				default:
					respond(http.StatusOK, `{"success":true,"data":`+grants+`,"total_count":0,"has_more":false}`)(w, r)
				}
			})}
			r := serve(t, u, "retool_x", call.Options{Confirm: call.ConfirmAlways})
			arguments := object{"roleGrantId": "1146bd6d-9a80-4d3d-bb6f-74d1b06d5dad"}
			q := ask(t, r, "delete_role_grant", arguments)
			require.Equal(t, now != "", strings.Contains(q.Text, `Subject: group "Ops" (9)`), q.Text)
			now = x.second
			outcome := answered(t, r, &confirm.Answer{State: q.State, Confirmed: true}, "delete_role_grant", arguments)
			require.Nil(t, outcome.Ask)
			require.Equal(t, x.sent, !outcome.IsError, outcome.Text)
		})
	}
}
