package call_test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/secret"
)

func secretSink(t *testing.T, folder string) *secret.Sink {
	t.Helper()
	sink, err := secret.OpenSink(folder)
	require.NoError(t, err)
	return sink
}

// folderIn returns a folder that a secret sink accepts.
func folderIn(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "secrets")
	require.NoError(t, os.Mkdir(folder, 0o700))
	return folder
}

func filesIn(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	names := []string{}
	for _, entry := range entries {
		names = append(names, filepath.Join(folder, entry.Name()))
	}
	return names
}

const tokenSecret = "retool_01thesecretofthetest"

var tokenResponse = respond(200, `{"success":true,"data":{"id":"1","access_token":"`+tokenSecret+`"}}`)

func TestOneTimeSecretIsSaved(t *testing.T) {
	folder := folderIn(t)
	r := serve(t, tokenResponse, "retool_x", call.Options{SecretSink: secretSink(t, folder)})
	outcome := run(t, r, "create_access_token", writes["create_access_token"])
	require.False(t, outcome.IsError, outcome.Text)
	require.NotContains(t, outcome.Text, tokenSecret)
	files := filesIn(t, folder)
	require.Len(t, files, 1)
	require.Contains(t, outcome.Text, "\n\nThe access_token was saved to the file "+files[0]+" on the server; no other response will show it.")
	saved, err := os.ReadFile(files[0])
	require.NoError(t, err)
	require.Equal(t, tokenSecret+"\n", string(saved))
}

// Even if results show secrets, one that is saved does not need to be shown.
func TestOneTimeSecretWithReveal(t *testing.T) {
	folder := folderIn(t)
	reveal := result.Options{Reveal: true}
	outcome := run(t, serve(t, tokenResponse, "retool_x", call.Options{Results: reveal}), "create_access_token", writes["create_access_token"])
	require.Contains(t, outcome.Text, tokenSecret)
	require.NotContains(t, outcome.Text, "saved")
	outcome = run(t, serve(t, tokenResponse, "retool_x", call.Options{Results: reveal, SecretSink: secretSink(t, folder)}), "create_access_token", writes["create_access_token"])
	require.Contains(t, outcome.Text, "was saved to the file ")
	require.Len(t, filesIn(t, folder), 1)
}

func TestOneTimeSecretWithoutSink(t *testing.T) {
	u := &upstream{Handler: tokenResponse}
	r := serve(t, u, "retool_x", call.Options{SettingNames: settingNames})
	refused(t, run(t, r, "create_access_token", writes["create_access_token"]), "create_access_token returns a secret that Retool shows only once, and this server has nowhere to save it. "+
		"The operator must name a folder with --secret-dir (RETOOL_MCP_SECRET_DIR).")
	folder := folderIn(t)
	r = serve(t, u, "retool_x", call.Options{SecretSink: secretSink(t, folder)})
	require.NoError(t, os.Remove(folder))
	outcome := run(t, r, "create_access_token", writes["create_access_token"])
	require.True(t, outcome.IsError)
	require.Contains(t, outcome.Text, "Not sent: create_access_token returns a secret that Retool shows only once, and no file can be created for it: ")
	require.Empty(t, u.take())
}

func TestFailedCallLeavesNoFile(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"status":     respond(500, `{"success":false,"message":"no"}`),
		"connection": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"not JSON":   respond(200, `{"data":`),
	} {
		folder := folderIn(t)
		outcome := run(t, serve(t, h, "retool_x", call.Options{SecretSink: secretSink(t, folder)}), "create_access_token", writes["create_access_token"])
		require.True(t, outcome.IsError, name)
		require.NotContains(t, outcome.Text, "saved", name)
		require.Empty(t, filesIn(t, folder), name)
	}
	folder := folderIn(t)
	outcome := run(t, serve(t, respond(200, `{"success":true,"data":{"id":"1"}}`), "retool_x", call.Options{SecretSink: secretSink(t, folder)}), "create_access_token", writes["create_access_token"])
	require.False(t, outcome.IsError)
	require.Contains(t, outcome.Text, "\n\nThe response contains no access_token, so nothing was saved.")
	require.Empty(t, filesIn(t, folder))
}

// The file disappears while the request is in progress.
func TestSecretThatCannotBeSaved(t *testing.T) {
	folder := folderIn(t)
	r := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, file := range filesIn(t, folder) {
			_ = os.Remove(file)
		}
		tokenResponse(w, r)
	}), "retool_x", call.Options{SecretSink: secretSink(t, folder)})
	outcome := run(t, r, "create_access_token", writes["create_access_token"])
	require.True(t, outcome.IsError)
	require.NotContains(t, outcome.Text, tokenSecret)
	require.Regexp(t, `\n\nThe call succeeded, but the access_token could not be saved \(.+\) and cannot be recovered\. Delete the new object and create it again\.$`, outcome.Text)
}
