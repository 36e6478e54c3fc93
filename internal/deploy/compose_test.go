package deploy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func composeService(t testing.TB) object {
	t.Helper()
	return at[object](t, readYAML(t, "deploy/compose.yaml"), "services", "retool-mcp")
}

func TestComposeIsLockedDown(t *testing.T) {
	service := composeService(t)
	require.Equal(t, true, service["read_only"])
	require.Equal(t, []any{"ALL"}, service["cap_drop"])
	require.Equal(t, []any{"no-new-privileges:true"}, service["security_opt"])
	require.Equal(t, []any{"127.0.0.1:8000:8000"}, service["ports"], "reachable from this machine only")
	require.NotContains(t, service, "privileged")
	require.NotContains(t, service, "volumes")
}

func TestComposeAsksForASecret(t *testing.T) {
	environment := at[object](t, composeService(t), "environment")
	require.Equal(t, "token", environment["RETOOL_MCP_AUTH"])
	require.Contains(t, environment["RETOOL_MCP_AUTH_TOKEN"], "${RETOOL_MCP_AUTH_TOKEN:?", "there is no default")
}

// Within the container, a connection to the published port is not one of
// loopback, so the name has to be allowed.
func TestComposeCanBeCalledByItsPublishedName(t *testing.T) {
	port, found := strings.CutPrefix(at[string](t, composeService(t), "ports", 0), "127.0.0.1:8000:")
	require.True(t, found)
	environment := at[object](t, composeService(t), "environment")
	require.Equal(t, "http://localhost:8000", environment["RETOOL_MCP_PUBLIC_URL"])
	require.Equal(t, ":"+port, environment["RETOOL_MCP_LISTEN"])
}

func TestComposeChecksHealthThroughTheBinary(t *testing.T) {
	require.Equal(t, []any{"CMD", "/retool-mcp", "health"}, at[[]any](t, composeService(t), "healthcheck", "test"))
}

func TestComposeWaitsForTheDrain(t *testing.T) {
	wait, err := time.ParseDuration(at[string](t, composeService(t), "stop_grace_period"))
	require.NoError(t, err)
	require.Greater(t, wait, defaultDrain)
}

// defaultDrain is that of --drain.
const defaultDrain = 20 * time.Second
