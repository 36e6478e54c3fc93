//go:build linux

package deploy_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/facts"
)

// image is a folder with what the image has in it, as far as the server needs
// it: the static binary.
func image(t *testing.T) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can confine a process to a folder")
	}
	folder, err := os.MkdirTemp("", "image")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-o", filepath.Join(folder, "retool-mcp"), ".")
	build.Dir = facts.Root(t)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
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

// TestImageServes starts what is in the image with the settings of the compose
// file, asks for its health as the container would, calls a tool, and stops it.
func TestImageServes(t *testing.T) {
	folder := image(t)
	var environment []string
	for name, value := range at[object](t, composeService(t), "environment") {
		switch name {
		case "RETOOL_MCP_LISTEN":
			value = "127.0.0.1:0"
		case "RETOOL_MCP_AUTH_TOKEN":
			value = secret
		}
		environment = append(environment, name+"="+value.(string)) //nolint:errcheck,forcetypeassert // a panic fails the test, too
	}
	server := contained(t, folder, environment, "serve")
	problems, err := server.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, server.Start())
	t.Cleanup(func() { _ = server.Process.Kill() })
	url := whereItServes(t, problems)

	health := contained(t, folder, nil, "health", url+"/healthz")
	out, err := health.CombinedOutput()
	require.NoError(t, err, string(out))

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
	require.Error(t, contained(t, folder, nil, "health", url+"/healthz").Run(), "nobody is there any more")
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
	// As the compose file has it published.
	request.Host = net.JoinHostPort("localhost", "8000")
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return answer{response.StatusCode, string(text)}
}
