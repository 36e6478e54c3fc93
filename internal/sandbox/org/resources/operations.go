// Package resources has the operations on resources and their configurations,
// environments, configuration variables and observability.
package resources

import (
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
)

// Operations returns the operations by operationId.
func Operations() map[string]api.Func {
	return map[string]api.Func{
		"list_resources":  listResources,
		"create_resource": createResource,
		"get_resource":    getResource,
		"update_resource": updateResource,
		"delete_resource": deleteResource,

		"list_resource_configurations":  listResourceConfigurations,
		"create_resource_configuration": createResourceConfiguration,
		"get_resource_configuration":    getResourceConfiguration,
		"update_resource_configuration": updateResourceConfiguration,
		"delete_resource_configuration": deleteResourceConfiguration,

		"list_environments":  listEnvironments,
		"create_environment": createEnvironment,
		"get_environment":    getEnvironment,
		"update_environment": updateEnvironment,
		"delete_environment": deleteEnvironment,

		"list_configuration_variables":   listConfigurationVariables,
		"create_configuration_variable":  createConfigurationVariable,
		"get_configuration_variable":     getConfigurationVariable,
		"replace_configuration_variable": replaceConfigurationVariable,
		"delete_configuration_variable":  deleteConfigurationVariable,

		"get_observability_config":     getObservabilityConfig,
		"create_observability_config":  createObservabilityConfig,
		"replace_observability_config": replaceObservabilityConfig,
		"delete_observability_config":  deleteObservabilityConfig,
		"test_observability_provider":  testObservabilityProvider,
	}
}
