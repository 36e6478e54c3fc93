// Package deploy holds the tests of what ships the server: the Dockerfile, the
// compose file, the chart, and the examples of docs/remote.md. They need no
// Docker and no cluster; deploy/check looks further.
package deploy_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
)

// object is a mapping of YAML.
type object = map[string]any

func read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(referencedata.Root(t), filepath.FromSlash(name)))
	require.NoError(t, err)
	return data
}

// readYAML reads a file that holds one document.
func readYAML(t testing.TB, name string) object {
	t.Helper()
	documents := parseYAML(t, read(t, name))
	require.Len(t, documents, 1, name)
	return documents[0]
}

// parseYAML reads all documents that hold something.
func parseYAML(t testing.TB, data []byte) (documents []object) {
	t.Helper()
	loader, err := yaml.NewLoader(bytes.NewReader(data), yaml.WithUniqueKeys())
	require.NoError(t, err)
	for {
		var document object
		err := loader.Load(&document)
		if err == io.EOF { //nolint:errorlint // the loader returns this very value
			return documents
		}
		require.NoError(t, err, string(data))
		if document != nil {
			documents = append(documents, document)
		}
	}
}

// at follows keys into nested mappings, and indices into lists.
func at[T any](t testing.TB, in any, path ...any) (value T) {
	t.Helper()
	for i, step := range path {
		switch step := step.(type) {
		case string:
			mapping, ok := in.(object)
			require.True(t, ok, "%v: no mapping", path[:i])
			require.Contains(t, mapping, step, "%v", path[:i])
			in = mapping[step]
		case int:
			list, ok := in.([]any)
			require.True(t, ok, "%v: no list", path[:i])
			require.Greater(t, len(list), step, "%v", path[:i])
			in = list[step]
		}
	}
	value, ok := in.(T)
	require.True(t, ok, "%v is a %T", path, in)
	return value
}

func files(t testing.TB, pattern string) (names []string) {
	t.Helper()
	root := referencedata.Root(t)
	found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
	require.NoError(t, err)
	require.NotEmpty(t, found, pattern)
	for _, name := range found {
		short, err := filepath.Rel(root, name)
		require.NoError(t, err)
		names = append(names, filepath.ToSlash(short))
	}
	return names
}
