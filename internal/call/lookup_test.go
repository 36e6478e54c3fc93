package call_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/call"
)

// What identifies and what names the objects of a kind.
func TestLookupFindsNamesOfIDs(t *testing.T) {
	r, u := onSandbox(t, call.Options{})
	for _, x := range []struct {
		kind, id, name string
		sent           []string
	}{
		{"user", "user_7488f10f594343e48f4da9965adac6fd", "ava.lindqvist@northwind.example", []string{"GET /users/user_7488f10f594343e48f4da9965adac6fd"}},
		{"user", "1", "ava.lindqvist@northwind.example", []string{"GET /users", "GET /users", "GET /users"}}, // its older id
		{"group", "9", "Operations", []string{"GET /groups/9"}},
		{"app", "c373d850-c6ff-454b-a76e-3737cbd57c47", "Payroll", []string{"GET /apps/c373d850-c6ff-454b-a76e-3737cbd57c47"}},
		{"folder", "agent_80", "Customer care", []string{"GET /folders/agent_80"}},
		{"resource", "d82cd3e2-7c42-463e-8ba6-ede6c181d5c1", "Orders DB", []string{"GET /resources/d82cd3e2-7c42-463e-8ba6-ede6c181d5c1"}},
		{"environment", "10f5ee56-86a5-45c4-acec-7d07adc3ce9d", "production", []string{"GET /environments/10f5ee56-86a5-45c4-acec-7d07adc3ce9d"}},
		{"role", "3d0c4b28-a5ac-4bf9-8b75-f1d4fc9d8b48", "Admin", []string{"GET /role_permissions/roles"}},
		{"space", "org_68f895d74018417492c2beb25d00f957", "Acme Logistics", []string{"GET /spaces/org_68f895d74018417492c2beb25d00f957"}},
		{"workflow", "3b5ec9e0-f5bb-4da8-b65c-d6149937108d", "Nightly stock sync", []string{"GET /workflows/3b5ec9e0-f5bb-4da8-b65c-d6149937108d"}},
		{"user invite", "1", "oliver.walker@northwind.example", []string{"GET /user_invites/1"}},
		{"group", "77777", "", []string{"GET /groups/77777", "GET /groups"}},
		{"no such kind", "1", "", nil},
	} {
		l := r.LookUp()
		for range 2 { // the second time nothing is asked
			name, ok := l.Name(t.Context(), x.kind, x.id)
			require.Equal(t, x.name, name, "%s %s", x.kind, x.id)
			require.Equal(t, x.name != "", ok, "%s %s", x.kind, x.id)
		}
		require.Equal(t, x.sent, u.take(), "%s %s", x.kind, x.id)
		require.Empty(t, l.Notes())
	}
}

// Many objects of a kind are read with their list.
func TestLookupReadsFewObjectsOneByOne(t *testing.T) {
	r, u := onSandbox(t, call.Options{})
	l := r.LookUp()
	for id := 1; id <= 12; id++ {
		_, ok := l.Name(t.Context(), "group", fmt.Sprint(id))
		require.True(t, ok, id)
	}
	require.Equal(t, []string{"GET /groups/1", "GET /groups/2", "GET /groups"}, u.take())
}

func TestLookupFindsIDsOfNames(t *testing.T) {
	r, _ := onSandbox(t, call.Options{})
	for _, x := range []struct{ kind, text, id, name string }{
		{"user", "ava.lindqvist@northwind.example", "user_7488f10f594343e48f4da9965adac6fd", "ava.lindqvist@northwind.example"},
		{"user", " Ava.Lindqvist@Northwind.example ", "user_7488f10f594343e48f4da9965adac6fd", "ava.lindqvist@northwind.example"},
		{"user", "Ava Lindqvist", "user_7488f10f594343e48f4da9965adac6fd", "ava.lindqvist@northwind.example"},
		{"user", "user_7488f10f594343e48f4da9965adac6fd", "user_7488f10f594343e48f4da9965adac6fd", "ava.lindqvist@northwind.example"},
		{"group", "Operations", "9", "Operations"},
		{"group", "operations", "9", "Operations"},
		{"group", "9", "9", "Operations"},
		{"resource", "Orders DB", "d82cd3e2-7c42-463e-8ba6-ede6c181d5c1", "Orders DB"},
		{"environment", "production", "10f5ee56-86a5-45c4-acec-7d07adc3ce9d", "production"},
		{"space", "acme.northwind.example", "org_68f895d74018417492c2beb25d00f957", "Acme Logistics"},
	} {
		found := r.LookUp().Find(t.Context(), x.kind, x.text)
		require.Len(t, found, 1, "%s %s", x.kind, x.text)
		require.Equal(t, x.id, found[0].ID, x.text)
		require.Equal(t, x.name, found[0].Name, x.text)
	}
	require.Empty(t, r.LookUp().Find(t.Context(), "user", "nobody@northwind.example"))
	require.Empty(t, r.LookUp().Find(t.Context(), "group", "Oper"), "a part of a name is no name")
}

// A token without the scope, or a plan without the operation: ids stay ids.
func TestLookupThatMayNotRead(t *testing.T) {
	for status, says := range map[int]string{403: "HTTP 403", 404: "HTTP 404", 200: "the response holds no list"} {
		u := &upstream{Handler: respond(status, `{"success":false,"message":"Forbidden"}`)}
		l := serve(t, u, "retool_x", call.Options{}).LookUp()
		for range 3 {
			_, ok := l.Name(t.Context(), "group", "9")
			require.False(t, ok)
			require.Empty(t, l.Find(t.Context(), "group", "Operations"))
		}
		require.Equal(t, []string{"Names could not be looked up with list_groups: " + says + "."}, l.Notes())
		require.LessOrEqual(t, len(u.take()), 5)
	}
}

// A list that does not end is read for as long as other lists are.
func TestLookupOfEndlessList(t *testing.T) {
	u := &upstream{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"success":true,"data":[{"id":"user_%[1]d","email":"p%[1]d@x.example"}],"has_more":true,"next_token":"%[1]dx"}`, len(r.URL.Query().Get("next_token")))
	})}
	l := serve(t, u, "retool_x", call.Options{}).LookUp()
	l.List(t.Context(), "user")
	require.LessOrEqual(t, len(u.take()), call.MaxPages)
	name, ok := l.Name(t.Context(), "user", "user_0")
	require.True(t, ok)
	require.Equal(t, "p0@x.example", name)
}
