package seed

import (
	"strconv"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// drafters is the number of people with folders for drafts and trash.
const drafters = 8

func (b *builder) folders() {
	room := b.sizes.Folders - b.Folders.Len()
	for i := range min(drafters, len(b.people), room/2, max(1, room/8)) {
		u := b.people[i]
		prefix := "(" + strconv.Itoa(u.LegacyID) + ") " + calledBy(u.User) + "'s "
		drafts := b.folder("app", prefix+"Drafts", model.FolderPersonal, u.CreatedAt)
		b.folder("app", prefix+"Trash", drafts.ID, u.CreatedAt).IsSystemFolder = true
		drafts.IsSystemFolder = true
		b.folderNamed["app"+below+draftsOf(u.LegacyID)] = drafts.ID
	}
	room = b.sizes.Folders - b.Folders.Len()
	for i := range room {
		plan := b.plannedFolder(i)
		name, parent := plan.Path, model.Root(plan.Kind)
		if at := strings.LastIndex(plan.Path, below); at > 0 {
			name, parent = plan.Path[at+len(below):], b.folderNamed[plan.Kind+below+plan.Path[:at]]
		}
		b.folderNamed[plan.Kind+below+plan.Path] = b.folder(plan.Kind, name, parent, b.spread(i, room)).ID
	}
	b.sortAppFolders()
}

// draftsOf returns the path of a user's folder for drafts.
func draftsOf(legacyID int) string { return "drafts" + below + strconv.Itoa(legacyID) }

// calledBy returns the name of a user, or the email address of one without.
func calledBy(u *model.User) string {
	if u.FirstName == nil || u.LastName == nil {
		return u.Email
	}
	return *u.FirstName + " " + *u.LastName
}

// plannedFolder returns the i-th folder. Beyond the plan there is one for each month
// below a few others.
func (b *builder) plannedFolder(i int) folderPlan {
	if i < len(plan().Folders) {
		return plan().Folders[i]
	}
	collectors := []folderPlan{
		{"app", "Operations>Shipping"},
		{"workflow", "Data quality"},
		{"app", "Analytics>Experiments"},
		{"resource", "APIs>Partners"},
		{"app", "Company>Onboarding"},
	}
	i -= len(plan().Folders)
	c := collectors[i%len(collectors)]
	month := i / len(collectors)
	c.Path += below + strconv.Itoa(2019+month/12) + "-" + strconv.Itoa(101 + month%12)[1:]
	return c
}

func (b *builder) folder(kind, name, parent string, created model.Time) *model.Folder {
	id := b.FolderID(kind)
	f := &model.Folder{
		ID: id, LegacyID: id, Name: name, ParentFolderID: optional(parent), FolderType: kind,
		CreatedAt: created, UpdatedAt: b.since(created),
	}
	b.Folders.Put(f)
	return f
}

// sortAppFolders finds the folders for the apps of each department. The last entry
// is for apps without one.
func (b *builder) sortAppFolders() {
	b.appFolders = make([][]string, len(plan().Departments)+1)
	for _, plan := range plan().Folders {
		if id, ok := b.folderNamed["app"+below+plan.Path]; ok && plan.Kind == "app" {
			owner := ownerOf(plan.Path)
			b.appFolders[owner] = append(b.appFolders[owner], id)
		}
	}
}

// ownerOf returns the department whose folder a path begins with.
func ownerOf(path string) int {
	top, _, _ := strings.Cut(path, below)
	for i, d := range plan().Departments {
		if d.Folder == top {
			return i
		}
	}
	return everybody()
}
