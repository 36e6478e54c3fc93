package scripttool_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/scripttool"
)

// At the end of the input an apply is waited for, and a query or a plan is not.
func TestOnlyReads(t *testing.T) {
	for params, want := range map[string]bool{
		`{"name":"x_query_script","arguments":{"code":"1"}}`:           true,
		`{"name":"x_run_script","arguments":{"code":"1"}}`:             true,
		`{"name":"x_run_script","arguments":{"code":"1","apply":"a"}}`: false,
		`{"name":"x_run_script","arguments":{"apply":"a"}}`:            false,
		`{"name":"x_run_script","arguments":{"apply":7}}`:              false,
		`{"name":"x_run_script","arguments":[]}`:                       false,
		`{"name":"run_script","arguments":{}}`:                         false,
		`{"name":"x_disable_user","arguments":{}}`:                     false,
		`{`: false,
	} {
		require.Equal(t, want, scripttool.OnlyReads([]byte(params), "x_"), params)
	}
}
