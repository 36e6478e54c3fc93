package call_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/confirm"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

// Whatever an organization and an agent write, a question is short, shows what is
// invisible, and has no line that somebody else wrote.
func TestQuestionsOfHostileNames(t *testing.T) {
	long := strings.Repeat("x", 2<<20)
	for name, hostile := range map[string]string{
		"long":          long,
		"lines":         "Ops\nThis can be undone.\n\nUndo: nothing happens.",
		"quotes":        `Ops" (1), 0 members` + "\n" + `Undo: "nothing`,
		"invisible":     "Ops\u202e\u200b\U000e0041\ufe0f",
		"all invisible": strings.Repeat("\u200b", 5000),
		"pairs":         strings.Repeat("\U000e0041", 5000),
		"other lines":   "Ops\u2028Undo: nothing\u0085x\rUndo: y",
		"backslashes":   strings.Repeat(`\`, 5000),
		"broken":        "Ops\xff\xfe",
		"right to left": strings.Repeat("\u05d0", 500),
		"a marker":      "[redacted: password]",
	} {
		t.Run(name, func(t *testing.T) {
			u := &upstream{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				quoted, _ := json.Marshal(hostile)
				if name == "broken" {
					quoted = []byte(`"` + hostile + `"`)
				}
				fmt.Fprintf(w, `{"success":true,"data":{"id":"user_1","name":%[1]s,"email":%[1]s,"status":%[1]s,%[1]s:[1,2],"metadata":{"team":%[1]s},"values":[{"environment_id":"e","value":%[1]s}]}}`, quoted)
			})}
			r := serve(t, u, "retool_x", call.Options{Confirm: call.ConfirmAlways, Instance: "west"})
			for tool, arguments := range map[string]object{
				"delete_group":                  {"groupId": "9"},
				"disable_user":                  {"userId": "user_1"},
				"clear_user_attribute":          {"userId": "user_1", "attributeName": "team"},
				"replace_group":                 {"groupId": "9", "name": strings.ToValidUTF8(hostile, "?") + "!"},
				"reset_source_control_branches": {"branch_name": strings.ToValidUTF8(hostile, "?")},
				"replace_configuration_variable": {
					"id": "01234567-89ab-4cde-8f01-000000000001", "name": "A", "secret": false,
					"values": []object{{"environment_id": "e", "value": strings.ToValidUTF8(hostile, "?") + "!"}},
				},
				"revoke_permissions": {"subject": object{"type": "user", "id": "user_1"}, "object": object{"type": "app", "id": strings.ToValidUTF8(hostile, "?")}},
			} {
				if name == "a marker" && strings.Contains(tool, "re") {
					continue // it is refused
				}
				q := ask(t, r, tool, arguments).Text
				require.LessOrEqual(t, utf8.RuneCountInString(q), 600, "%s: %s", tool, q)
				require.False(t, text.HasInvisible(q), "%s: %q", tool, q)
				require.NotContains(t, q, "\r")
				title, undo := embedded.Catalog().Find(tool).Title, embedded.Catalog().Find(tool).Undo
				lines := strings.Split(q, "\n")
				require.Equal(t, title, lines[0])
				require.Contains(t, lines[len(lines)-1], undo+".")
				for _, line := range lines[1 : len(lines)-1] {
					require.NotRegexp(t, `^(Undo|This)`, line, q)
					require.NotRegexp(t, `\\u[0-9a-f]{0,3}…`, line, "an escape is cut")
				}
			}
		})
	}
}

// A question is the same for the same state, whether or not people may read what it
// is about, and a yes counts for no other.
func TestQuestionsDoNotVary(t *testing.T) {
	r, _ := onSandbox(t, call.Options{Confirm: call.ConfirmAlways})
	forbidden := serve(t, respond(http.StatusForbidden, `{"success":false,"message":"Forbidden: request 4711"}`), "retool_x", call.Options{Confirm: call.ConfirmAlways})
	for _, r := range []*call.Runner{r, forbidden} {
		for tool, arguments := range map[string]object{
			"replace_group":       {"groupId": "9", "name": "Ops", "members": []object{{"id": "user_a7906d2aa65548afafdb7ad35ceb34e1", "is_group_admin": true}, {"id": "user_1", "is_group_admin": false}}},
			"delete_folder":       {"folderId": "app_24", "recursive": true},
			"delete_role":         {"roleId": "a1da25c9-9b94-4249-9b53-eee9fc7aea00"},
			"revoke_permissions":  {"subject": object{"type": "group", "id": 9}, "object": object{"type": "app", "id": "d1cec16e-cf2d-44d2-80a7-3beb9e858da0"}},
			"remove_group_member": {"groupId": "9", "userId": "user_a7906d2aa65548afafdb7ad35ceb34e1"},
		} {
			q := ask(t, r, tool, arguments)
			require.Equal(t, q.Text, ask(t, r, tool, arguments).Text)
			require.NotContains(t, q.Text, "4711")
			agreed := answered(t, r, &confirm.Answer{State: q.State, Confirmed: true}, tool, arguments)
			require.Nil(t, agreed.Ask)
			require.NotContains(t, agreed.Text, "changed after the confirmation", tool)
			if r == forbidden && tool != "revoke_permissions" {
				require.Contains(t, q.Text, ", which could not be read")
			}
		}
	}
}

// Where the state cannot be read after a yes, nobody knows whether it changed, and
// the user is asked again.
func TestStateThatCannotBeReadAfterTheAnswer(t *testing.T) {
	down := false
	u := &upstream{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if down {
			panic(http.ErrAbortHandler)
		}
		respond(http.StatusOK, `{"success":true,"data":{"id":9,"name":"Operations"}}`)(w, r)
	})}
	r := serve(t, u, "retool_x", call.Options{Confirm: call.ConfirmAlways})
	first := ask(t, r, "delete_group", object{"groupId": "9"})
	down = true
	again := answered(t, r, &confirm.Answer{State: first.State, Confirmed: true}, "delete_group", object{"groupId": "9"})
	require.NotNil(t, again.Ask, again.Text)
	require.Contains(t, again.Ask.Text, "Group: 9, which could not be read")
	require.NotContains(t, u.take(), "DELETE /groups/9")
}

// A replacement that loses nothing is no destruction: nobody is asked, unless the
// operator wants that.
func TestReplacementsThatOnlyAdd(t *testing.T) {
	const production, staging, development = "10f5ee56-86a5-45c4-acec-7d07adc3ce9d", "32670b18-7c33-4191-a5ce-6e74dc6a81b1", "53fae540-b318-4d1f-b791-230126f9ec3a"
	value := func(environment, text string) object {
		return object{"environment_id": environment, "value": text}
	}
	variable := func(description any, secret bool, values ...object) object {
		return object{"id": "01234567-89ab-4cde-8f01-000000000001", "name": "A", "description": description, "secret": secret, "values": values}
	}
	for name, x := range map[string]struct {
		status    int
		arguments object
		asks      bool
	}{
		"the same":                   {200, variable("d", false, value(production, "p"), value(staging, "s")), false},
		"one more value":             {200, variable("d", false, value(production, "p"), value(staging, "s"), value(development, "x")), false},
		"in another order":           {200, variable("d", false, value(staging, "s"), value(production, "p")), false},
		"another value":              {200, variable("d", false, value(production, "q"), value(staging, "s")), true},
		"one value less":             {200, variable("d", false, value(production, "p")), true},
		"without what is null":       {202, variable(nil, false, value(production, "p"), value(staging, "s")), false},
		"without the description":    {200, with(variable("d", false, value(production, "p"), value(staging, "s")), "description", nil), true},
		"a secret, which may differ": {201, variable("d", true, value(production, "p"), value(staging, "s")), true},
		"it cannot be read":          {403, variable("d", false, value(production, "p")), true},
		"the instance is down":       {503, variable("d", false, value(production, "p")), true},
	} {
		t.Run(name, func(t *testing.T) {
			body := fmt.Sprintf(`{"success":true,"data":{"id":"1","name":"A","description":"d","secret":%t,"values":[{"environment_id":%q,"value":"p"},{"environment_id":%q,"value":"s"}]}}`, x.status == 201, production, staging)
			if x.status == 202 {
				body = strings.Replace(body, `"d"`, "null", 1)
			}
			if x.status > 299 {
				body = `{"success":false,"message":"No."}`
			}
			for _, setting := range []call.Confirm{call.ConfirmAuto, call.ConfirmAlways} {
				u := &upstream{Handler: respond(x.status, body)}
				r := serve(t, u, "retool_x", call.Options{Confirm: setting})
				outcome := answered(t, r, nil, "replace_configuration_variable", x.arguments)
				require.Equal(t, x.asks || setting == call.ConfirmAlways, outcome.Ask != nil, outcome.Text)
			}
		})
	}
}

func with(o object, name string, value any) object {
	delete(o, name)
	if value != nil {
		o[name] = value
	}
	return o
}
