package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
	"github.com/retool-mcp/retool-mcp/internal/toolgen/toolgentest"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

func TestGeneratedFilesAreCurrent(t *testing.T) {
	root := referencedata.Root(t)
	text, err := os.ReadFile(filepath.Join(root, documentFile))
	require.NoError(t, err)
	files, err := generate(text)
	require.NoError(t, err)
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		require.True(t, bytes.Equal(want, got), "%s is stale: run go generate ./...", name)
	}
	sources, err := filepath.Glob(filepath.Join(root, embeddedFolder, "*.go"))
	require.NoError(t, err)
	for _, name := range sources {
		name, err = filepath.Rel(root, name)
		require.NoError(t, err)
		require.True(t, files[name] != nil || filepath.Base(name) == byHand, "%s is of a toolset that is no more", name)
	}
}

// What the program embeds is what is made from the document at run time.
func TestSourceKeepsTheWholeCatalog(t *testing.T) {
	require.Equal(t, toolgentest.Embedded(t), embedded.Catalog())
}

func TestSourceOfAnyDocument(t *testing.T) {
	for _, document := range referencedata.Documents {
		files, err := catalogSource(toolgentest.Real(t, document))
		require.NoError(t, err)
		require.Len(t, files, 13, "one for each toolset, and one for the rest")
	}
}
