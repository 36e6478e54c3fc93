package retool_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

// canary is the access token of all tests: it must appear nowhere but in the
// header of a request to the configured host.
const canary = "retool_01canary23456789012345678901"

// callOnly makes the test binary send one GET /users to the address it contains,
// print the response and exit. net/http reads the proxy variables once per
// process, so a call through a proxy needs a process of its own.
const callOnly = "RETOOL_TEST_CALL_ONLY"

func TestMain(m *testing.M) {
	if raw := os.Getenv(callOnly); raw != "" {
		os.Exit(callOnce(raw))
	}
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"} {
		os.Unsetenv(name) // a proxy would resolve and dial in our place
	}
	os.Exit(m.Run())
}

func callOnce(raw string) int {
	address, err := retool.ParseAddress(raw, "")
	if err != nil {
		fmt.Println(err)
		return 1
	}
	client := retool.New(retool.Options{
		Address: address, Token: canary, UnixSocket: os.Getenv(callOnly + "_SOCKET"),
	})
	answer, err := client.Do(context.Background(), get("/users"))
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Print(string(answer.Body))
	return 0
}

func serve(t testing.TB, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

// answering gives every request the same response.
func answering(t testing.TB, status int, contentType, body string) *httptest.Server {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

func newClient(t testing.TB, raw string, settings ...func(*retool.Options)) *retool.Client {
	t.Helper()
	address, err := retool.ParseAddress(raw, "")
	require.NoError(t, err)
	options := retool.Options{Address: address, Token: canary, SettingNames: retool.SettingNames{
		Address: "--url (RETOOL_URL)", Token: "--token-file (RETOOL_ACCESS_TOKEN_FILE)", Timeout: "--timeout (RETOOL_MCP_TIMEOUT)",
		PerMinute: "--requests-per-minute (RETOOL_MCP_REQUESTS_PER_MINUTE)", MaxConcurrent: "--max-concurrent-requests (RETOOL_MCP_MAX_CONCURRENT_REQUESTS)",
	}}
	for _, set := range settings {
		set(&options)
	}
	return retool.New(options)
}

func get(path string) tools.Request { return tools.Request{Method: http.MethodGet, Path: path} }

func post(path, body string) tools.Request {
	return tools.Request{Method: http.MethodPost, Path: path, ContentType: "application/json", Body: []byte(body)}
}

func transportError(t testing.TB, err error, kind retool.Kind) *retool.TransportError {
	t.Helper()
	var failure *retool.TransportError
	require.ErrorAs(t, err, &failure)
	require.Equal(t, kind, failure.Kind, err.Error())
	require.NotContains(t, err.Error(), "\n")
	return failure
}

func statusError(t testing.TB, err error) *retool.StatusError {
	t.Helper()
	var failure *retool.StatusError
	require.ErrorAs(t, err, &failure)
	return failure
}

// quiet discards a server's reports of handshakes that are meant to fail.
var quiet = log.New(io.Discard, "", 0)
