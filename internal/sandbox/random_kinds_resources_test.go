package sandbox_test

import (
	"maps"
	"net/http"

	"github.com/stretchr/testify/require"
)

func kindsOfResources() []*kind {
	const conflict = http.StatusConflict
	return []*kind{
		{
			name: "environment", list: "list_environments", read: "get_environment", param: "environmentId", most: 6,
			create: func(w *randomClient) (string, request, bool) {
				return "create_environment", request{}.with(map[string]any{"name": w.name(), "description": w.name(), "color": "#12abEF"}), true
			},
			twice: conflict, change: renamed("update_environment", "name"), unique: "name", clash: conflict, remove: "delete_environment",
			kept: func(_ *randomClient, t *thing) int {
				if t.item["default"] == true {
					return http.StatusBadRequest
				}
				return 0
			},
		},
		{
			name: "resource", list: "list_resources", pages: true, read: "get_resource", param: "resourceId", most: 9,
			in: inFolder("folder_id"), filter: byName("resource", "display_name"),
			create: func(w *randomClient) (string, request, bool) {
				body := restResource(w.name())
				if w.chance(2) {
					body["folder_id"] = w.any("folder", ofType("resource")).id
				}
				return "create_resource", request{}.with(body), true
			},
			twice: conflict, brings: "resource_configuration", remove: "delete_resource",
			change: renamed("update_resource", "display_name"), unique: "display_name", clash: conflict,
		},
		{
			name: "resource_configuration", list: "list_resource_configurations", pages: true,
			read: "get_resource_configuration", param: "configurationId", most: 18,
			in: func(item map[string]any) []ref {
				r, _ := item["resource"].(map[string]any)
				e, _ := item["environment"].(map[string]any)
				return []ref{{"resource", text(r["id"])}, {"environment", text(e["id"])}}
			},
			filter: func(w *randomClient) []string {
				if t := w.any("resource", nil); t != nil && w.chance(2) {
					return []string{"resource_id", t.id}
				}
				return []string{"environment_id", w.any("environment", nil).id}
			},
			create: (*randomClient).newConfiguration, twice: conflict, remove: "delete_resource_configuration", verify: (*randomClient).verifyConfiguration,
			change: func(w *randomClient, t *thing) (string, request, map[string]any) {
				if t.item["resource"].(map[string]any)["type"] != "restapi" {
					return "", request{}, nil
				}
				options := restOptions()
				options["base_url"] = "https://" + w.word() + ".example"
				options["authentication_options"] = map[string]any{"authentication_type": "none"}
				return "update_resource_configuration", at(t.param, t.id).patch("replace", "/options", options), map[string]any{"options": options}
			},
		},
		{
			name: "configuration_variable", list: "list_configuration_variables", read: "get_configuration_variable", param: "id", most: 24,
			create: func(w *randomClient) (string, request, bool) {
				return "create_configuration_variable", request{}.with(w.variableBody()), true
			},
			twice: conflict, unique: "name", clash: conflict, remove: "delete_configuration_variable",
			change: func(w *randomClient, t *thing) (string, request, map[string]any) {
				body := w.variableBody()
				return "replace_configuration_variable", at(t.param, t.id).with(body), map[string]any{"name": body["name"], "secret": body["secret"]}
			},
		},
		{
			name: "observability", param: "configId", most: 1,
			listed: func(w *randomClient) []map[string]any {
				if w.call("list_observability_configs", request{}).status == http.StatusNotFound {
					return nil
				}
				return w.items("list_observability_configs", request{})
			},
			create: func(*randomClient) (string, request, bool) {
				return "create_observability_config", request{}.with(map[string]any{"config": sentry(), "enabled": true}), true
			},
			twice: http.StatusUnprocessableEntity, remove: "delete_observability_config",
			change: func(w *randomClient, t *thing) (string, request, map[string]any) {
				body := map[string]any{"enabled": w.chance(2)}
				return "replace_observability_config", at(t.param, t.id).with(body), body
			},
			missed: func(*randomClient) int { return http.StatusUnprocessableEntity },
		},
	}
}

// newConfiguration configures a resource for an environment for which it is not
// yet, with the options that it has elsewhere.
func (w *randomClient) newConfiguration() (string, request, bool) {
	like := w.any("resource_configuration", nil)
	if like == nil {
		return "", request{}, false
	}
	resource := like.in[0]
	environment := w.any("environment", func(e *thing) bool { return w.configuration(resource.id, e.id) == nil })
	if environment == nil {
		return "", request{}, false
	}
	return "create_resource_configuration", request{}.with(map[string]any{
		"resource_id": resource.id, "environment_id": environment.id, "options": like.item["options"],
	}), true
}

func (w *randomClient) configuration(resource, environment string) *thing {
	for _, t := range w.tracked["resource_configuration"] {
		if t.in[0].id == resource && t.in[1].id == environment {
			return t
		}
	}
	return nil
}

// A configuration shows its resource and environment as they are now.
func (w *randomClient) verifyConfiguration(t *thing) {
	w.t.Helper()
	for i, kind := range []string{"resource", "environment"} {
		other := w.find(kind, t.in[i].id)
		require.NotNil(w.t, other, "%s of configuration %s", t.in[i], t.id)
		if w.chance(8) {
			require.Equal(w.t, w.readThing(other), t.item[kind], "the %s in configuration %s", kind, t.id)
		}
	}
}

func (w *randomClient) variableBody() map[string]any {
	body := map[string]any{"name": w.word(), "secret": w.chance(2), "description": w.name(), "default_value": nil}
	var values []any
	for _, id := range w.some("environment", 3) {
		values = append(values, map[string]any{"environment_id": id, "value": w.name()})
	}
	body["values"] = append([]any{}, values...)
	return maps.Clone(body)
}
