package sandbox_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox"
)

func TestInviteExpiresAfterAWeek(t *testing.T) {
	a := start(t, sandbox.Options{})
	invite := a.object("create_user_invite", request{}.with(map[string]any{
		"email": "night@newcomers.example", "defaultGroupIds": []int{3, 2, 3}, "metadata": map[string]any{"desk": "4b"},
	}))
	require.Equal(t, "night@newcomers.example", invite["invited_email"])
	require.Equal(t, map[string]any{"desk": "4b"}, invite["metadata"])
	require.Nil(t, invite["claimed_by"])
	require.Nil(t, invite["claimed_at"])
	require.Equal(t, []any{"editor", "viewer"}, column(listIn(invite["groups"]), "name"))
	require.Contains(t, column(a.items("list_users", request{}), "id"), invite["invited_by"])

	made, err := time.Parse(time.RFC3339, text(invite["created_at"]))
	require.NoError(t, err)
	ends, err := time.Parse(time.RFC3339, text(invite["expires_at"]))
	require.NoError(t, err)
	require.Equal(t, 7*24*time.Hour, ends.Sub(made))
	link, err := url.Parse(text(invite["invite_link"]))
	require.NoError(t, err)
	require.Equal(t, "https", link.Scheme)
	require.Equal(t, "/auth/signup", link.Path)
	require.NotEmpty(t, link.Query().Get("token"))

	id := text(invite["id"])
	require.Equal(t, invite, a.object("get_user_invite", at("userInviteId", id)))
	require.Contains(t, a.items("list_user_invites", request{}), invite)
	require.Contains(t, listIn(a.object("get_group", at("groupId", "3"))["user_invites"]), invite)
}

func TestInvitedAddressesAreUnique(t *testing.T) {
	a := start(t, sandbox.Options{})
	a.newcomer()
	id := text(a.object("create_user_invite", inviteBody("night@newcomers.example"))["id"])
	a.withoutEffect(func() {
		a.fails(http.StatusConflict, "create_user_invite", inviteBody("Night@Newcomers.example"))
		a.fails(http.StatusConflict, "create_user_invite", inviteBody("tove-lin@newcomers.example"))
		require.Equal(t, `Group with id "987654321" does not exist`,
			a.fails(http.StatusBadRequest, "create_user_invite", inviteBody("day@newcomers.example", 2, 987654321)))
	})
	a.ok("delete_user_invite", at("userInviteId", id))
	a.ok("create_user_invite", inviteBody("night@newcomers.example"))
}

func TestExpiredInviteAllowsAnother(t *testing.T) {
	a := start(t, sandbox.Options{})
	for _, invite := range a.items("list_user_invites", request{}) {
		ends, err := time.Parse(time.RFC3339, text(invite["expires_at"]))
		require.NoError(t, err)
		if invite["claimed_at"] == nil && ends.Before(sandbox.Today) {
			again := a.object("create_user_invite", inviteBody(text(invite["invited_email"])))
			require.NotEqual(t, invite["id"], again["id"])
			return
		}
	}
	require.Fail(t, "the organization needs an invite that has expired")
}

func TestDeletedInviteLeavesNoReferences(t *testing.T) {
	a := start(t, sandbox.Options{})
	id := text(a.object("create_user_invite", inviteBody("night@newcomers.example", 2, 3))["id"])
	a.ok("delete_user_invite", at("userInviteId", id))
	a.fails(http.StatusNotFound, "get_user_invite", at("userInviteId", id))
	a.fails(http.StatusNotFound, "delete_user_invite", at("userInviteId", id))
	for _, group := range a.items("list_groups", request{}) {
		require.NotContains(t, column(listIn(group["user_invites"]), "invited_email"), "night@newcomers.example")
	}
}

func TestInvitesOfAGroup(t *testing.T) {
	a := start(t, sandbox.Options{})
	group, invite := a.nightShift(), a.object("create_user_invite", inviteBody("night@newcomers.example", 2))
	id := text(invite["id"])
	a.withoutEffect(func() {
		require.Equal(t, `User invite with id "987654321" does not exist`, a.fails(http.StatusBadRequest, "add_group_user_invites",
			at("groupId", group).with(map[string]any{"userInviteIds": []any{invite["id"], 987654321}})))
		a.fails(http.StatusNotFound, "remove_group_user_invite", at("groupId", group, "userInviteId", id))
		a.fails(http.StatusBadRequest, "add_group_user_invites", at("groupId", group).with(map[string]any{"userInviteIds": []any{1.5}}))
	})
	for range 2 {
		out := a.object("add_group_user_invites", at("groupId", group).with(map[string]any{"userInviteIds": []any{invite["id"]}}))
		require.Equal(t, []any{invite["id"]}, column(listIn(out["user_invites"]), "id"))
	}
	require.Equal(t, []any{"editor", "Night shift"}, column(listIn(a.object("get_user_invite", at("userInviteId", id))["groups"]), "name"))
	a.ok("remove_group_user_invite", at("groupId", group, "userInviteId", id))
	require.Equal(t, []any{"editor"}, column(listIn(a.object("get_user_invite", at("userInviteId", id))["groups"]), "name"))
}
