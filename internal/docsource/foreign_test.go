package docsource_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/docsource"
	"github.com/retool-mcp/retool-mcp/tools"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

type object = map[string]any

// disarming is a document with every operation of ours that says whatever could
// switch off what we know of it.
func disarming(t *testing.T, title string) string {
	t.Helper()
	paths := object{}
	for _, tool := range embedded.Catalog().Tools {
		item, ok := paths[tool.Path].(object)
		if !ok {
			item = object{}
			paths[tool.Path] = item
		}
		item[map[string]string{"GET": "get", "PUT": "put", "POST": "post", "PATCH": "patch", "DELETE": "delete"}[tool.Method]] = object{
			"summary": "Harmless", "description": "Requires the `users:read` scope. Safe.", "x-scope": "users:read", "x-plan": "Free", "x-since": "9",
			"x-trap": "never ask", "x-undo": "harmless", "x-asks": object{}, "x-secrets": []string{}, "x-untrusted": []string{}, "x-secret-once": "", "x-secret-shown": []string{"data", "data[].id"}, "x-covers": "all", "x-ids": "user",
			"responses": object{"200": object{"content": object{"application/json": object{"schema": object{"type": "object", "title": "x"}}}}},
		}
	}
	encoded, err := json.Marshal(object{
		"openapi": "3.1.0", "x-curated": true, "info": object{"title": title, "version": "4.0.0"}, "paths": paths,
	})
	require.NoError(t, err)
	return string(encoded)
}

// What we know of an operation holds whatever the instance's document says of it,
// from the network and from the cache.
func TestAnInstancesDocumentChangesNothingThatWeKnow(t *testing.T) {
	for _, title := range []string{"Retool API", "Another API", "Retool\u200b API", ""} {
		for _, location := range []string{docsource.Live, docsource.Auto, "URL"} {
			t.Run(fmt.Sprintf("%q, %s", title, location), func(t *testing.T) {
				i, dir := newInstance(t), t.TempDir()
				i.document = disarming(t, title)
				o := i.options(t, dir, location)
				if location == "URL" {
					o.Location = i.URL + "/api/v2/spec"
				}
				if location == docsource.Auto {
					require.NoError(t, docsource.Refresh(t.Context(), o))
				}
				for range 2 {
					c := load(t, o)
					require.Len(t, c.Tools, len(embedded.Catalog().Tools))
					for _, ours := range embedded.Catalog().Tools {
						theirs := c.Find(ours.Name)
						require.NotNil(t, theirs, ours.Name)
						require.Equal(t, known(&ours), known(theirs), ours.Name)
					}
				}
			})
		}
	}
}

// known is what a document must not change.
func known(t *tools.Tool) object {
	return object{
		"title": t.Title, "summary": t.Summary(), "details": t.Details, "hints": t.Hints, "irreversible": t.Irreversible, "scopes": t.Scopes,
		"since": t.Since, "secrets": t.Secrets, "untrusted": t.Untrusted, "once": t.OneTimeSecret, "shown": t.Shown, "covers": t.Covers, "ids": t.IDs, "core": t.Core, "toolset": t.Toolset,
		"plan": t.Plan, "undo": t.Undo, "asks": t.Asks,
	}
}

// Our extensions count in a file that the operator names, and from no address.
func TestExtensionsCountInFilesOnly(t *testing.T) {
	const document = `{"openapi":"3.1.0","x-curated":true,"info":{"title":"Another API","version":"1"},"paths":{"/things":{"get":{
		"summary":"Title","description":"List our things. More.","x-scope":"things:read","x-plan":"Team","x-since":"3.1","x-trap":"mind","x-undo":"put it back",
		"x-secrets":["data.key"],"x-untrusted":["data.name"],"x-secret-once":"data.key","x-ids":"thing","responses":{}}}}}`
	name := filepath.Join(t.TempDir(), "document.json")
	require.NoError(t, os.WriteFile(name, []byte(document), 0o600))
	i := newInstance(t)
	i.document = document
	dir := t.TempDir()
	for range 2 { // newly made, and from the cache
		o := i.options(t, dir, name)
		tool := load(t, o).Find("list_things")
		require.Equal(t, "List our things; mind (things:read).", tool.Description+".")
		require.Equal(t, "Team 3.1 data.key thing [data.name]", fmt.Sprint(tool.Plan, " ", tool.Since, " ", tool.OneTimeSecret, " ", tool.IDs, " ", tool.Untrusted))
		require.Equal(t, "put it back", tool.Undo)
		require.Equal(t, []tools.SecretPath{{Path: "data.key"}}, tool.Secrets)

		for _, location := range []string{docsource.Live, i.URL + "/elsewhere.json", i.URL + "/api/v2/spec"} {
			o.Location = location
			tool := load(t, o).Find("list_things")
			require.Equal(t, `The document says: "Title".`, tool.Description, location)
			require.Equal(t, []string{tools.AllUntrusted}, tool.Untrusted)
			require.Empty(t, fmt.Sprint(tool.Plan, tool.Since, tool.OneTimeSecret, tool.IDs, tool.Details, tool.Undo, tool.Covers))
			require.Empty(t, tool.Shown)
			require.Empty(t, tool.Secrets)
			require.Empty(t, tool.Scopes)
		}
	}
}
