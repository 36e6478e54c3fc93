// Package sourcecontrol has the operations on the repository, its branches,
// manifests, releases and deployments.
package sourcecontrol

import (
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
)

// Operations returns the operations by operationId.
func Operations() map[string]api.Func {
	return map[string]api.Func{
		"get_source_control_config":      getSourceControlConfig,
		"create_source_control_config":   createSourceControlConfig,
		"replace_source_control_config":  replaceSourceControlConfig,
		"delete_source_control_config":   deleteSourceControlConfig,
		"test_source_control_connection": testSourceControlConnection,

		"get_source_control_settings":     getSourceControlSettings,
		"replace_source_control_settings": replaceSourceControlSettings,

		"test_source_control_deploy":      testSourceControlDeploy,
		"deploy_source_control":           deploySourceControl,
		"get_source_control_deployment":   getSourceControlDeployment,
		"list_source_control_deployments": listSourceControlDeployments,

		"create_source_control_branch":  createSourceControlBranch,
		"reset_source_control_branches": resetSourceControlBranches,

		"list_source_control_manifests":           listSourceControlManifests,
		"get_source_control_manifest":             getSourceControlManifest,
		"replace_source_control_manifest":         replaceSourceControlManifest,
		"delete_source_control_manifest":          deleteSourceControlManifest,
		"replace_source_control_manifest_element": replaceSourceControlManifestElement,
		"delete_source_control_manifest_element":  deleteSourceControlManifestElement,
		"replace_source_control_manifest_app":     replaceSourceControlManifestApp,
		"delete_source_control_manifest_app":      deleteSourceControlManifestApp,

		"get_source_control_release":        getSourceControlRelease,
		"create_source_control_release":     createSourceControlRelease,
		"get_source_control_release_app":    getSourceControlReleaseApp,
		"create_source_control_release_app": createSourceControlReleaseApp,
	}
}
