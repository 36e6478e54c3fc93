package e2e_test

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// An instance that writes tokens into its own document and into the headers of it:
// none is in the list of tools, in what commands print, or in a file.
func TestTokensInDocumentsOfInstances(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(smallDocument(t))
	require.NoError(t, err)
	for form, write := range tokenForms {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			own := write(ownSecret)
			document := strings.NewReplacer("title: Small API", `title: "`+own+`"`, "summary: List", `summary: "of `+own+`" #`, "description: Returns", `description: "of `+own+`" #`).Replace(string(text))
			require.NotEqual(t, string(text), document)
			u := newUpstream(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("ETag", `"`+own+`"`)
				w.Header().Set("Last-Modified", own)
				answering(http.StatusOK, "application/yaml", document)(w, r)
			})
			env := environment(t, "RETOOL_URL="+u.URL, "RETOOL_ACCESS_TOKEN="+ownSecret, "RETOOL_MCP_LOG_LEVEL=debug")
			said := ""
			for _, line := range []string{
				"spec fetch", "spec diff embedded live", "doctor",
				"--spec=live tools list_users", "--spec=live tools --json", "--spec=live call get_settings",
			} {
				o := run(t, env, "", strings.Fields(line)...)
				requireNoToken(t, []string{ownSecret}, line, o.stdout+o.stderr)
				said += o.stdout
			}
			require.Contains(t, said, "[access token]")

			k := openPipe(t, env, "--spec=auto")
			k.send(initializeLine, initializedLine, listLine)
			require.Nil(t, k.next().Error)
			kept := func() string {
				found, _ := filepath.Glob(filepath.Join(cacheOf(env), "retool-mcp", "*.meta"))
				if len(found) == 0 {
					return ""
				}
				data, _ := os.ReadFile(found[0])
				return string(data)
			}
			require.Eventually(t, func() bool { return kept() != "" }, waitTime, 5*time.Millisecond, "the document is kept")
			require.Contains(t, kept(), "[access token]", "the entity tag came")
			requireNoToken(t, []string{ownSecret}, "the log", k.stderr.String())
			require.NoError(t, filepath.WalkDir(cacheOf(env), func(path string, entry fs.DirEntry, err error) error {
				if err != nil || entry.IsDir() {
					return err
				}
				data, err := os.ReadFile(path)
				requireNoToken(t, []string{ownSecret}, path, string(data))
				return err
			}))
		})
	}
}

// The question of a confirmation, and what doctor says, show no token that an upstream
// repeats.
func TestTokensInQuestionsAndByDoctor(t *testing.T) {
	t.Parallel()
	for form := range tokenForms {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			tokens := []string{callerSecret}
			u := newUpstream(t, repeatTokens(tokenPlaces[0], form, tokens))
			r := serveRemote(t, environment(t, "RETOOL_MCP_SPEC=embedded", "RETOOL_URL="+u.URL), "--auth=passthrough", "--confirm=always")
			p := &userAnswers{answer: accept}
			s := requireClientOf(t, modern, overHTTP(t, r.url, map[string]string{"Authorization": "Bearer " + callerSecret}), p)
			s.call("delete_group", []byte(`{"groupId":"9"}`))
			asked := p.take()
			require.NotEmpty(t, asked)
			requireNoToken(t, tokens, "the question", asked[0])
			require.Contains(t, asked[0], `"[access token]`)

			for _, place := range tokenPlaces {
				if place.status != http.StatusOK && form != "plain" {
					continue // once is enough
				}
				u := newUpstream(t, repeatTokens(place, form, tokens))
				o := run(t, environment(t, "RETOOL_URL="+u.URL, "RETOOL_ACCESS_TOKEN="+callerSecret, "RETOOL_MCP_RETRIES=0"), "", "--log-level=debug", "doctor")
				requireNoToken(t, tokens, place.name, o.stdout+o.stderr)
			}
		})
	}
}
