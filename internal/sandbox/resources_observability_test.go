package sandbox_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox"
)

func TestEachProviderHasOneConfiguration(t *testing.T) {
	a := start(t, sandbox.Options{})
	a.noObservability()
	datadog := map[string]any{"provider": "Datadog", "api_key": "dd-key", "site": "EU1"}
	a.fails(http.StatusNotFound, "list_observability_configs", request{})
	a.fails(http.StatusUnprocessableEntity, "test_observability_provider", at("provider", "Datadog"))

	created := a.object("create_observability_config", request{}.with(map[string]any{"config": datadog, "enabled": true}))
	require.Equal(t, datadog, created["config"], "the key comes back in clear")
	require.Equal(t, []map[string]any{created}, a.items("list_observability_configs", request{}))
	again := map[string]any{"provider": "Datadog", "api_key": "dd-other", "site": "US1"}
	a.fails(http.StatusUnprocessableEntity, "create_observability_config", request{}.with(map[string]any{"config": again, "enabled": true}))

	config := at("configId", created["id"].(string))
	changed := a.object("replace_observability_config", config.with(map[string]any{"config": again}))
	require.Equal(t, map[string]any{"id": created["id"], "config": again, "enabled": true}, changed)

	second := a.object("create_observability_config", request{}.with(map[string]any{"config": sentry(), "enabled": false}))
	require.Equal(t, []map[string]any{changed, second}, a.items("list_observability_configs", request{}))
	a.fails(http.StatusUnprocessableEntity, "replace_observability_config", config.with(map[string]any{"config": sentry()}))
	a.ok("delete_observability_config", at("configId", second["id"].(string)))
	changed = a.object("replace_observability_config", config.with(map[string]any{"config": sentry()}))
	require.Equal(t, sentry(), changed["config"], "the provider may change")

	a.ok("delete_observability_config", config)
	a.fails(http.StatusUnprocessableEntity, "delete_observability_config", config)
	a.fails(http.StatusUnprocessableEntity, "replace_observability_config", config.with(map[string]any{"enabled": true}))
}

func TestObservabilityTestEvent(t *testing.T) {
	a := start(t, sandbox.Options{})
	config := at("configId", a.observability())
	set := func(body map[string]any) { a.ok("replace_observability_config", config.with(body)) }
	send := func(provider string) map[string]any {
		return a.object("test_observability_provider", at("provider", provider))
	}
	fails := func(message string) map[string]any { return map[string]any{"success": false, "message": message} }
	works := map[string]any{"success": true}

	require.Equal(t, works, send("Sentry"))
	require.Equal(t, "Datadog is not configured", a.fails(http.StatusUnprocessableEntity, "test_observability_provider", at("provider", "Datadog")))
	set(map[string]any{"enabled": false})
	require.Equal(t, fails("Sentry is not enabled"), send("Sentry"))

	const mask = "---encrypted-on-server---"
	for _, dsn := range []string{mask, "", "abc123", "https://sentry.example/42", "https://abc123@sentry.example", "https://abc123@%zz/42"} {
		set(map[string]any{"enabled": true, "config": map[string]any{"provider": "Sentry", "dsn": dsn}})
		require.Equal(t, fails("Invalid Sentry DSN"), send("Sentry"), dsn)
	}
	for key, want := range map[string]map[string]any{"dd-key": works, "": fails("Datadog answered 403: Forbidden"), mask: fails("Datadog answered 403: Forbidden")} {
		set(map[string]any{"config": map[string]any{"provider": "Datadog", "api_key": key, "site": "US1"}})
		require.Equal(t, want, send("Datadog"), key)
	}
}
