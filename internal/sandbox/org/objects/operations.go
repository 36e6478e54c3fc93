// Package objects has the operations on folders, apps, themes, component
// libraries, workflows and user tasks.
package objects

import (
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
)

// Operations returns the operations by operationId.
func Operations() map[string]api.Func {
	return map[string]api.Func{
		"list_folders":  listFolders,
		"create_folder": createFolder,
		"get_folder":    getFolder,
		"update_folder": updateFolder,
		"delete_folder": deleteFolder,

		"list_apps":               listApps,
		"get_app":                 getApp,
		"delete_app":              deleteApp,
		"clone_app":               cloneApp,
		"validate_app_toolscript": validateAppToolscript,

		"list_app_themes":   listAppThemes,
		"get_app_theme":     getAppTheme,
		"create_app_theme":  createAppTheme,
		"replace_app_theme": replaceAppTheme,
		"delete_app_theme":  deleteAppTheme,

		"list_custom_component_libraries":              listCustomComponentLibraries,
		"get_custom_component_library":                 getCustomComponentLibrary,
		"create_custom_component_library":              createCustomComponentLibrary,
		"list_custom_component_library_revisions":      listCustomComponentLibraryRevisions,
		"create_custom_component_library_revision":     createCustomComponentLibraryRevision,
		"list_custom_component_library_revision_files": listCustomComponentLibraryRevisionFiles,

		"list_workflows":   listWorkflows,
		"get_workflow":     getWorkflow,
		"update_workflow":  updateWorkflow,
		"delete_workflow":  deleteWorkflow,
		"get_workflow_run": getWorkflowRun,

		"list_user_tasks":    listUserTasks,
		"submit_user_task":   submitUserTask,
		"cancel_user_task":   cancelUserTask,
		"reassign_user_task": reassignUserTask,
	}
}
