package objects

import (
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

func listFolders(o *model.Org, c *api.Call) (api.Answer, error) {
	fits := c.NameFilter()
	folders := api.Views(o, &o.Folders, func(f *model.Folder) bool { return fits(f.Name) }, api.Itself)
	slices.SortFunc(folders, func(a, b *model.Folder) int { return strings.Compare(a.ID, b.ID) }) // as text, like the API
	return api.List(folders), nil
}

func folderInPath(o *model.Org, c *api.Call) (*model.Folder, error) {
	return api.InPath(c, &o.Folders, "folderId", "Folder")
}

type createFolderBody struct {
	Name   string  `json:"name"`
	Parent *string `json:"parent_folder_id"`
	Type   string  `json:"folder_type"`
}

func createFolder(o *model.Org, _ *api.Call, body createFolderBody) (api.Answer, error) {
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

type folderFields struct {
	Name   string  `json:"name"`
	Parent *string `json:"parent_folder_id"`
}

func fieldsOfFolder(f *model.Folder) folderFields { return folderFields{f.Name, f.ParentFolderID} }

// updateFolder renames and moves. Like the real API, a move alone keeps updated_at
// and answers the folder as it was before.
func updateFolder(o *model.Org, _ *api.Call, f *model.Folder, to folderFields) (api.Answer, error) {
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
		parent, err := parentFolder(o, f.FolderType, to.Parent)
		if err != nil {
			return api.Answer{}, err
		}
		to.Parent = parent
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

// parentFolder checks the parent of a folder of a type. The default is the root
// folder of the type.
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
	if o.Folders.Any(func(f *model.Folder) bool {
		return f.ID != self && f.Name == name && f.FolderType == folderType && sameFolder(f.ParentFolderID, parent)
	}) {
		return api.Conflict("Folder with name %q already exists", name)
	}
	return nil
}

// within reports whether a folder is the one with an id or below it.
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
