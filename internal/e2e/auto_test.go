package e2e_test

import (
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A running server fetches the document of the instance in the background, and
// the next start serves it.
func TestLiveDocumentFromTheSecondStart(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 10)
	instance := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path + " " + r.Header.Get("Authorization")
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"openapi":"3.0.0","info":{"title":"Retool API","version":"9.9.9"},"paths":{"/users":{"get":{"responses":{}}}}}`))
	}))
	defer instance.Close()
	env := environment(t, "RETOOL_URL="+instance.URL, "RETOOL_ACCESS_TOKEN="+testToken)

	cmd := exec.CommandContext(t.Context(), binary)
	cmd.Env = env
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	var stdout, stderr lockedBuffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(t, cmd.Start())
	_, err = stdin.Write([]byte(strings.Join([]string{initializeLine, initializedLine, listLine, ""}, "\n")))
	require.NoError(t, err)
	require.Equal(t, "/api/v2/spec Bearer "+testToken, receive(t, asked, "the request for the document"))
	replies, err := readReplies(stdout.String())
	require.NoError(t, err)
	require.Len(t, replies["list"].Result.Tools, toolsByDefaultCount, "the client got its response long before")

	require.Eventually(t, func() bool {
		return strings.Count(run(t, env, "", "tools").stdout, "\n") == 1+len(localTools)
	}, waitTime, 50*time.Millisecond)
	require.NoError(t, stdin.Close())
	require.NoError(t, cmd.Wait(), stderr.String())
	require.Empty(t, stderr.String())

	o := run(t, env, "", "call", "disable_user", "userId=user_1")
	require.Equal(t, 2, o.code)
	require.Contains(t, o.stderr, "disable_user (DELETE /users/{userId}) is unavailable: this instance (API 9.9.9) does not have it")
	require.Empty(t, asked, "the document is not fetched again within the hour")
}
