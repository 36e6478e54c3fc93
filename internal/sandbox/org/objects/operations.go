// Package objects has the operations on folders, apps, themes, component
// libraries, workflows and user tasks.
package objects

import "github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"

// Operations returns the operations by operationId.
func Operations() map[string]api.Func {
	return map[string]api.Func{
		"list_folders":  listFolders,
		"create_folder": api.With(createFolder),
		"get_folder":    api.Get(folderInPath, api.Itself),
		"update_folder": api.Patch(folderInPath, fieldsOfFolder, updateFolder),
		"delete_folder": api.On(folderInPath, deleteFolder),

		"list_apps":               listApps,
		"get_app":                 api.Get(appInPath, viewApp),
		"delete_app":              api.Remove(appInPath, removeApp),
		"clone_app":               api.With(cloneApp),
		"validate_app_toolscript": api.With(validateAppToolscript),

		"list_app_themes":   listAppThemes,
		"get_app_theme":     api.Get(themeInPath, api.Itself),
		"create_app_theme":  api.With(createAppTheme),
		"replace_app_theme": api.With(replaceAppTheme),
		"delete_app_theme":  api.Remove(themeInPath, removeTheme),

		"list_custom_component_libraries":              listCustomComponentLibraries,
		"get_custom_component_library":                 api.Get(libraryInPath, viewLibrary),
		"create_custom_component_library":              api.With(createCustomComponentLibrary),
		"list_custom_component_library_revisions":      api.Get(libraryInPath, viewRevisions),
		"create_custom_component_library_revision":     api.On(libraryInPath, createCustomComponentLibraryRevision),
		"list_custom_component_library_revision_files": api.On(libraryInPath, listCustomComponentLibraryRevisionFiles),

		"list_workflows":   listWorkflows,
		"get_workflow":     api.Get(workflowInPath, api.Itself),
		"update_workflow":  api.On(workflowInPath, updateWorkflow),
		"delete_workflow":  api.Remove(workflowInPath, removeWorkflow),
		"get_workflow_run": api.On(runInPath, getWorkflowRun),

		"list_user_tasks":    listUserTasks,
		"submit_user_task":   api.OnWith(pendingTask, submitUserTask),
		"cancel_user_task":   api.OnWith(pendingTask, cancelUserTask),
		"reassign_user_task": api.OnWith(pendingTask, reassignUserTask),
	}
}
