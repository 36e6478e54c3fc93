// Package resources has the operations on resources and their configurations,
// environments, configuration variables and observability.
package resources

import "github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"

// Operations returns the operations by operationId.
func Operations() map[string]api.Func {
	return map[string]api.Func{
		"list_resources":  listResources,
		"create_resource": api.With(createResource),
		"get_resource":    api.Get(resourceInPath, api.Itself),
		"update_resource": api.Patch(resourceInPath, fieldsOfResource, updateResource),
		"delete_resource": api.Remove(resourceInPath, removeResource),

		"list_resource_configurations":  listResourceConfigurations,
		"create_resource_configuration": api.With(createResourceConfiguration),
		// In the envelope, as real instances answer, although the documents have none.
		"get_resource_configuration":    api.Get(configurationInPath, viewConfiguration),
		"update_resource_configuration": api.Patch(configurationInPath, fieldsOfConfiguration, updateResourceConfiguration),
		"delete_resource_configuration": api.Remove(configurationInPath, removeConfiguration),

		"list_environments":  listEnvironments,
		"create_environment": api.With(createEnvironment),
		"get_environment":    api.Get(environmentInPath, api.Itself),
		"update_environment": api.Patch(environmentInPath, fieldsOfEnvironment, updateEnvironment),
		"delete_environment": api.On(environmentInPath, deleteEnvironment),

		"list_configuration_variables":   listConfigurationVariables,
		"create_configuration_variable":  api.With(createConfigurationVariable),
		"get_configuration_variable":     api.Get(variableInPath, maskedVariable),
		"replace_configuration_variable": api.OnWith(variableInPath, replaceConfigurationVariable),
		"delete_configuration_variable":  api.Remove(variableInPath, removeVariable),

		"list_observability_configs":   getObservabilityConfig,
		"create_observability_config":  api.With(createObservabilityConfig),
		"replace_observability_config": api.OnWith(observabilityInPath, replaceObservabilityConfig),
		"delete_observability_config":  api.Remove(observabilityInPath, removeObservability),
		"test_observability_provider":  testObservabilityProvider,
	}
}
