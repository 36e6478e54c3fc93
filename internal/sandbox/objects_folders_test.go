package sandbox_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

func bare(*model.Org) {}

func TestFoldersAreSortedByIDAsText(t *testing.T) {
	a := startWith(t, bare)
	for _, name := range []string{"Sales", "Support", "Finance", "Stock"} {
		a.appFolder(name, nil)
	}
	require.Equal(t, []any{
		"app_1", "app_10", "app_2", "app_3", "app_7", "app_8", "app_9", "file_6", "resource_1", "workflow_4", "workflow_5",
	}, field(a.folders(""), "id"))
	require.Equal(t, []any{"app_10"}, field(a.folders("STO"), "id"))
	require.Equal(t, []any{"app_1", "app_3", "file_6", "resource_1", "workflow_4"}, field(a.folders("root"), "id"))
	require.Empty(t, a.folders("nowhere"))
}

func TestFolderParentDefaultsToRoot(t *testing.T) {
	a := startWith(t, bare)
	for folderType, root := range map[string]any{
		"app": "app_1", "workflow": "workflow_4", "resource": "resource_1", "agent": nil, "library": nil,
	} {
		f := a.object("create_folder", request{}.with(map[string]any{"name": "New", "folder_type": folderType}))
		require.Equal(t, root, f["parent_folder_id"], folderType)
		require.Equal(t, folderType, f["folder_type"])
		require.Equal(t, false, f["is_system_folder"])
		require.Equal(t, f["id"], f["legacy_id"])
		require.Equal(t, f, a.object("get_folder", at("folderId", text(f["id"]))))
		a.fails(http.StatusConflict, "create_folder", request{}.with(map[string]any{"name": "New", "folder_type": folderType}))
	}
}

func TestInvalidFoldersAreRefused(t *testing.T) {
	a := startWith(t, bare)
	sales := a.appFolder("Sales", "app_1")
	a.appFolder("Sales", sales) // the same name elsewhere is another folder
	before := a.state()
	for _, c := range []struct {
		status       int
		name, parent string
	}{
		{http.StatusConflict, "Sales", "app_1"},
		{http.StatusBadRequest, "Other", "app_999"},
		{http.StatusUnprocessableEntity, "Other", "workflow_4"},
		{http.StatusBadRequest, "", "app_1"},
		{http.StatusBadRequest, "Other", "no folder"},
	} {
		a.fails(c.status, "create_folder", request{}.with(map[string]any{
			"name": c.name, "parent_folder_id": c.parent, "folder_type": "app",
		}))
	}
	require.Equal(t, `Folder with id "app_999" does not exist`, a.fails(http.StatusBadRequest, "create_folder",
		request{}.with(map[string]any{"name": "Other", "parent_folder_id": "app_999", "folder_type": "app"})))
	require.Equal(t, before, a.state())
}

func TestMoveAnswersFormerParent(t *testing.T) {
	a := startWith(t, bare)
	sales, support := a.appFolder("Sales", nil), a.appFolder("Support", nil)
	before := a.object("get_folder", at("folderId", sales))

	require.Equal(t, before, a.object("update_folder", at("folderId", sales).patch("replace", "/parent_folder_id", support)))
	after := a.object("get_folder", at("folderId", sales))
	require.Equal(t, support, after["parent_folder_id"])
	require.Equal(t, before["updated_at"], after["updated_at"])

	both := a.object("update_folder", at("folderId", sales).with(map[string]any{"operations": []any{
		map[string]any{"op": "replace", "path": "/name", "value": "Sales 2"},
		map[string]any{"op": "replace", "path": "/parent_folder_id", "value": "app_1"},
	}}))
	require.Equal(t, "app_1", both["parent_folder_id"])
	require.Equal(t, "Sales 2", both["name"])
	require.Greater(t, both["updated_at"], before["updated_at"])
	require.Equal(t, both, a.object("get_folder", at("folderId", sales)))
}

func TestFolderSupportsEveryPatchOperation(t *testing.T) {
	a := startWith(t, bare)
	outer := a.appFolder("Outer", nil)
	inner := a.appFolder("Inner", outer)
	operations := func(list ...map[string]any) request {
		return at("folderId", inner).with(map[string]any{"operations": list})
	}
	for _, c := range []struct {
		what, name, parent string
		operations         []map[string]any
	}{
		{"add", "Added", outer, []map[string]any{{"op": "add", "path": "/name", "value": "Added"}}},
		{"replace", "Replaced", outer, []map[string]any{{"op": "replace", "path": "/name", "value": "Replaced"}}},
		{"test", "Tested", outer, []map[string]any{
			{"op": "test", "path": "/name", "value": "Replaced"}, {"op": "replace", "path": "/name", "value": "Tested"},
		}},
		{"remove", "Tested", "app_1", []map[string]any{{"op": "remove", "path": "/parent_folder_id"}}},
		{"copy", outer, "app_1", []map[string]any{
			{"op": "replace", "path": "/parent_folder_id", "value": outer},
			{"op": "copy", "from": "/parent_folder_id", "path": "/name"},
			{"op": "replace", "path": "/parent_folder_id", "value": "app_1"},
		}},
		{"move", outer, "app_1", []map[string]any{
			{"op": "replace", "path": "/parent_folder_id", "value": outer},
			{"op": "move", "from": "/parent_folder_id", "path": "/name"},
		}},
	} {
		a.ok("update_folder", operations(c.operations...))
		f := a.object("get_folder", at("folderId", inner))
		require.Equal(t, []any{c.name, c.parent}, []any{f["name"], f["parent_folder_id"]}, c.what)
	}
	before := a.state()
	for what, bad := range map[string]request{
		"a test that fails":     operations(map[string]any{"op": "test", "path": "/name", "value": "Wrong"}),
		"a field without patch": at("folderId", inner).patch("replace", "/folder_type", "workflow"),
		"a name that is none":   at("folderId", inner).patch("replace", "/name", ""),
		"no name":               at("folderId", inner).patch("remove", "/name", nil),
		"a number as name":      at("folderId", inner).patch("replace", "/name", 7),
		"no such parent":        at("folderId", inner).patch("replace", "/parent_folder_id", "app_999"),
	} {
		t.Run(what, func(t *testing.T) { a.in(t).fails(http.StatusBadRequest, "update_folder", bad) })
	}
	require.Equal(t, before, a.state())
}

func TestInvalidMovesAreRefused(t *testing.T) {
	a := startWith(t, bare)
	outer := a.appFolder("Outer", nil)
	inner := a.appFolder("Inner", outer)
	innermost := a.appFolder("Innermost", inner)
	a.appFolder("Innermost", nil)
	before := a.state()
	move := func(folder, parent string) request {
		return at("folderId", folder).patch("replace", "/parent_folder_id", parent)
	}
	a.fails(http.StatusUnprocessableEntity, "update_folder", move(outer, outer))
	a.fails(http.StatusUnprocessableEntity, "update_folder", move(outer, innermost))
	a.fails(http.StatusUnprocessableEntity, "update_folder", move(outer, "resource_1"))
	a.fails(http.StatusConflict, "update_folder", move(innermost, "app_1"))
	a.fails(http.StatusConflict, "update_folder", at("folderId", outer).patch("replace", "/name", "Innermost"))
	require.Equal(t, before, a.state())
}

func TestSystemFoldersStay(t *testing.T) {
	a := startWith(t, bare)
	for _, id := range []string{"app_1", "app_2", "app_3", "workflow_4", "workflow_5", "resource_1"} {
		before := a.organization().Folders
		a.fails(http.StatusUnprocessableEntity, "update_folder", at("folderId", id).patch("replace", "/name", "Mine"))
		a.fails(http.StatusUnprocessableEntity, "delete_folder", at("folderId", id).where("recursive", "true"))
		require.Equal(t, before, a.organization().Folders)
	}
	a.fails(http.StatusUnprocessableEntity, "update_folder", at("folderId", "app_2").patch("replace", "/parent_folder_id", "app_3"))
}

func TestOnlyEmptyFoldersAreDeleted(t *testing.T) {
	a := startWith(t, func(o *model.Org) {
		for _, f := range []*model.Folder{
			{ID: "app_7", FolderType: "app"},
			{ID: "workflow_8", FolderType: "workflow"},
			{ID: "resource_9", FolderType: "resource"},
			{ID: "agent_10", FolderType: "agent"},
			{ID: "agent_11", FolderType: "agent", ParentFolderID: new("agent_10")},
		} {
			o.Folders.Put(f)
		}
		o.Apps.Put(&model.App{AppView: model.AppView{ID: uuid(1), FolderID: "app_7"}})
		o.Workflows.Put(&model.Workflow{ID: uuid(2), FolderID: "workflow_8"})
		o.Resources.Put(&model.Resource{ID: uuid(3), FolderID: new("resource_9")})
	})
	before := a.state()
	for _, full := range []string{"app_7", "workflow_8", "resource_9", "agent_10"} {
		require.Contains(t, a.fails(http.StatusUnprocessableEntity, "delete_folder", at("folderId", full)), "is not empty")
	}
	for _, full := range []string{"workflow_8", "resource_9", "agent_10"} { // recursive is for apps
		a.fails(http.StatusUnprocessableEntity, "delete_folder", at("folderId", full).where("recursive", "true"))
	}
	require.Equal(t, before, a.state())

	a.ok("delete_folder", at("folderId", "agent_11"))
	a.ok("delete_folder", at("folderId", "agent_10"))
	a.fails(http.StatusNotFound, "delete_folder", at("folderId", "agent_10"))
}

func TestRecursiveDeletionRemovesContents(t *testing.T) {
	a := startWith(t, func(o *model.Org) {
		for _, f := range []*model.Folder{
			{ID: "app_7", FolderType: "app"},
			{ID: "app_8", FolderType: "app", ParentFolderID: new("app_7")},
			{ID: "app_9", FolderType: "app", ParentFolderID: new("app_8")},
			{ID: "app_10", FolderType: "app"},
		} {
			o.Folders.Put(f)
			o.Grants.Put(&model.Grant{SubjectType: "group", SubjectID: "2", ObjectType: "folder", ObjectID: f.ID, Level: "edit"})
		}
		for i, folder := range []string{"app_7", "app_9", "app_10"} {
			o.Apps.Put(&model.App{AppView: model.AppView{ID: uuid(i), FolderID: folder}})
			o.Grants.Put(&model.Grant{SubjectType: "group", SubjectID: "2", ObjectType: "app", ObjectID: uuid(i), Level: "edit"})
		}
	})
	a.ok("delete_folder", at("folderId", "app_7").where("recursive", "true"))
	for _, gone := range []string{"app_7", "app_8", "app_9"} {
		a.fails(http.StatusNotFound, "get_folder", at("folderId", gone))
	}
	require.Equal(t, []any{uuid(2)}, field(a.items("list_apps", request{}), "id"))
	o := a.organization()
	require.Equal(t, 2, o.Grants.Len())
	for g := range o.Grants.All() {
		require.Contains(t, []string{"app_10", uuid(2)}, g.ObjectID)
	}
}
