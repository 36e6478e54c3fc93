package sandbox_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// Ids of what is in the small organization.
const (
	ordersApp     = "11111111-1111-4111-8111-111111111111"
	refundsApp    = "22222222-2222-4222-8222-222222222222"
	nightlyFlow   = "33333333-3333-4333-8333-333333333333"
	sharedQuery   = "44444444-4444-4444-8444-444444444444"
	avasID        = "user_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	bensID        = "user_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	theSmallOrg   = "org_00000000000000000000000000000001"
	theSmallSpace = "org_00000000000000000000000000000002"
)

// small serves an organization in which every single thing is known: Ava, the
// admin, and Ben, two apps, a workflow and a query, and what change adds.
func startSmall(t *testing.T, change func(*model.Org)) *api {
	t.Helper()
	now := model.At(sandbox.Today)
	o := model.New(1, now)
	o.ID, o.Domain = theSmallOrg, "small.example"
	addUser(o, avasID, "Ava@small.example")
	addUser(o, bensID, "ben@small.example")
	admins, _ := o.Groups.Get("1")
	o.SetMember(admins, model.GroupMember{ID: avasID})
	for _, app := range []struct{ id, name string }{{ordersApp, "Orders"}, {refundsApp, "Refunds"}} {
		o.Apps.Put(&model.App{AppView: model.AppView{
			ID: app.id, Name: app.name, FolderID: model.FolderApps, CreatedAt: now, UpdatedAt: now, ReleaseVersion: "latest",
		}})
	}
	o.Workflows.Put(&model.Workflow{ID: nightlyFlow, Name: "Nightly", FolderID: model.FolderWorkflows, CreatedAt: now, UpdatedAt: now})
	o.Queries.Put(&model.Query{ID: sharedQuery, Name: "All orders"})
	if change != nil {
		change(o)
	}
	state, err := json.Marshal(o)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "state.json")
	require.NoError(t, os.WriteFile(file, state, 0o600))
	return start(t, sandbox.Options{State: file})
}

func addUser(o *model.Org, id, email string) *model.User {
	u := &model.User{Sessions: 2, UserView: model.UserView{
		ID: id, LegacyID: o.Number(model.SequenceUser), Email: email, Active: true, UserType: "default",
		CreatedAt: o.Now(), LastActive: new(o.Now().Add(-time.Hour)),
	}}
	o.Users.Put(u)
	return u
}

// changesNothing runs calls and sees to it that the organization is as before.
func changesNothing(a *api, calls func()) {
	a.t.Helper()
	before := a.state()
	calls()
	require.Equal(a.t, before, a.state(), "something has changed")
}

// stateOf is the organization as it is now.
func stateOf(a *api) *model.Org {
	a.t.Helper()
	data, err := a.box.MarshalJSON()
	require.NoError(a.t, err)
	o := new(model.Org)
	require.NoError(a.t, json.Unmarshal(data, o))
	return o
}
