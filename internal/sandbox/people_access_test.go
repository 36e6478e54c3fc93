package sandbox_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox"
)

func TestApprovedAccessRequestIsInvited(t *testing.T) {
	a := start(t, sandbox.Options{})
	id := a.pendingAccessRequest()
	before := a.object("get_access_request", at("accessRequestId", id))
	require.Nil(t, before["updated_by_id"])

	r := a.object("update_access_request", at("accessRequestId", id).patch("replace", "/status", "APPROVED"))
	require.Equal(t, "APPROVED", r["status"])
	require.NotEqual(t, before["updated_at"], r["updated_at"])
	require.Contains(t, column(a.items("list_users", request{}), "id"), r["updated_by_id"])
	require.Equal(t, r, a.object("get_access_request", at("accessRequestId", id)))

	invites := a.items("list_user_invites", request{})
	last := invites[len(invites)-1]
	require.Equal(t, before["requesting_email"], last["invited_email"])
	require.Equal(t, r["updated_by_id"], last["invited_by"])
	require.NotContains(t, column(a.items("list_users", request{}), "email"), before["requesting_email"])
}

func TestAccessRequestIsDecidedOnce(t *testing.T) {
	a := start(t, sandbox.Options{})
	id := a.pendingAccessRequest()
	decide := func(status any) request { return at("accessRequestId", id).patch("replace", "/status", status) }
	a.withoutEffect(func() {
		a.fails(http.StatusBadRequest, "update_access_request", decide("PENDING"))
		a.fails(http.StatusBadRequest, "update_access_request", decide("approved"))
		a.fails(http.StatusBadRequest, "update_access_request", decide(nil))
		a.fails(http.StatusBadRequest, "update_access_request", at("accessRequestId", id).patch("replace", "/requesting_email", "x@y.example"))
	})
	invites := a.items("list_user_invites", request{})
	require.Equal(t, "DENIED", a.object("update_access_request", decide("DENIED"))["status"])
	require.Equal(t, invites, a.items("list_user_invites", request{}), "who is denied is not invited")
	a.withoutEffect(func() {
		a.fails(http.StatusBadRequest, "update_access_request", decide("APPROVED"))
		a.fails(http.StatusBadRequest, "update_access_request", decide("DENIED"))
	})
}

func TestApprovalDoesNotInviteTwice(t *testing.T) {
	for name, arrive := range map[string]func(*api, string){
		"an account": func(a *api, email string) { a.ok("create_user", userBody(strings.ToUpper(email))) },
		"an invite":  func(a *api, email string) { a.ok("create_user_invite", inviteBody(strings.ToUpper(email))) },
	} {
		t.Run(name, func(t *testing.T) {
			a := start(t, sandbox.Options{})
			id := a.pendingAccessRequest()
			arrive(a, text(a.object("get_access_request", at("accessRequestId", id))["requesting_email"]))
			invites := a.items("list_user_invites", request{})
			a.ok("update_access_request", at("accessRequestId", id).patch("replace", "/status", "APPROVED"))
			require.Equal(t, invites, a.items("list_user_invites", request{}))
		})
	}
}

func TestAccessRequestsAreFilteredByStatus(t *testing.T) {
	a := start(t, sandbox.Options{})
	all := len(a.items("list_access_requests", request{}))
	for _, status := range []string{"PENDING", "APPROVED", "DENIED"} {
		list := a.items("list_access_requests", request{}.where("status", status))
		require.NotEmpty(t, list, "the organization needs access requests that are %s", status)
		require.Equal(t, slices.Repeat([]any{status}, len(list)), column(list, "status"))
		all -= len(list)
	}
	require.Zero(t, all)
	a.fails(http.StatusBadRequest, "list_access_requests", request{}.where("status", "pending"))
}

func TestTokenIsShownOnceAndWorks(t *testing.T) {
	a := start(t, sandbox.Options{})
	token := a.object("create_access_token", tokenBody("users:write", "users:wirte", "groups:read", "groups:read", "admin"))
	secret := text(token["access_token"])
	require.True(t, strings.HasPrefix(secret, "retool_"))
	require.True(t, strings.HasSuffix(secret, text(token["last4"])))
	require.Len(t, token["last4"], 4)
	require.Equal(t, []any{"users:write", "groups:read"}, token["scopes"], "unknown scopes are dropped")
	require.Nil(t, token["description"])
	require.Contains(t, column(a.items("list_users", request{}), "legacy_id"), token["owner_legacy_id"])

	delete(token, "access_token")
	require.Equal(t, token, a.object("get_access_token", at("accessTokenId", text(token["id"]))))
	require.Contains(t, a.items("list_access_tokens", request{}), token)

	b := *a
	b.token = secret
	b.ok("list_groups", request{})
	id := b.newcomer()
	b.ok("get_user", at("userId", id)) // to write includes to read
	b.withoutEffect(func() { b.fails(http.StatusForbidden, "create_group", groupBody("Night shift")) })
}

func TestTokenAcceptsEveryDocumentedScope(t *testing.T) {
	a := start(t, sandbox.Options{})
	var scopes []string
	for _, op := range described(t).operations {
		for scope := range strings.SplitSeq(op.scope, " or ") {
			if scope != "" && !slices.Contains(scopes, scope) {
				scopes = append(scopes, scope)
			}
		}
	}
	slices.Sort(scopes)
	given := a.object("create_access_token", tokenBody(scopes...))["scopes"].([]any)
	require.Len(t, given, len(scopes))
	for i, scope := range scopes {
		require.Equal(t, scope, given[i])
	}
}

func TestCallerIsTokenOwner(t *testing.T) {
	second := start(t, sandbox.Options{}).items("list_users", request{})[1]
	a := start(t, sandbox.Options{Tokens: []sandbox.Token{
		{Secret: "retool_second", All: true, Owner: int(second["legacy_id"].(float64))},
		{Secret: "retool_nobody", All: true, Owner: 987654321},
	}})
	a.token = "retool_second"
	require.Equal(t, second["id"], a.object("create_user_invite", inviteBody("night@newcomers.example"))["invited_by"])
	require.Equal(t, second["legacy_id"], a.object("create_access_token", tokenBody())["owner_legacy_id"])
	r := a.object("update_access_request", at("accessRequestId", a.pendingAccessRequest()).patch("replace", "/status", "DENIED"))
	require.Equal(t, second["id"], r["updated_by_id"])

	a.token = "retool_nobody"
	invite := a.object("create_user_invite", inviteBody("day@newcomers.example"))
	require.Equal(t, true, a.object("get_user", at("userId", text(invite["invited_by"])))["is_admin"], "some admin stands in")
}
