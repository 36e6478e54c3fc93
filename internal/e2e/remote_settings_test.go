package e2e_test

import (
	"net"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Invalid HTTP settings stop the start with a line that names them.
func TestRemoteBadSettings(t *testing.T) {
	t.Parallel()
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = taken.Close() })
	values := map[string]string{"taken": taken.Addr().String(), "secret": testSecret, "file": tokenFile(t, testSecret), "short": tokenFile(t, "short")}
	const oauth = "--auth=oauth --public-url=https://mcp.example.com --oauth-issuer=https://login.example.com --oauth-audience=a "
	const oauthOnly = "--auth=oauth --oauth-issuer=https://login.example.com --oauth-audience=a"
	for name, c := range map[string]struct {
		variables, arguments string
		says                 []string
	}{
		"stdio and another":            {"", "--transport=stdio,http", []string{"--transport", "stdio"}},
		"an unknown transport":         {"", "--transport=websocket", []string{"--transport", "websocket"}},
		"an unknown one by variable":   {"RETOOL_MCP_TRANSPORT=grpc", "", []string{"RETOOL_MCP_TRANSPORT", "grpc"}},
		"no port":                      {"", "--listen=127.0.0.1", []string{"--listen", "host:port"}},
		"a port that is none":          {"", "--listen=127.0.0.1:many", []string{"listen", "many"}},
		"an address in use":            {"", "--listen=$taken", []string{"--listen", "address already in use"}},
		"an address of metrics in use": {"", "--metrics-listen=$taken", []string{"--metrics-listen", "address already in use"}},
		"everywhere without auth":      {"", "--listen=0.0.0.0:0", []string{"--auth", "0.0.0.0:0"}},
		"no host without auth":         {"", "--listen=:0", []string{"--auth", ":0"}},
		"none everywhere":              {"", "--listen=[::]:0 --auth=none", []string{"--auth none", "[::]:0"}},
		"an unknown auth":              {"", "--auth=basic", []string{"--auth", "basic"}},
		"a secret for another auth":    {"RETOOL_MCP_AUTH_TOKEN=$secret", "--auth=none", []string{"--auth-token", "none"}},
		"no secret":                    {"", "--auth=token", []string{"--auth-token-file"}},
		"two secrets":                  {"", "--auth=token --auth-token=$secret --auth-token-file=$file", []string{"--auth-token", "--auth-token-file"}},
		"a short secret":               {"", "--auth=token --auth-token-file=$short", []string{"--auth-token", "16"}},
		"no such file of the secret":   {"", "--auth=token --auth-token-file=/no/such/file", []string{"--auth-token-file", "no such file"}},
		"no public address":            {"", "--auth=oauth --oauth-issuer=https://login.example.com --oauth-audience=a", []string{"--public-url"}},
		"no issuer":                    {"", "--auth=oauth --public-url=https://mcp.example.com --oauth-audience=a", []string{"--oauth-issuer"}},
		"no audience":                  {"", "--auth=oauth --public-url=https://mcp.example.com --oauth-issuer=https://login.example.com", []string{"--oauth-audience"}},
		"an issuer without TLS":        {"", "--auth=oauth --public-url=https://mcp.example.com --oauth-issuer=http://login.example.com --oauth-audience=a", []string{"--oauth-issuer", "https"}},
		"an issuer for another auth":   {"", "--oauth-issuer=https://login.example.com", []string{"--oauth", "none"}},
		"a type of no access token":    {"", oauth + "--oauth-token-type=JWT,logout+jwt", []string{"--oauth-token-type", "logout+jwt"}},
		"a scope with a quote":         {"", oauth + `--oauth-scope=a"b`, []string{"--oauth-scope", "is not a scope"}},
		"scopes for another auth":      {"", "--oauth-scope=a", []string{"--oauth", "none"}},
		"types for another auth":       {"RETOOL_MCP_OAUTH_TOKEN_TYPE=JWT", "", []string{"--oauth", "none"}},
		"a rule that is none":          {"", oauth + "--oauth-rule=admins", []string{"--oauth-rule", "admins"}},
		"a rule of unknown toolsets":   {"", oauth + "--oauth-rule=groups=a:cats", []string{"--oauth-rule", "cats", "users"}},
		"rules in a row":               {"", oauth + "--oauth-rule=groups=a:all,groups=b:users", []string{"--oauth-rule", "looks like several"}},
		"rules in a row in a variable": {"RETOOL_MCP_OAUTH_RULE=groups=a:all,groups=b:users", oauth, []string{"RETOOL_MCP_OAUTH_RULE", "looks like several"}},
		"an empty rule":                {"", oauth + "--oauth-rule=", []string{"--oauth-rule", "must have the form"}},
		"a certificate without key":    {"", "--tls-cert=$file", []string{"--tls-cert", "--tls-key"}},
		"a key without certificate":    {"", "--tls-key=$file", []string{"--tls-cert", "--tls-key"}},
		"no such certificate":          {"", "--tls-cert=/no/such/file --tls-key=$file", []string{"--tls-cert", "no such file"}},
		"a certificate that is none":   {"", "--tls-cert=$file --tls-key=$file", []string{"--tls-cert"}},
		"no bodies":                    {"", "--max-body=0", []string{"--max-body"}},
		"bodies of any size":           {"", "--max-body=99999999999", []string{"--max-body"}},
		"negative calls":               {"", "--max-calls=-1", []string{"--max-calls"}},
		"no calls of a caller":         {"", "--max-calls-per-caller=0", []string{"--max-calls-per-caller"}},
		"no streams":                   {"RETOOL_MCP_MAX_STREAMS=0", "", []string{"--max-streams"}},
		"no streams of a caller":       {"", "--max-streams-per-caller=0", []string{"--max-streams-per-caller"}},
		"no time for sessions":         {"", "--session-ttl=0s", []string{"--session-ttl"}},
		"no time to drain":             {"", "--drain=-1s", []string{"--drain"}},
		"a public address of nothing":  {"", "--public-url=mcp.example.com", []string{"--public-url", "https://mcp.example.com"}},
		"a public one with a query":    {"", "--public-url=https://mcp.example.com?a=b", []string{"--public-url"}},
		"the address of the endpoint":  {"", "--public-url=https://mcp.example.com/mcp", []string{"--public-url", "without /mcp", "https://mcp.example.com\n"}},
		"that with a slash":            {"", "--public-url=https://mcp.example.com/retool/mcp/ --transport=sse", []string{"--public-url", "without /mcp", "https://mcp.example.com/retool\n"}},
		"that with two slashes":        {"", "--public-url=https://mcp.example.com//mcp//", []string{"--public-url", "without /mcp"}},
		"that in other case":           {"RETOOL_MCP_PUBLIC_URL=https://mcp.example.com/MCP", oauthOnly, []string{"RETOOL_MCP_PUBLIC_URL", "without /mcp"}},
		"that of the older transport":  {"", "--public-url=http://localhost:8000/sse", []string{"--public-url", "without /sse", "http://localhost:8000\n"}},
		"that of messages":             {"", "--public-url=https://mcp.example.com/messages", []string{"--public-url", "without /messages"}},
		"that of readiness":            {"", "--public-url=https://mcp.example.com/readyz", []string{"--public-url", "without /readyz"}},
		"that of the metadata":         {"", "--public-url=https://mcp.example.com/.well-known/oauth-protected-resource", []string{"--public-url", "without /.well-known"}},
		"a public one to fill in":      {"", "--public-url=https://mcp.<domain>", []string{"--public-url", "placeholder"}},
		"an issuer to fill in":         {"RETOOL_MCP_OAUTH_ISSUER=https://login.example.com/<tenant>/v2.0", "--auth=oauth --public-url=https://mcp.example.com --oauth-audience=a", []string{"RETOOL_MCP_OAUTH_ISSUER", "placeholder"}},
		"an issuer's metadata":         {"", "--auth=oauth --public-url=https://mcp.example.com --oauth-audience=a --oauth-issuer=https://login.example.com/.well-known/openid-configuration", []string{"--oauth-issuer", "perhaps https://login.example.com,"}},
		"a host with a scheme":         {"", "--allow-host=https://mcp.example.com", []string{"--allow-host"}},
		"an origin without a scheme":   {"", "--allow-origin=app.example.com", []string{"--allow-origin"}},
		"an origin of everybody":       {"", "--allow-origin=*", []string{"--allow-origin"}},
		"no Retool token":              {"RETOOL_ACCESS_TOKEN=", "", []string{"no access token is set", "RETOOL_ACCESS_TOKEN_FILE"}},
		"a Retool token too many":      {"", "--auth=passthrough", []string{"--auth passthrough", "access token"}},
		"a protocol of traces":         {"OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1 OTEL_EXPORTER_OTLP_PROTOCOL=grpc", "", []string{"OTEL_EXPORTER_OTLP_PROTOCOL"}},
		"a log level":                  {"RETOOL_MCP_LOG_LEVEL=loud", "", []string{"RETOOL_MCP_LOG_LEVEL", "loud"}},
	} {
		t.Run(name, func(t *testing.T) {
			fill := func(text string) []string {
				return strings.Fields(os.Expand(text, func(name string) string { return values[name] }))
			}
			env := environment(t, append([]string{"RETOOL_MCP_SPEC=" + smallDocument(t), "RETOOL_URL=http://127.0.0.1:1", "RETOOL_ACCESS_TOKEN=" + testToken, "RETOOL_MCP_TRANSPORT=http", "RETOOL_MCP_LISTEN=127.0.0.1:0"}, fill(c.variables)...)...)
			o := run(t, env, "", append([]string{"serve"}, fill(c.arguments)...)...)
			requireUsage(t, o, c.says...)
			requireAbsent(t, testSecret, "standard error", o.stderr)
		})
	}
}
