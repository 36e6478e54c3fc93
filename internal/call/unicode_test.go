package call_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/confirm"
)

// notUnicode are texts as JSON has them of which a part is not Unicode, and what
// stands there instead. Programs in JavaScript write such halves when they cut an
// emoji.
var notUnicode = map[string]string{
	`cut \ud83d`:           "cut \ufffd",
	`\udc00 first`:         "\ufffd first",
	`\ude00\ud83d`:         "\ufffd\ufffd",
	`\ud83d\ud83d\ude00`:   "\ufffd😀",
	`\uD83D-\uDE00`:        "\ufffd-\ufffd",
	`\\ud83d is \ud83d`:    `\ud83d is ` + "\ufffd",
	"bytes \xff\xfe":       "bytes \ufffd\ufffd",
	"half \xed\xa0\xbd":    "half \ufffd\ufffd\ufffd",
	"cut off \xf0\x9f\x98": "cut off \ufffd\ufffd\ufffd",
}

// A write that took effect is a success, whatever is in the answer, and so is a read.
func TestAnswersThatAreNotUnicode(t *testing.T) {
	for given, want := range notUnicode {
		escaped := strings.ReplaceAll(want, "\\", `\\`)
		for _, x := range []struct{ tool, body, says string }{
			{"create_group", `{"success":true,"data":{"id":1,"name":"` + given + `"}}`, `"name":"` + escaped + `"`},
			{"create_group", `{"success":true,"data":{"id":1,"x` + given + `":2}}`, `"x` + escaped + `":2`},
			{"replace_group", `{"data":{"deep":[[{"a":["` + given + `"]}]]}}`, escaped},
			{"update_group", `{"data":{"a":1},"message":"` + given + `"}`, escaped},
			{"list_groups", `{"data":[{"id":1,"name":"` + given + `"},{"id":2,"name":"b"}],"has_more":false}`, want},
			{"list_groups", `{"data":["` + given + `"],"has_more":false}`, escaped},
			{"get_group", `{"data":{"name":"` + given + `"}}`, escaped},
		} {
			arguments := object{}
			maps.Copy(arguments, writes[x.tool])
			if x.tool == "get_group" {
				arguments["groupId"] = "9"
			}
			outcome := run(t, serve(t, respond(200, x.body), "retool_x", call.Options{}), x.tool, arguments)
			require.False(t, outcome.IsError, "%s %q: %s", x.tool, x.body, outcome.Text)
			require.Contains(t, outcome.Text, x.says, "%s %q", x.tool, x.body)
			require.True(t, utf8.ValidString(outcome.Text))
		}
		// Failures in Retool's own words.
		for status, body := range map[int]string{
			200: `{"success":false,"message":"` + given + `"}`, 400: `{"success":false,"message":"` + given + `"}`, 409: `{"error":{"message":"` + given + `"}}`,
		} {
			outcome := run(t, serve(t, respond(status, body), "retool_x", call.Options{}), "create_group", writes["create_group"])
			require.True(t, outcome.IsError)
			require.NotContains(t, outcome.Text, "not valid JSON")
			require.Contains(t, outcome.Text, want)
		}
	}
}

// Two names that become one by that are no reason to lose the answer.
func TestNamesThatBecomeOne(t *testing.T) {
	body := `{"success":true,"data":{"id":1,"\ud83d":2,"\udc00":3,"` + "\xff" + `":4},"next_token":"\ud83d","has_more":false}`
	outcome := run(t, serve(t, respond(200, body), "retool_x", call.Options{}), "create_group", writes["create_group"])
	require.False(t, outcome.IsError, outcome.Text)
	require.Contains(t, outcome.Text, `{"id":1,"`+"\ufffd"+`":4}`)
}

// Everything that reads an answer on the way to a write.
func TestDryRunQuestionAndSecretThatAreNotUnicode(t *testing.T) {
	current := respond(200, `{"data":{"id":9,"name":"cut \ud83d"}}`)
	outcome := run(t, serve(t, current, "retool_x", call.Options{}), "replace_group", object{"groupId": "9", "name": "New", "dry_run": true})
	require.False(t, outcome.IsError)
	require.Contains(t, outcome.Text, `- name: "cut `+"\ufffd"+`" → "New"`)

	r := serve(t, current, "retool_x", call.Options{Confirm: call.ConfirmAlways})
	asked := runIn(t, r, confirm.With(t.Context(), confirm.Client{CanAsk: true}), "delete_group", writes["delete_group"])
	require.NotNil(t, asked.Ask, asked.Text)
	require.Contains(t, asked.Ask.Text, "cut \ufffd")

	dir := folderIn(t)
	created := respond(200, `{"data":{"\ud83d":{"access_token":"other"},"label":"\udc00","access_token":"retool_01secret","x":"\ud83d"}}`)
	outcome = run(t, serve(t, created, "retool_x", call.Options{SecretSink: secretSink(t, dir)}), "create_access_token", writes["create_access_token"])
	require.False(t, outcome.IsError, outcome.Text)
	require.Contains(t, outcome.Text, "was saved to the file")
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	saved, err := os.ReadFile(files[0])
	require.NoError(t, err)
	require.Equal(t, "retool_01secret", strings.TrimSpace(string(saved)))
}
