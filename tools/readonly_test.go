package tools_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every operation, called with ids of any kind, is known for what it is.
func TestIsReadOnlyForEveryOperation(t *testing.T) {
	c := ours(t)
	for _, tool := range c.Tools {
		path := tool.Path
		for _, a := range tool.Args {
			path = strings.ReplaceAll(path, "{"+a.WireName+"}", "a%2Fb%3F"+a.WireName)
		}
		require.NotContains(t, path, "{", tool.Name)
		require.Equal(t, tool.Hints.ReadOnly, c.IsReadOnly(tool.Method, path), tool.Name)
	}
	for _, x := range []struct{ method, path string }{
		{"POST", "/users"}, {"DELETE", "/users/u"}, {"GET", "/nothing"}, {"GET", "/users/"}, {"GET", "/users/u/x/y/z"}, {"get", "/users"}, {"PATCH", "/permissions/listObjects"}, {"", ""},
	} {
		require.False(t, c.IsReadOnly(x.method, x.path), x)
	}
	require.True(t, c.IsReadOnly("POST", "/permissions/listObjects"))
}
