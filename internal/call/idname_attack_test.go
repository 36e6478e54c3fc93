package call_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/confirm"
)

// organization answers lists of users and groups, whatever is asked for.
func organization(users, groups []object) *upstream {
	return &upstream{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data := []object{}
		switch {
		case r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/users"):
			data = users
		case r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/groups"):
			data = groups
		}
		body, _ := json.Marshal(object{"success": true, "data": data, "total_count": len(data), "has_more": false, "next_token": nil})
		respond(http.StatusOK, string(body))(w, r)
	})}
}

// People choose their own names: none of them passes for somebody else's e-mail
// address, and a write takes nobody by a name.
func TestUsersAreTakenByTheirOwnEmail(t *testing.T) {
	users := []object{
		{"id": "user_666", "email": "mallory@x.example", "first_name": "new@x.example", "last_name": "", "display_name": "cfo@x.example", "name": "ceo@x.example"},
		{"id": "user_667", "email": "mallory2@x.example", "first_name": "Ava", "last_name": "Lindqvist"},
		{"id": "user_668", "email": "\u212aim@x.example"}, // the Kelvin sign
		{"id": "user_669", "email": "bob\u200b@x.example"},
		{"id": "user_7", "email": "Carol@X.example"},
	}
	u := organization(users, nil)
	r := serve(t, u, "retool_x", call.Options{})
	for _, email := range []string{"new@x.example", "NEW@x.example", "cfo@x.example", "ceo@x.example", "kim@x.example", "bob@x.example", "Ava Lindqvist", "new@x.example "} {
		for tool, arguments := range map[string]object{
			"disable_user":      {"userId": email},
			"add_group_members": {"groupId": 9, "members": []object{{"id": email, "is_group_admin": true}}},
			"grant_permissions": {"subject": object{"type": "user", "id": email}, "object": object{"type": "app", "id": "c373d850-c6ff-454b-a76e-3737cbd57c47"}, "access_level": "own"},
		} {
			got := run(t, r, tool, arguments)
			require.True(t, got.IsError, "%s %q: %s", tool, email, got.Text)
			require.Contains(t, got.Text, "must be the id of a user")
		}
		if strings.Contains(email, "@") {
			require.True(t, run(t, r, "get_user", object{"userId": email}).IsError, email)
		}
	}
	for _, request := range u.take() {
		require.Equal(t, "GET /users", request)
	}
	got := run(t, r, "disable_user", object{"userId": " carol@x.example"})
	require.False(t, got.IsError, got.Text)
	require.Contains(t, u.take(), "DELETE /users/user_7")
	require.Contains(t, run(t, r, "disable_user", object{"userId": "Ava Lindqvist"}).Text, `not "Ava Lindqvist"; none has that id, and a write takes no name but an e-mail address: see list_users {}`)
}

// Names are compared with all of their characters.
func TestNamesAreComparedExactly(t *testing.T) {
	for _, there := range []string{"Fin\u202eance", "Finance\u200b", "\ufeffFinance", "Finance ", " Finance", "Finance\u00a0", "Fin\u00adance", "F\u0456nance", "finance", "Finance\U000e0041"} {
		u := organization(nil, []object{{"id": 7, "name": there}})
		got := run(t, serve(t, u, "retool_x", call.Options{}), "delete_group", object{"groupId": "Finance"})
		require.True(t, got.IsError, "%q: %s", there, got.Text)
		require.NotContains(t, u.take(), "DELETE /groups/7")

		u = organization(nil, []object{{"id": 7, "name": there}, {"id": 8, "name": "Finance"}})
		got = run(t, serve(t, u, "retool_x", call.Options{}), "delete_group", object{"groupId": "Finance"})
		require.False(t, got.IsError, "%q: %s", there, got.Text)
		require.Contains(t, u.take(), "DELETE /groups/8")
	}
}

// A group whose name begins with the number of another one.
func TestNamesThatBeginWithADigit(t *testing.T) {
	u := organization(nil, []object{{"id": 1, "name": "admin"}, {"id": 12, "name": "1st Line Support"}, {"id": 13, "name": "3D"}})
	r := serve(t, u, "retool_x", call.Options{})
	for name, id := range map[string]string{"1st Line Support": "12", "3D": "13"} {
		got := run(t, r, "create_user_invite", object{"email": "new@x.example", "default_group_ids": []string{name}, "dry_run": true})
		require.Contains(t, got.Text, `"defaultGroupIds":[`+id+`]`)
	}
	for _, name := range []string{"1st Line", "5a0e8400-e29b-41d4-a716-446655440000", "0x1", "1 and 2", "1,2", "01", "5e400"} {
		got := run(t, r, "create_user_invite", object{"email": "new@x.example", "default_group_ids": []string{name}})
		require.True(t, got.IsError, got.Text)
	}
	require.NotContains(t, u.take(), "POST /user_invites")
}

// The question shows what was given beside what it was taken for.
func TestQuestionsShowTheNameGiven(t *testing.T) {
	r, _ := onSandbox(t, call.Options{Confirm: call.ConfirmAlways})
	for tool, x := range map[string]struct {
		arguments object
		says      string
	}{
		"delete_group": {object{"groupId": "Operations"}, `Given by name: groupId: "Operations" is 9.`},
		"disable_user": {object{"userId": strings.ToUpper(ava)}, `Given by name: userId: "` + strings.ToUpper(ava) + `" is ` + avaID + "."},
		"revoke_permissions": {
			object{"subject": object{"type": "group", "id": "Operations"}, "object": object{"type": "app", "id": "Orders"}},
			"Given by name: ",
		},
	} {
		require.Contains(t, ask(t, r, tool, x.arguments).Text, x.says)
	}
	require.NotContains(t, ask(t, r, "delete_group", object{"groupId": "9"}).Text, "Given by name")
}

// Retool takes the name of a resource for its id, and a question that did so would
// hide which resource it is.
func TestResourcesAreWrittenByTheirID(t *testing.T) {
	const id, another = "d82cd3e2-7c42-463e-8ba6-ede6c181d5c1", "00000000-0000-4000-8000-00000000abcd"
	r, u := onSandbox(t, call.Options{Confirm: call.ConfirmAlways})
	byID, byName := ask(t, r, "delete_resource", object{"resourceId": id}).Text, ask(t, r, "delete_resource", object{"resourceId": "Orders DB"})
	title, rest, _ := strings.Cut(byID, "\n")
	require.Equal(t, title+"\nGiven by name: resourceId: \"Orders DB\" is "+id+".\n"+rest, byName.Text)
	require.Regexp(t, `Apps that use it: [1-9]`, byName.Text)
	u.take()
	require.Contains(t, run(t, r, "update_resource", object{"resourceId": "Orders DB", "operations": []object{{"op": "replace", "path": "/display_name", "value": "Orders"}}, "dry_run": true}).Text, "/resources/"+id)
	got := answered(t, r, &confirm.Answer{State: byName.State, Confirmed: true}, "delete_resource", object{"resourceId": "Orders DB"})
	require.False(t, got.IsError, got.Text)
	require.Contains(t, got.Text, `resourceId: "Orders DB" is `+id+".")
	require.Contains(t, u.take(), "DELETE /resources/"+id)

	configuration := object{"resource_id": "Orders DB", "environment_id": "10f5ee56-86a5-45c4-acec-7d07adc3ce9d", "options": object{}, "dry_run": true}
	require.Contains(t, run(t, r, "create_resource_configuration", configuration).Text, `resource_id: must be the id of a resource, not "Orders DB"; none has that name`, "it is deleted")
	for name, x := range map[string]struct {
		taken, listed []string // ids for the name
		refused       bool
	}{
		"Retool's name alone":  {[]string{id}, nil, false},
		"the list alone":       {nil, []string{id}, false},
		"both":                 {[]string{id}, []string{id}, false},
		"they differ":          {[]string{id}, []string{another}, true},
		"two have it":          {[]string{id}, []string{id, another}, true},
		"none has it":          {nil, nil, true},
		"none, and two listed": {nil, []string{id, another}, true},
	} {
		u := &upstream{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			item := func(id string) object { return object{"id": id, "type": "rest", "display_name": "Orders DB"} }
			switch path := strings.TrimPrefix(r.URL.Path, "/api/v2/resources"); {
			case r.Method == http.MethodGet && path == "":
				all := []object{}
				for _, id := range x.listed {
					all = append(all, item(id))
				}
				body, _ := json.Marshal(object{"success": true, "data": all})
				respond(http.StatusOK, string(body))(w, r)
			case path == "/Orders DB" && len(x.taken) > 0, path == "/"+id:
				body, _ := json.Marshal(object{"success": true, "data": item(id)})
				respond(http.StatusOK, string(body))(w, r)
			default:
				respond(http.StatusNotFound, `{"success":false,"message":"Not found"}`)(w, r)
			}
		})}
		got := run(t, serve(t, u, "retool_x", call.Options{}), "delete_resource", object{"resourceId": "Orders DB"})
		require.Equal(t, x.refused, got.IsError, "%s: %s", name, got.Text)
		require.Equal(t, !x.refused, slices.Contains(u.take(), "DELETE /resources/"+id), name)
	}
}

// Somebody puts another resource in the place of the one that was asked about.
func TestResourceReplacedBeforeTheAnswer(t *testing.T) {
	id := "d82cd3e2-7c42-463e-8ba6-ede6c181d5c1"
	u := &upstream{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		item := `{"id":"` + id + `","type":"rest","display_name":"Orders DB"}`
		if strings.HasSuffix(r.URL.Path, "/resources") {
			item = "[" + item + "]"
		}
		respond(http.StatusOK, `{"success":true,"data":`+item+`}`)(w, r)
	})}
	r := serve(t, u, "retool_x", call.Options{Confirm: call.ConfirmAlways})
	question := ask(t, r, "delete_resource", object{"resourceId": "Orders DB"})
	id = "00000000-0000-4000-8000-00000000abcd"
	got := answered(t, r, &confirm.Answer{State: question.State, Confirmed: true}, "delete_resource", object{"resourceId": "Orders DB"})
	require.Contains(t, got.Text, "changed after the confirmation")
	for _, request := range u.take() {
		require.Regexp(t, "^GET ", request)
	}
}
