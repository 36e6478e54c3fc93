package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
)

// An interaction is one request to a real Retool instance and its answer, as
// go-vcr recorded them.
type interaction struct {
	ID      int `yaml:"id"`
	Request struct {
		Method string `yaml:"method"`
		URL    string `yaml:"url"`
		Body   string `yaml:"body"`
	} `yaml:"request"`
	Response struct {
		Code    int                 `yaml:"code"`
		Headers map[string][]string `yaml:"headers"`
		Body    string              `yaml:"body"`
	} `yaml:"response"`
}

// cassettes returns all recordings by name.
func cassettes(t testing.TB) map[string][]interaction {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(referencedata.Path(t, "recordings"), "*.yaml"))
	require.NoError(t, err)
	out := map[string][]interaction{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		var cassette struct {
			Interactions []interaction `yaml:"interactions"`
		}
		require.NoError(t, yaml.Unmarshal(data, &cassette))
		require.NotEmpty(t, cassette.Interactions, file)
		out[strings.TrimSuffix(filepath.Base(file), ".yaml")] = cassette.Interactions
	}
	return out
}
