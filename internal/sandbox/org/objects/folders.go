package objects

import (
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// named tells which names have the "name_contains" of the call in them, in
// whatever case. Without it all have.
func named(c *api.Call) func(name string) bool {
	part := strings.ToLower(c.Query.Get("name_contains"))
	return func(name string) bool { return strings.Contains(strings.ToLower(name), part) }
}

func listFolders(o *model.Org, c *api.Call) (api.Answer, error) {
	fits := named(c)
	folders := api.Views(&o.Folders,
		func(f *model.Folder) bool { return fits(f.Name) },
		func(f *model.Folder) *model.Folder { return f })
	return api.List(api.SortedByID(folders)), nil
}

func getFolder(o *model.Org, c *api.Call) (api.Answer, error) {
	f, err := folderOf(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	return api.Data(f), nil
}

// folderOf is the folder that the call's path names.
func folderOf(o *model.Org, c *api.Call) (*model.Folder, error) {
	return api.InPath(c, &o.Folders, "folderId", "Folder")
}

func createFolder(o *model.Org, c *api.Call) (api.Answer, error) {
	var body struct {
		Name   string  `json:"name"`
		Parent *string `json:"parent_folder_id"`
		Type   string  `json:"folder_type"`
	}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	parent, err := parentFolder(o, body.Type, body.Parent)
	if err != nil {
		return api.Answer{}, err
	}
	if err := folderNameFree(o, body.Name, body.Type, parent, ""); err != nil {
		return api.Answer{}, err
	}
	id := o.FolderID(body.Type)
	f := &model.Folder{
		ID: id, LegacyID: id, Name: body.Name, ParentFolderID: parent, FolderType: body.Type,
		CreatedAt: o.Now(), UpdatedAt: o.Now(),
	}
	o.Folders.Put(f)
	return api.Data(f), nil
}

// updateFolder renames and moves. Like the real API it leaves updated_at alone
// when it only moves, and then answers the folder as it was before.
func updateFolder(o *model.Org, c *api.Call) (api.Answer, error) {
	f, err := folderOf(o, c)
	if err != nil {
		return api.Answer{}, err
	}
	type fields struct {
		Name   string  `json:"name"`
		Parent *string `json:"parent_folder_id"`
	}
	to, err := api.Patch(c, fields{f.Name, f.ParentFolderID})
	if err != nil {
		return api.Answer{}, err
	}
	if to.Name == "" {
		return api.Answer{}, api.BadRequest("Invalid string type for body parameter: name")
	}
	renamed, moved := to.Name != f.Name, !sameFolder(to.Parent, f.ParentFolderID)
	if !renamed && !moved {
		return api.Data(f), nil
	}
	if f.IsSystemFolder {
		return api.Answer{}, systemFolder(f)
	}
	if moved {
		if to.Parent, err = parentFolder(o, f.FolderType, to.Parent); err != nil {
			return api.Answer{}, err
		}
		if within(o, to.Parent, f.ID) {
			return api.Answer{}, api.Unprocessable("Folder with id %q cannot be moved into itself", f.ID)
		}
	}
	if err := folderNameFree(o, to.Name, f.FolderType, to.Parent, f.ID); err != nil {
		return api.Answer{}, err
	}
	before := *f
	f.Name, f.ParentFolderID = to.Name, to.Parent
	if !renamed {
		return api.Data(before), nil
	}
	f.UpdatedAt = o.Now()
	return api.Data(f), nil
}

// parentFolder checks the parent that a folder of a type is to have. Where IsNull
// is given it is the type's root.
func parentFolder(o *model.Org, folderType string, id *string) (*string, error) {
	if id == nil {
		if root := model.Root(folderType); root != "" {
			return &root, nil
		}
		return nil, nil
	}
	parent, ok := o.Folders.Get(*id)
	if !ok {
		return nil, api.Missing("Folder", *id)
	}
	if parent.FolderType != folderType {
		return nil, api.Unprocessable("Folder with id %q is not a folder of type %s", *id, folderType)
	}
	return id, nil
}

// folderNameFree refuses a name that a sibling has.
func folderNameFree(o *model.Org, name, folderType string, parent *string, self string) error {
	_, taken := o.Folders.Find(func(f *model.Folder) bool {
		return f.ID != self && f.Name == name && f.FolderType == folderType && sameFolder(f.ParentFolderID, parent)
	})
	if taken {
		return api.Conflict("Folder with name %q already exists", name)
	}
	return nil
}

// within tells whether a folder is the one of that id or somewhere below it.
func within(o *model.Org, folder *string, id string) bool {
	for folder != nil {
		if *folder == id {
			return true
		}
		f, ok := o.Folders.Get(*folder)
		if !ok {
			return false
		}
		folder = f.ParentFolderID
	}
	return false
}

func sameFolder(a, b *string) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

func systemFolder(f *model.Folder) error {
	return api.Unprocessable("Folder with id %q is a system folder", f.ID)
}
