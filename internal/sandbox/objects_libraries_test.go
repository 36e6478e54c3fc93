package sandbox_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func library(id any, name string) request {
	body := map[string]any{"name": name, "label": "Charts", "description": nil}
	if id != nil {
		body["id"] = id
	}
	return request{}.with(body)
}

// revision uploads one file; version counts for specify_version alone.
func revision(library, bump, version string) request {
	fields := map[string]any{"version_bump": bump}
	if version != "" {
		fields["version"] = version
	}
	r := at("libraryId", library).with(fields)
	r.files = map[string]string{"index.js": "export {}"}
	return r
}

func TestLibraryCanChooseItsID(t *testing.T) {
	a := startWith(t, bare)
	own := a.object("create_custom_component_library", library(uuid(1), "charts"))
	require.Equal(t, uuid(1), own["id"])
	other := a.object("create_custom_component_library", library(nil, "tables"))
	require.Equal(t, []any{uuid(1), other["id"]}, field(a.items("list_custom_component_libraries", request{}), "id"))
	require.Equal(t, other, a.object("get_custom_component_library", at("libraryId", text(other["id"]))))

	before := a.state()
	a.fails(http.StatusConflict, "create_custom_component_library", library(uuid(1), "maps"))
	a.fails(http.StatusConflict, "create_custom_component_library", library(uuid(2), "charts"))
	a.fails(http.StatusNotFound, "get_custom_component_library", at("libraryId", uuid(2)))
	a.fails(http.StatusNotFound, "list_custom_component_library_revisions", at("libraryId", uuid(2)))
	require.Equal(t, before, a.state())
}

func TestRevisionVersionsAreBumped(t *testing.T) {
	a := startWith(t, bare)
	a.ok("create_custom_component_library", library(uuid(1), "charts"))
	for _, c := range []struct{ bump, given, want string }{
		{"dev", "", "0.0.1-dev.1"},
		{"dev", "", "0.0.1-dev.2"},
		{"minor", "", "0.0.1"},
		{"minor", "9.9.9", "0.1.0"},
		{"minor", "", "0.2.0"},
		{"dev", "", "0.3.0-dev.1"},
		{"major", "", "1.0.0"},
		{"specify_version", "10.4.7", "10.4.7"},
		{"specify_version", "9.0.0", "9.0.0"},
		{"specify_version", "11.0.0-beta.1", "11.0.0-beta.1"},
		{"specify_version", "10.5.0-dev.1", "10.5.0-dev.1"},
		{"dev", "", "10.5.0-dev.2"},
		{"minor", "", "10.5.0"},
		{"major", "", "11.0.0"},
	} {
		r := a.object("create_custom_component_library_revision", revision(uuid(1), c.bump, c.given))
		require.Equal(t, c.want, r["version"], "%s %s", c.bump, c.given)
		require.Equal(t, uuid(1), r["custom_component_library_id"])
	}
	require.Len(t, a.items("list_custom_component_library_revisions", at("libraryId", uuid(1))), 14)
}

func TestInvalidRevisionsAreRefused(t *testing.T) {
	a := startWith(t, bare)
	a.ok("create_custom_component_library", library(uuid(1), "charts"))
	a.ok("create_custom_component_library", library(uuid(2), "tables"))
	own := revision(uuid(1), "minor", "")
	own.body.(map[string]any)["id"] = uuid(10)
	a.ok("create_custom_component_library_revision", own)

	before := a.state()
	twice := revision(uuid(2), "minor", "")
	twice.body.(map[string]any)["id"] = uuid(10)
	a.fails(http.StatusConflict, "create_custom_component_library_revision", twice)
	a.fails(http.StatusConflict, "create_custom_component_library_revision", revision(uuid(1), "specify_version", "0.0.1"))
	a.fails(http.StatusNotFound, "create_custom_component_library_revision", revision(uuid(3), "minor", ""))
	for _, version := range []string{"", "1.0", "v1.0.0", "1.0.0 ", "latest", "1.0.99999999999999999999"} {
		a.fails(http.StatusBadRequest, "create_custom_component_library_revision", revision(uuid(1), "specify_version", version))
	}
	fileless := revision(uuid(1), "minor", "")
	fileless.files, fileless.body.(map[string]any)["files"] = map[string]string{}, "no file"
	a.fails(http.StatusBadRequest, "create_custom_component_library_revision", fileless)
	require.Equal(t, before, a.state())
}

func TestRevisionKeepsFiles(t *testing.T) {
	a := startWith(t, bare)
	a.ok("create_custom_component_library", library(uuid(1), "charts"))
	upload := revision(uuid(1), "minor", "")
	upload.files = map[string]string{"b.js": "export const grüße = 1\n", "a.bin": "a\xff\x00b", "c.css": ""}
	r := a.object("create_custom_component_library_revision", upload)
	files := a.items("list_custom_component_library_revision_files", at("libraryId", uuid(1), "revisionId", text(r["id"])))
	require.Equal(t, []any{"a.bin", "b.js", "c.css"}, field(files, "filepath"))
	require.Equal(t, []any{"a\uFFFD\x00b", "export const grüße = 1\n", ""}, field(files, "file_contents"))

	a.ok("create_custom_component_library", library(uuid(2), "tables"))
	a.fails(http.StatusNotFound, "list_custom_component_library_revision_files", at("libraryId", uuid(2), "revisionId", text(r["id"])))
}
