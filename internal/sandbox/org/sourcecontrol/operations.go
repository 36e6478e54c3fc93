// Package sourcecontrol has the operations on the repository, its branches,
// manifests, releases and deployments.
package sourcecontrol

import "github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"

// Operations returns the operations by operationId.
func Operations() map[string]api.Func {
	return map[string]api.Func{
		"get_source_control_config":      api.Get(existing, viewConfig),
		"create_source_control_config":   api.With(createSourceControlConfig),
		"replace_source_control_config":  api.With(replaceSourceControlConfig),
		"delete_source_control_config":   api.Remove(existing, disconnect),
		"test_source_control_connection": testSourceControlConnection,

		"get_source_control_settings":     getSourceControlSettings,
		"replace_source_control_settings": replaceSourceControlSettings,

		"test_source_control_deploy":      api.With(testSourceControlDeploy),
		"deploy_source_control":           api.On(connected, deploySourceControl),
		"get_source_control_deployment":   api.Get(deploymentInPath, api.Itself),
		"list_source_control_deployments": api.Get(existing, viewDeployments),

		"create_source_control_branch":  api.OnWith(connected, createSourceControlBranch),
		"reset_source_control_branches": api.OnWith(connected, resetSourceControlBranches),

		"list_source_control_manifests":           api.Get(connected, viewManifests),
		"get_source_control_manifest":             api.Get(manifestInPath, viewManifest),
		"replace_source_control_manifest":         api.OnWith(connected, replaceSourceControlManifest),
		"delete_source_control_manifest":          api.On(connected, deleteSourceControlManifest),
		"replace_source_control_manifest_element": api.OnWith(elementInPath, setEntry),
		"delete_source_control_manifest_element":  api.On(entryInPath, deleteEntry),
		"replace_source_control_manifest_app":     api.OnWith(appInPath, setEntry),
		"delete_source_control_manifest_app":      api.On(appEntryInPath, deleteEntry),

		"list_source_control_releases":      api.Get(elementInPath, viewReleases),
		"create_source_control_release":     api.OnWith(elementInPath, createRelease),
		"get_source_control_release_app":    api.Get(appInPath, viewReleases),
		"create_source_control_release_app": api.OnWith(appInPath, createRelease),
	}
}
