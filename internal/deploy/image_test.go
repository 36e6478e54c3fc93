//go:build linux

package deploy_test

import (
	"bufio"
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// image is a folder with what the server finds in a container: its static binary
// and, as in a pod, files with secrets.
func image(t *testing.T) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can confine a process to a folder")
	}
	folder, err := os.MkdirTemp("", "image")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	binary, err := builtBinary()
	require.NoError(t, err)
	program, err := os.ReadFile(binary)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "retool-mcp"), program, 0o755))

	issued := httptest.NewTLSServer(nil)
	defer issued.Close()
	key, err := x509.MarshalPKCS8PrivateKey(issued.TLS.Certificates[0].PrivateKey)
	require.NoError(t, err)
	for name, content := range map[string]string{
		"retool/token": "retool_01test\n",
		"auth/token":   secret + "\n",
		"state/token":  secret + "\n",
		"tls/tls.crt":  string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: issued.Certificate().Raw})),
		"tls/tls.key":  string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})),
	} {
		file := filepath.Join(folder, "run", "secrets", filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(content), 0o440))
		require.NoError(t, os.Chown(file, 0, 65532))
	}
	require.NoError(t, os.Chmod(folder, 0o555))
	return folder
}

// contained is the binary as the image's user, in a file system that holds
// nothing else and that it cannot write to.
func contained(t *testing.T, folder string, environment []string, arguments ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(folder, "retool-mcp"), arguments...)
	cmd.Path, cmd.Dir, cmd.Env = "/retool-mcp", "/", environment
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: folder, Credential: &syscall.Credential{Uid: 65532, Gid: 65532}}
	return cmd
}

const secret = "0123456789abcdef0123456789abcdef"

func TestImage(t *testing.T) {
	folder := image(t)
	t.Run("compose", func(t *testing.T) { servesAsComposed(t, folder) })
	for _, name := range files(t, valueSets) {
		set := strings.TrimSuffix(filepath.Base(name), "-values.yaml")
		t.Run("chart "+set, func(t *testing.T) { takesTheSettingsOfTheChart(t, folder, set) })
	}
}

// servesAsComposed starts what is in the image with the settings of the compose
// file, asks for its health as the container would, calls a tool, and stops it.
func servesAsComposed(t *testing.T, folder string) {
	server, url := start(t, folder, at[object](t, composeService(t), "environment"), "serve")
	require.NoError(t, contained(t, folder, nil, "health", url+"/healthz").Run())

	call := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_users","arguments":{"limit":1}}}`
	require.Equal(t, http.StatusUnauthorized, post(t, url, "", call).status)
	answer := post(t, url, secret, call)
	require.Equal(t, http.StatusOK, answer.status, answer.body)
	require.Contains(t, answer.body, "email")

	require.NoError(t, server.Process.Signal(syscall.SIGTERM))
	ended := make(chan error, 1)
	go func() { ended <- server.Wait() }()
	select {
	case err := <-ended:
		require.NoError(t, err, "it ends in order")
	case <-time.After(defaultDrain):
		t.Fatal("it does not end")
	}
	require.Error(t, contained(t, folder, nil, "health", url+"/healthz").Run(), "the server has ended")
}

// takesTheSettingsOfTheChart starts what is in the image as a pod would: with
// the variables, arguments and mounted files that the chart gives it.
func takesTheSettingsOfTheChart(t *testing.T, folder, set string) {
	objects := rendered(t, set)
	data := at[object](t, objects, "ConfigMap try-retool-mcp", "data")
	data["RETOOL_MCP_SPEC"] = "embedded" // there is no instance to ask
	var arguments []string
	for _, argument := range at[[]any](t, objects, deployment, "spec", "template", "spec", "containers", 0, "args") {
		arguments = append(arguments, fmt.Sprint(argument))
	}
	_, url := start(t, folder, data, arguments...)
	require.NoError(t, contained(t, folder, nil, "health", url+"/healthz").Run())
}

// start starts a server with variables as they are written for a container, but
// on a free port of this machine alone.
func start(t *testing.T, folder string, variables object, arguments ...string) (server *exec.Cmd, url string) {
	t.Helper()
	var environment []string
	for name, value := range variables {
		switch name {
		case "RETOOL_MCP_LISTEN", "RETOOL_MCP_METRICS_LISTEN":
			value = "127.0.0.1:0"
		case "RETOOL_MCP_AUTH_TOKEN":
			value = secret
		}
		environment = append(environment, fmt.Sprintf("%s=%v", name, value))
	}
	server = contained(t, folder, environment, arguments...)
	problems, err := server.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	return server, whereItServes(t, problems)
}

// whereItServes is the address that the log names once the server takes
// connections.
func whereItServes(t *testing.T, log io.Reader) string {
	t.Helper()
	found := make(chan string, 1)
	var all bytes.Buffer
	go func() {
		defer close(found)
		for lines := bufio.NewScanner(io.TeeReader(log, &all)); lines.Scan(); {
			var line struct{ Msg, URL string }
			if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "serving" {
				found <- line.URL
			}
		}
	}()
	select {
	case url, ok := <-found:
		require.True(t, ok, "the server ended: %s", &all)
		return url
	case <-time.After(time.Minute):
		t.Fatal("the server does not say that it serves")
		return ""
	}
}

type answer struct {
	status int
	body   string
}

func post(t *testing.T, url, token, body string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/mcp", strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json, text/event-stream")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return answer{response.StatusCode, string(text)}
}
