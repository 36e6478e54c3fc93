package call_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/confirm"
	"github.com/retool-mcp/retool-mcp/internal/retool"
)

// A yes is for the object that was there, also in what the question does not tell.
func TestConfirmationIsForTheWholeObject(t *testing.T) {
	const group = `{"id":9,"name":"Operations","members":[%s],"universal_app_access":%q,"secret":"s3cret","updated_at":"2026-01-0%d","last_run_at":%s}`
	const ada, bob = `{"id":"user_1","email":"ada@example.com","last_active":"2026-01-01T00:00:00Z"}`, `{"id":"user_2","email":"bob@example.com","last_active":null}`
	before := fmt.Sprintf(group, ada+","+bob, "use", 1, "null")
	for name, x := range map[string]struct {
		after string
		sent  bool
	}{
		"nothing changes":         {before, true},
		"times and order change":  {fmt.Sprintf(group, `{"last_active":"2026-01-02T00:00:00Z","id":"user_2","email":"bob@example.com"},`+ada, "use", 2, `"2026-01-02"`), true},
		"other members":           {fmt.Sprintf(group, `{"id":"user_7","email":"eve@example.com","last_active":null},`+bob, "use", 1, "null"), false},
		"the access":              {fmt.Sprintf(group, ada+","+bob, "own", 1, "null"), false},
		"a member's other fields": {fmt.Sprintf(group, ada+`,{"id":"user_2","email":"bob@example.org","last_active":null}`, "use", 1, "null"), false},
	} {
		t.Run(name, func(t *testing.T) {
			now, deleted := before, 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodDelete {
					deleted++
					w.WriteHeader(http.StatusNoContent)
					return
				}
				respond(http.StatusOK, `{"success":true,"data":`+now+`}`)(w, r)
			}))
			t.Cleanup(server.Close)
			address, err := retool.ParseAddress(server.URL, "")
			require.NoError(t, err)
			r := serve(t, nil, "", call.Options{Confirm: call.ConfirmAuto, Client: retool.New(retool.Options{Address: address, Token: "token"})})
			asked := ask(t, r, "delete_group", object{"groupId": "9"})
			now = x.after
			require.Equal(t, asked.Text, ask(t, r, "delete_group", object{"groupId": "9"}).Text, "the question does not tell")
			outcome := answered(t, r, &confirm.Answer{State: asked.State, Confirmed: true}, "delete_group", object{"groupId": "9"})
			if x.sent {
				require.False(t, outcome.IsError, outcome.Text)
				require.Equal(t, 1, deleted)
				return
			}
			refused(t, outcome, "the object or the arguments of delete_group changed after the confirmation. Read the object again and retry.")
			require.Zero(t, deleted)
		})
	}
}
