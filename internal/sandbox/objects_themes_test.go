package sandbox_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// theme is a body with one, whose dates count for nothing.
func theme(id float64, name, color string) request {
	const then = "2020-01-01T00:00:00.000Z"
	return request{}.with(map[string]any{
		"id": id, "legacy_id": id, "name": name, "theme": map[string]any{"primaryColor": color, "nested": []any{1.0, nil}},
		"created_at": then, "updated_at": then,
	})
}

func TestThemesAreCreatedAndDeleted(t *testing.T) {
	a := startWith(t, bare)
	first := a.object("create_app_theme", theme(500, "Night", "#000000"))
	require.EqualValues(t, 1, first["id"], "the organization gives ids of its own")
	require.EqualValues(t, 1, first["legacy_id"])
	require.Equal(t, "2026-11-02T09:00:01.000Z", first["created_at"])
	require.Equal(t, map[string]any{"primaryColor": "#000000", "nested": []any{1.0, nil}}, first["theme"])
	require.Equal(t, first, a.object("get_app_theme", at("id", "1")))

	second := a.object("create_app_theme", theme(0, "Day", "#ffffff"))
	require.Equal(t, []any{first["id"], second["id"]}, field(a.items("list_app_themes", request{}), "id"))
	a.ok("delete_app_theme", at("id", "1"))
	a.fails(http.StatusNotFound, "get_app_theme", at("id", "1"))
	a.fails(http.StatusNotFound, "delete_app_theme", at("id", "1"))
	a.fails(http.StatusNotFound, "get_app_theme", at("id", "Day"))
}

func TestThemeIsReplacedOrCreated(t *testing.T) {
	a := startWith(t, bare)
	night := a.object("create_app_theme", theme(0, "Night", "#000000"))
	replaced := a.call("replace_app_theme", theme(1, "Midnight", "#000011"))
	require.Equal(t, http.StatusOK, replaced.status)
	now := a.object("get_app_theme", at("id", "1"))
	require.Equal(t, "Midnight", now["name"])
	require.Equal(t, "#000011", now["theme"].(map[string]any)["primaryColor"])
	require.Equal(t, night["created_at"], now["created_at"])
	require.Greater(t, now["updated_at"], night["updated_at"])

	for i, unknown := range []float64{99, 1.5, 1e300} {
		created := a.call("replace_app_theme", theme(unknown, text(unknown), "#ffffff"))
		require.Equal(t, http.StatusCreated, created.status)
		require.EqualValues(t, i+2, created.body.(map[string]any)["data"].(map[string]any)["id"])
	}
	require.Len(t, a.items("list_app_themes", request{}), 4)
}

func TestThemeNamesAreUnique(t *testing.T) {
	a := startWith(t, bare)
	a.ok("create_app_theme", theme(0, "Night", "#000000"))
	a.ok("create_app_theme", theme(0, "Day", "#ffffff"))
	before := a.state()
	a.fails(http.StatusConflict, "create_app_theme", theme(0, "Night", "#111111"))
	a.fails(http.StatusConflict, "replace_app_theme", theme(2, "Night", "#111111"))
	a.fails(http.StatusConflict, "replace_app_theme", theme(99, "Night", "#111111"))
	require.Equal(t, before, a.state())
	require.Equal(t, http.StatusOK, a.call("replace_app_theme", theme(2, "Day", "#111111")).status, "its own name is free")
}
