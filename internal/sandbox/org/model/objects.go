package model

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// Folder holds objects of one type.
type Folder struct {
	ID             string  `json:"id"` // "app_92"
	LegacyID       string  `json:"legacy_id"`
	Name           string  `json:"name"`
	ParentFolderID *string `json:"parent_folder_id"`
	IsSystemFolder bool    `json:"is_system_folder"`
	FolderType     string  `json:"folder_type"` // app, workflow, resource, agent, library, file
	UpdatedAt      Time    `json:"updated_at"`
	CreatedAt      Time    `json:"created_at"`
}

// Key is the folder's id.
func (f *Folder) Key() string { return f.ID }

// App is an app. Only its AppView is in answers.
type App struct {
	AppView   `json:",inline"`
	Screens   []Screen `json:"screens"`
	Resources []string `json:"resources"` // ids of those that its queries use
}

// Screen is a page of an app, on which permissions can be granted.
type Screen struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// AppView is an app as the API answers it.
type AppView struct {
	ID             string  `json:"id"`
	Name           string  `json:"name"`
	Description    *string `json:"description"`
	AppType        string  `json:"app_type"` // "" is classic
	PublishedAs    *string `json:"published_app_identifier"`
	PublishedURL   *string `json:"published_app_url"`
	FolderID       string  `json:"folder_id"`
	Protected      bool    `json:"protected"`
	Synced         bool    `json:"synced"`
	Shortlink      *string `json:"shortlink"`
	IsModule       bool    `json:"is_module"`
	IsMobileApp    bool    `json:"is_mobile_app"`
	CreatedAt      Time    `json:"created_at"`
	UpdatedAt      Time    `json:"updated_at"`
	ReleaseVersion string  `json:"release_version"` // "latest" while no release is live
}

// Detach removes from a copy what only the original has: its addresses and its
// place in source control.
func (v *AppView) Detach() {
	v.Protected, v.Synced = false, false
	v.Shortlink, v.PublishedAs, v.PublishedURL = nil, nil, nil
}

// Key is the app's id.
func (a *App) Key() string { return a.ID }

// Theme is a theme of apps.
type Theme struct {
	ID        int            `json:"id"`
	LegacyID  int            `json:"legacy_id"`
	Name      string         `json:"name"`
	Theme     jsontext.Value `json:"theme"` // an object
	CreatedAt Time           `json:"created_at"`
	UpdatedAt Time           `json:"updated_at"`
}

// Key is the theme's id.
func (t *Theme) Key() string { return strconv.Itoa(t.ID) }

// Library is a library of custom components.
type Library struct {
	LibraryView `json:",inline"`
	Revisions   []Revision `json:"revisions"` // in order of their upload
}

// LibraryView is a library as the API answers it.
type LibraryView struct {
	ID          string  `json:"id"`
	Name        string  `json:"name"`
	Description *string `json:"description"`
	Label       string  `json:"label"`
	CreatedAt   Time    `json:"created_at"`
	UpdatedAt   Time    `json:"updated_at"`
}

// Key is the library's id.
func (l *Library) Key() string { return l.ID }

// Revision is one uploaded version of a library.
type Revision struct {
	RevisionView `json:",inline"`
	Files        []RevisionFile `json:"files"`
}

// RevisionView is a revision as the API answers it.
type RevisionView struct {
	ID        string `json:"id"`
	Version   string `json:"version"`
	LibraryID string `json:"custom_component_library_id"`
	CreatedAt Time   `json:"created_at"`
	UpdatedAt Time   `json:"updated_at"`
}

// RevisionFile is a file of a revision.
type RevisionFile struct {
	Path      string `json:"filepath"`
	Contents  string `json:"file_contents"`
	CreatedAt Time   `json:"created_at"`
	UpdatedAt Time   `json:"updated_at"`
}

// Query is a query of the shared library. Only copy_space_elements uses it.
type Query struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Key is the query's id.
func (q *Query) Key() string { return q.ID }

// Workflow is a workflow without its blocks.
type Workflow struct {
	ID          string  `json:"id"`
	Name        string  `json:"name"`
	Description *string `json:"description"`
	Crontab     *string `json:"crontab"`
	Timezone    *string `json:"timezone"`
	IsEnabled   bool    `json:"is_enabled"`
	FolderID    string  `json:"folder_id"`
	Protected   bool    `json:"protected"`
	CreatedBy   *int    `json:"created_by"` // legacy id of a user
	CreatedAt   Time    `json:"created_at"`
	UpdatedAt   Time    `json:"updated_at"`
	MemoryLimit *int    `json:"code_executor_memory_limit_mbs"`
}

// Key is the workflow's id.
func (w *Workflow) Key() string { return w.ID }

// Run is one run of a workflow. Its tasks are in the table of tasks.
type Run struct {
	ID          string `json:"id"`
	WorkflowID  string `json:"workflow_id"`
	Status      string `json:"status"`
	TriggerType string `json:"trigger_type"`
	TriggerID   string `json:"trigger_id"`
	CreatedAt   Time   `json:"created_at"`
}

// Key is the run's id.
func (r *Run) Key() string { return r.ID }

// Task is a step of a run that waits for a user.
type Task struct {
	ID              string         `json:"id"`
	WorkflowID      string         `json:"workflow_id"`
	WorkflowName    string         `json:"workflow_name"`
	RunID           string         `json:"workflow_run_id"`
	TaskName        string         `json:"task_name"`
	Status          string         `json:"status"`  // submitted, pending, cancelled or expired
	Context         jsontext.Value `json:"context"` // an object
	CreatedAt       Time           `json:"created_at"`
	CompletedAt     *Time          `json:"completed_at"`
	TaskURL         []string       `json:"task_url"`
	Assignees       []Assignee     `json:"assignees"`
	WorkflowRelease *string        `json:"workflow_release"`
	ExpiresAt       *Time          `json:"expires_at"`
	Output          jsontext.Value `json:"output,omitzero"` // an object
}

// Assignee is a user or group that a task waits for.
type Assignee struct {
	Type string `json:"type"` // user or group
	ID   int    `json:"id"`   // legacy id of the user, or id of the group
	Name string `json:"name"` // email of the user, or name of the group
}

// Key is the task's id.
func (t *Task) Key() string { return t.ID }
