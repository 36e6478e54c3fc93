package model

import "github.com/go-json-experiment/json/jsontext"

// New returns an organization with the objects that cannot be deleted, and without
// users.
func New(seed uint64, start Time) *Org {
	o := &Org{Seed: seed, Start: start, Name: "Northwind Outfitters", Domain: "northwind.retool.com"}
	o.ID = o.OrgID()
	o.addGroups()
	o.addFolders()
	for _, e := range []struct{ name, color string }{{"production", "#E9AB11"}, {"staging", "#3170F9"}} {
		o.Environments.Put(&Environment{
			ID: o.UUID(), Name: e.name, Color: e.color, Default: e.name == "production", CreatedAt: start, UpdatedAt: start,
		})
	}
	o.Settings = Settings{
		ReleaseManagement: true, JavaScriptLinks: []string{}, RunRetentionMinutes: 43_200, OwnersManage: true,
	}
	o.AI = AISettings{AI: true, Actions: true, Ask: true}
	o.CodeExecutor.CircuitBreaker = true
	o.SourceControl.Settings = SourceControlSettings{AutoBranchNaming: true, AutoCleanup: true}
	return o
}

func (o *Org) addGroups() {
	for _, g := range []struct{ name, apps, resources, workflows, queries string }{
		{"admin", "own", "own", "own", "edit"},
		{"editor", "edit", "edit", "edit", "edit"},
		{"viewer", "use", "use", "use", "use"},
		{"All Users", "none", "none", "none", "none"},
	} {
		admin := g.name == "admin"
		o.Groups.Put(&Group{
			ID: o.Number(SequenceGroup), Members: []GroupMember{}, Invites: []int{},
			GroupFields: GroupFields{
				Name: g.name, AppAccess: g.apps, ResourceAccess: g.resources, WorkflowAccess: g.workflows, QueryAccess: g.queries,
				UserListAccess: true, AuditLogAccess: admin, UnpublishedAccess: admin, UsageAccess: admin, ThemeAccess: admin, AccountAccess: admin,
			},
			CreatedAt: o.Start, UpdatedAt: o.Start,
		})
	}
}

// Folders that every organization has. Their ids are those of real organizations,
// where the folder of resources is not part of the sequence.
const (
	FolderApps      = "app_1"
	FolderArchive   = "app_2"
	FolderPersonal  = "app_3"
	FolderWorkflows = "workflow_4"
	FolderResources = "resource_1"
)

func (o *Org) addFolders() {
	for _, f := range []struct{ id, folderType, name, parent string }{
		{FolderApps, "app", "root", ""},
		{FolderArchive, "app", "archive", FolderApps},
		{FolderPersonal, "app", "personalRoot", ""},
		{FolderWorkflows, "workflow", "root", ""},
		{"workflow_5", "workflow", "archive", FolderWorkflows},
		{"file_6", "file", "root", ""},
		{FolderResources, "resource", "root", ""},
	} {
		folder := &Folder{
			ID: f.id, LegacyID: f.id, Name: f.name, IsSystemFolder: true, FolderType: f.folderType,
			CreatedAt: o.Start, UpdatedAt: o.Start,
		}
		if f.parent != "" {
			folder.ParentFolderID = new(f.parent)
		}
		o.Folders.Put(folder)
	}
	o.Numbers[SequenceFolder] = 6
}

// Root returns the id of the root folder of a type, "" if it has none.
func Root(folderType string) string {
	switch folderType {
	case "app":
		return FolderApps
	case "workflow":
		return FolderWorkflows
	case "resource":
		return FolderResources
	default:
		return ""
	}
}

// IsNull reports whether a value is missing or null.
func IsNull(v jsontext.Value) bool { return len(v) == 0 || v.Kind() == 'n' }
