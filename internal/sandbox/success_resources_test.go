package sandbox_test

// successResources has rows for resources and environments.
func successResources() map[string]row {
	return map[string]row{
		"list_resources":  func(*api) request { return request{} },
		"create_resource": func(*api) request { return request{}.with(restResource("Tide tables")) },
		"get_resource":    func(a *api) request { return at("resourceId", a.resource("Tide tables")) },
		"update_resource": func(a *api) request {
			return at("resourceId", a.resource("Tide tables")).patch("replace", "/display_name", "Tide forecast")
		},
		"delete_resource": func(a *api) request {
			return at("resourceId", a.resource("Tide tables")).where("deleteUnderlyingDB", "true")
		},

		"list_resource_configurations": func(*api) request { return request{} },
		"create_resource_configuration": func(a *api) request {
			return request{}.with(map[string]any{
				"resource_id": a.resource("Tide tables"), "environment_id": a.preview(), "options": restOptions(),
			})
		},
		"get_resource_configuration": func(a *api) request {
			return at("configurationId", a.configuration(a.resource("Tide tables")))
		},
		"update_resource_configuration": func(a *api) request {
			return at("configurationId", a.configuration(a.resource("Tide tables"))).patch("replace", "/options", restOptions())
		},
		"delete_resource_configuration": func(a *api) request {
			return at("configurationId", a.configuration(a.resource("Tide tables")))
		},

		"list_environments": func(*api) request { return request{} },
		"create_environment": func(*api) request {
			return request{}.with(map[string]any{"name": "Preview", "description": "For reviews", "color": "#00AA55"})
		},
		"get_environment": func(a *api) request { return at("environmentId", a.preview()) },
		"update_environment": func(a *api) request {
			return at("environmentId", a.preview()).patch("replace", "/color", "#abcdef")
		},
		"delete_environment": func(a *api) request { return at("environmentId", a.preview()) },

		"list_configuration_variables": func(*api) request { return request{} },
		"create_configuration_variable": func(a *api) request {
			return request{}.with(variable("PREVIEW_URL", false, a.preview(), "https://preview.example"))
		},
		"get_configuration_variable": func(a *api) request { return at("id", a.variable(true)) },
		"replace_configuration_variable": func(a *api) request {
			return at("id", a.variable(true)).with(variable("PREVIEW_KEY", true, a.defaultEnvironment(), "fresh"))
		},
		"delete_configuration_variable": func(a *api) request { return at("id", a.variable(false)) },

		"list_observability_configs": func(a *api) request {
			a.observability()
			return request{}
		},
		"create_observability_config": func(a *api) request {
			a.noObservability()
			return request{}.with(map[string]any{"config": sentry(), "enabled": true})
		},
		"replace_observability_config": func(a *api) request {
			return at("configId", a.observability()).with(map[string]any{"enabled": false})
		},
		"delete_observability_config": func(a *api) request { return at("configId", a.observability()) },
		"test_observability_provider": func(a *api) request {
			a.observability()
			return at("provider", "Sentry")
		},
	}
}

func restOptions() map[string]any {
	return map[string]any{"base_url": "https://tides.example", "headers": []any{[]any{"X-Key", "k-100"}}}
}

func restResource(name string) map[string]any {
	return map[string]any{"type": "restapi", "display_name": name, "options": restOptions()}
}

func sentry() map[string]any {
	return map[string]any{"provider": "Sentry", "dsn": "https://abc123@sentry.example/42"}
}

func variable(name string, secret bool, environment, value string) map[string]any {
	return map[string]any{
		"name": name, "secret": secret, "values": []any{map[string]any{"environment_id": environment, "value": value}},
	}
}

// resource makes a REST resource and returns its id.
func (a *api) resource(name string) string {
	a.t.Helper()
	return a.object("create_resource", request{}.with(restResource(name)))["id"].(string)
}

// configuration is the id of a resource's first configuration.
func (a *api) configuration(resource string) string {
	a.t.Helper()
	return a.items("list_resource_configurations", request{}.where("resource_id", resource))[0]["id"].(string)
}

// preview makes an environment of that name and returns its id.
func (a *api) preview() string {
	a.t.Helper()
	return a.object("create_environment", request{}.with(map[string]any{"name": "Preview", "color": "#112233"}))["id"].(string)
}

func (a *api) defaultEnvironment() string {
	a.t.Helper()
	for _, e := range a.items("list_environments", request{}) {
		if e["default"] == true {
			return e["id"].(string)
		}
	}
	a.t.Fatal("there is no default environment")
	return ""
}

// variable makes a variable with a value in the default environment and returns
// its id.
func (a *api) variable(secret bool) string {
	a.t.Helper()
	body := variable("PREVIEW_KEY", secret, a.defaultEnvironment(), "hush")
	return a.object("create_configuration_variable", request{}.with(body))["id"].(string)
}

// observability sets up Sentry alone and returns the configuration's id.
func (a *api) observability() string {
	a.t.Helper()
	a.noObservability()
	body := map[string]any{"config": sentry(), "enabled": true}
	return a.object("create_observability_config", request{}.with(body))["id"].(string)
}

func (a *api) noObservability() {
	a.t.Helper()
	if out := a.call("list_observability_configs", request{}); out.status != 404 {
		for _, config := range a.items("list_observability_configs", request{}) {
			a.ok("delete_observability_config", at("configId", config["id"].(string)))
		}
	}
}
