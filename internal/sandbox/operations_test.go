package sandbox_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org"
)

func TestOperationsMatchDocument(t *testing.T) {
	var ids []string
	for id := range org.Operations() {
		ids = append(ids, id)
	}
	require.ElementsMatch(t, described(t).ids, ids)
}
