package org

import "strings"

// named tells which names have the "name_contains" of the call in them, in
// whatever case. Without it all have.
func named(c *Call) func(name string) bool {
	part := strings.ToLower(c.Query.Get("name_contains"))
	return func(name string) bool { return strings.Contains(strings.ToLower(name), part) }
}

func listFolders(o *Org, c *Call) (Answer, error) {
	fits := named(c)
	folders := Views(&o.Folders,
		func(f *Folder) bool { return fits(f.Name) },
		func(f *Folder) *Folder { return f })
	return List(SortedByID(folders)), nil
}

func getFolder(o *Org, c *Call) (Answer, error) {
	f, err := folderOf(o, c)
	if err != nil {
		return Answer{}, err
	}
	return Data(f), nil
}

// folderOf is the folder that the call's path names.
func folderOf(o *Org, c *Call) (*Folder, error) {
	return InPath(c, &o.Folders, "folderId", "Folder")
}

func createFolder(o *Org, c *Call) (Answer, error) {
	var body struct {
		Name   string  `json:"name"`
		Parent *string `json:"parent_folder_id"`
		Type   string  `json:"folder_type"`
	}
	if err := c.Decode(&body); err != nil {
		return Answer{}, err
	}
	parent, err := parentFolder(o, body.Type, body.Parent)
	if err != nil {
		return Answer{}, err
	}
	if err := folderNameFree(o, body.Name, body.Type, parent, ""); err != nil {
		return Answer{}, err
	}
	id := o.FolderID(body.Type)
	f := &Folder{
		ID: id, LegacyID: id, Name: body.Name, ParentFolderID: parent, FolderType: body.Type,
		CreatedAt: o.Now(), UpdatedAt: o.Now(),
	}
	o.Folders.Put(f)
	return Data(f), nil
}

// updateFolder renames and moves. Like the real API it leaves updated_at alone
// when it only moves, and then answers the folder as it was before.
func updateFolder(o *Org, c *Call) (Answer, error) {
	f, err := folderOf(o, c)
	if err != nil {
		return Answer{}, err
	}
	type fields struct {
		Name   string  `json:"name"`
		Parent *string `json:"parent_folder_id"`
	}
	to, err := Patch(c, fields{f.Name, f.ParentFolderID})
	if err != nil {
		return Answer{}, err
	}
	if to.Name == "" {
		return Answer{}, BadRequest("Invalid string type for body parameter: name")
	}
	renamed, moved := to.Name != f.Name, !sameFolder(to.Parent, f.ParentFolderID)
	if !renamed && !moved {
		return Data(f), nil
	}
	if f.IsSystemFolder {
		return Answer{}, systemFolder(f)
	}
	if moved {
		if to.Parent, err = parentFolder(o, f.FolderType, to.Parent); err != nil {
			return Answer{}, err
		}
		if within(o, to.Parent, f.ID) {
			return Answer{}, Unprocessable("Folder with id %q cannot be moved into itself", f.ID)
		}
	}
	if err := folderNameFree(o, to.Name, f.FolderType, to.Parent, f.ID); err != nil {
		return Answer{}, err
	}
	before := *f
	f.Name, f.ParentFolderID = to.Name, to.Parent
	if !renamed {
		return Data(before), nil
	}
	f.UpdatedAt = o.Now()
	return Data(f), nil
}

// parentFolder checks the parent that a folder of a type is to have. Where IsNull
// is given it is the type's root.
func parentFolder(o *Org, folderType string, id *string) (*string, error) {
	if id == nil {
		if root := Root(folderType); root != "" {
			return &root, nil
		}
		return nil, nil
	}
	parent, ok := o.Folders.Get(*id)
	if !ok {
		return nil, Missing("Folder", *id)
	}
	if parent.FolderType != folderType {
		return nil, Unprocessable("Folder with id %q is not a folder of type %s", *id, folderType)
	}
	return id, nil
}

// folderNameFree refuses a name that a sibling has.
func folderNameFree(o *Org, name, folderType string, parent *string, self string) error {
	_, taken := o.Folders.Find(func(f *Folder) bool {
		return f.ID != self && f.Name == name && f.FolderType == folderType && sameFolder(f.ParentFolderID, parent)
	})
	if taken {
		return Conflict("Folder with name %q already exists", name)
	}
	return nil
}

// within tells whether a folder is the one of that id or somewhere below it.
func within(o *Org, folder *string, id string) bool {
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

func systemFolder(f *Folder) error {
	return Unprocessable("Folder with id %q is a system folder", f.ID)
}
