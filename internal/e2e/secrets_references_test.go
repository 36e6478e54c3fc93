package e2e_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// someID is the ID of any object.
const someID = "01234567-89ab-4cde-8f01-000000000001"

// secretVariable returns a configuration variable with a text as its value.
func secretVariable(value string) object {
	return object{"name": "n", "secret": true, "values": []any{object{"environment_id": someID, "value": value}}}
}

// Every argument for a secret takes a reference. Retool receives the secret;
// neither a result nor the log contains it.
func TestSecretReferences(t *testing.T) {
	t.Parallel()
	k := openConversation(t, []string{"THE_SECRET=k4n4ry00000yr4n4k"}, "--secret-env", "THE_SECRET", "--secret-dir", t.TempDir())
	tested := 0
	for _, d := range describedOperations(t) {
		t.Run(d.tool, func(t *testing.T) {
			k.t = t
			n := &canarySet{withoutOpenMaps: true}
			arguments := d.secretArguments(t, n)
			if len(n.places) == 0 {
				return // it takes no secret; see the next test
			}
			named := decodeJSON(t, anyCanaryWhole.ReplaceAll([]byte(jsonOf(t, arguments)), []byte("$${env:THE_SECRET}")))
			h := k.call(d.tool, named, func(w http.ResponseWriter, r *http.Request) {
				answering(http.StatusOK, jsonType, `{"success":true,"data":{"id":"i","name":"k4n4ry00000yr4n4k"},"echo":`+sentBody(r)+`}`)(w, r)
			})
			require.False(t, h.Result.IsError, h.text())
			tested += len(n.places)
			sent := k.upstream.only(t)
			require.Equal(t, len(n.places), strings.Count(string(sent.body), "k4n4ry00000yr4n4k"), "%s", sent.body)
			require.NotContains(t, string(sent.body)+sent.uri, "${env:")
			n.places = append(n.places, "the secret")
			n.none(t, "the result", h.all)
			n.none(t, "the log", k.stderr.String())
		})
	}
	require.Greater(t, tested, 80, "places of secrets")
}

var anyCanaryWhole = regexp.MustCompile(head + `\d+` + tail)

// sentBody is a request's body, null if there is none or it is not JSON.
func sentBody(r *http.Request) string {
	body, err := io.ReadAll(r.Body)
	if err != nil || len(body) == 0 || r.Header.Get("Content-Type") != "application/json" {
		return "null"
	}
	return string(body)
}

// In any other argument a secret could be read back, so a reference is refused
// and nothing is sent.
func TestSecretReferencesElsewhereAreRefused(t *testing.T) {
	t.Parallel()
	k := openConversation(t, []string{"THE_SECRET=k4n4ry00000yr4n4k"}, "--secret-env", "THE_SECRET", "--secret-dir", t.TempDir())
	refused := 0
	for _, d := range describedOperations(t) {
		t.Run(d.tool, func(t *testing.T) {
			k.t = t
			replaced := textsReplaced(d.allArguments(t))
			for _, at := range slices.Sorted(maps.Keys(replaced)) {
				if d.belongs(at) {
					continue
				}
				refused++
				says := k.refused(d.tool, replaced[at]("a ${env:THE_SECRET}"))
				require.Contains(t, says, at+": a secret can be named only in a field for secrets")
				require.NotContains(t, says, head)
			}
		})
	}
	require.Greater(t, refused, 150)
}

var indices = regexp.MustCompile(`\[\d+\]`)

// belongs reports whether a secret belongs at a path of the arguments.
func (d describedOperation) belongs(at string) bool {
	at = indices.ReplaceAllString(at, "[]")
	return nameOfSecret.MatchString(at) || slices.ContainsFunc(d.secrets, func(s secretAt) bool {
		return s.path == at || strings.TrimPrefix(s.path, "data.") == at
	})
}

// A secret that a call stored must not be readable elsewhere. The upstream
// keeps the fields that Retool has.
func TestReferencedSecretsCannotBeReadBack(t *testing.T) {
	t.Parallel()
	const named = "${env:THE_SECRET}"
	options := func(o object) object { return object{"resource_id": "r", "environment_id": someID, "options": o} }
	variable := func(extra string) object {
		value := object{"environment_id": someID, "value": named, extra: "password"}
		return object{"name": "n", "secret": false, "values": []any{value}}
	}
	for name, c := range map[string]struct {
		tool, reader string
		arguments    object
	}{
		"a password":                                 {"create_resource_configuration", "get_resource_configuration", options(object{"password": named})},
		"a header":                                   {"create_resource_configuration", "get_resource_configuration", options(object{"headers": []any{[]any{"X-Any", named}}})},
		"a header outside of its pair":               {"create_resource_configuration", "get_resource_configuration", options(object{"headers": []any{named}})},
		"a text for a list of headers":               {"create_resource_configuration", "get_resource_configuration", options(object{"headers": named})},
		"a text for a list of others":                {"create_resource_configuration", "get_resource_configuration", options(object{"metadata": named})},
		"a very long name":                           {"create_user", "get_user", object{"email": "a@example.com", "first_name": "a", "last_name": "b", "metadata": object{strings.Repeat("x", 100) + "_password": named}}},
		"a name that changes when cleaned":           {"create_user", "get_user", object{"email": "a@example.com", "first_name": "a", "last_name": "b", "metadata": object{"x\u200bpin": named}}},
		"a name with a control character":            {"create_user", "get_user", object{"email": "a@example.com", "first_name": "a", "last_name": "b", "metadata": object{"x\x01dsn": named}}},
		"a value that is called otherwise by key":    {"create_configuration_variable", "get_configuration_variable", variable("key")},
		"a value that is called otherwise by name":   {"create_configuration_variable", "get_configuration_variable", variable("name")},
		"a value that is called otherwise by header": {"create_configuration_variable", "get_configuration_variable", variable("header")},
		"one of two texts":                           {"create_user", "get_user", object{"email": "a@example.com", "first_name": "a", "last_name": "b", "metadata": object{"list": []any{"token", named}}}},
	} {
		t.Run(name, func(t *testing.T) {
			k := openConversation(t, []string{"THE_SECRET=k4n4ry00000yr4n4k"}, "--secret-env", "THE_SECRET")
			kept := "{}"
			k.call(c.tool, c.arguments, func(w http.ResponseWriter, r *http.Request) {
				kept = sentBody(r)
				for _, unknown := range []string{`"key":"password",`, `"name":"password",`, `"header":"password",`} {
					kept = strings.ReplaceAll(kept, unknown, "") // Retool drops unknown fields
				}
				kept = strings.ReplaceAll(kept, `["token","k4n4ry00000yr4n4k"]`, `["token","k4n4ry00000yr4n4k","and more"]`)
				good(w, r)
			})
			arguments := object{"id": someID}
			switch c.reader {
			case "get_user":
				arguments = object{"userId": "user_1"}
			case "get_resource_configuration":
				arguments = object{"configurationId": someID}
			}
			n := &canarySet{places: []string{"the secret"}}
			n.none(t, "read back", k.succeeds(c.reader, arguments, answering(http.StatusOK, jsonType, `{"success":true,"data":`+kept+`}`)).text())
		})
	}
}

// Only the files and variables that the operator lists can be referenced.
func TestUnlistedReferencesAreRefused(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	plant := func(name string) string {
		path := filepath.Join(folder, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte("k4n4ry00000yr4n4k"), 0o600))
		return path
	}
	listed, beside, token := plant("listed/one"), plant("beside/two"), plant("own/token")
	require.NoError(t, os.Symlink(beside, filepath.Join(folder, "listed", "link")))
	env := []string{"LISTED=k4n4ry00000yr4n4k", "UNLISTED=k4n4ry00000yr4n4k", "EMPTY=", "RETOOL_ACCESS_TOKEN=", "RETOOL_ACCESS_TOKEN_FILE=" + token}
	k := openConversation(t, env, "--secret-env", "LISTED,EMPTY,UNSET", "--secret-files", filepath.Dir(listed)+"/")
	for name, text := range map[string]string{
		"a variable":                "${env:UNLISTED}",
		"a variable of the program": "${env:RETOOL_ACCESS_TOKEN}",
		"a variable of the system":  "${env:HOME}",
		"in other letters":          "${env:listed}",
		"one that is empty":         "${env:EMPTY}",
		"one that is not set":       "${env:UNSET}",
		"a file":                    "${file:" + beside + "}",
		"a file by a way around":    "${file:" + filepath.Dir(listed) + "/../beside/two}",
		"a file by a link":          "${file:" + filepath.Join(folder, "listed", "link") + "}",
		"a file without its folder": "${file:one}",
		"a folder":                  "${file:" + filepath.Dir(listed) + "}",
		"no file":                   "${file:" + listed + "2}",
		"one beside a listed one":   "${env:LISTED}${env:UNLISTED}",
		"the file of our own token": "${file:" + token + "}",
	} {
		t.Run(name, func(t *testing.T) {
			k.t = t
			says := k.refused("create_configuration_variable", secretVariable(text))
			require.Contains(t, says, "Not sent: ")
			require.Contains(t, says, "values[0].value: ")
			require.NotContains(t, says, head)
		})
	}
	k.t = t
	for text, want := range map[string]string{
		"${env:LISTED}":                      "k4n4ry00000yr4n4k",
		"${file:" + listed + "}":             "k4n4ry00000yr4n4k",
		"${env:LISTED and no end":            "${env:LISTED and no end",
		"{{ env.LISTED }} ${LISTED}":         "{{ env.LISTED }} ${LISTED}",
		"$${env:UNLISTED} and ${env:LISTED}": "${env:UNLISTED} and k4n4ry00000yr4n4k",
	} {
		k.succeeds("create_configuration_variable", secretVariable(text), good)
		require.Contains(t, string(k.upstream.only(t).body), fmt.Sprintf(`"value":%q`, want))
	}
	k.succeeds("list_users", object{"email": "$${env:LISTED}"}, answering(http.StatusOK, jsonType, `{"success":true,"data":[],"has_more":false}`))
	require.Contains(t, k.upstream.only(t).uri, "email=%24%7Benv%3ALISTED%7D", "an escape in a list")
	o := run(t, environment(t, "RETOOL_ACCESS_TOKEN="+testToken), "", "--secret-env", "RETOOL_ACCESS_TOKEN", "serve")
	requireUsage(t, o, "--secret-env", "RETOOL_ACCESS_TOKEN")
}

// The program does not start if references could reach its own secret files, by
// whichever path.
func TestOwnSecretFilesCannotBeListed(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	token, link := filepath.Join(folder, "token"), filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.WriteFile(token, []byte(testToken), 0o600))
	require.NoError(t, os.Symlink(token, link))
	for name, c := range map[string]struct {
		listed, variable string
		args, says       []string
	}{
		"the file":                    {token, "RETOOL_ACCESS_TOKEN_FILE=" + token, nil, []string{"--token-file"}},
		"its folder":                  {folder + "/", "RETOOL_ACCESS_TOKEN_FILE=" + token, nil, []string{"RETOOL_ACCESS_TOKEN_FILE"}},
		"the folder above":            {filepath.Dir(folder) + "/", "", []string{"--token-file", token}, []string{"--token-file"}},
		"a link to it":                {link, "RETOOL_ACCESS_TOKEN_FILE=" + token, nil, []string{"RETOOL_ACCESS_TOKEN_FILE"}},
		"a link from it":              {folder + "/", "RETOOL_ACCESS_TOKEN_FILE=" + link, nil, []string{"RETOOL_ACCESS_TOKEN_FILE"}},
		"the shared secret":           {folder + "/", "RETOOL_MCP_AUTH_TOKEN_FILE=" + token, []string{"serve", "--transport", "http", "--auth", "token"}, []string{"RETOOL_MCP_AUTH_TOKEN_FILE"}},
		"the shared secret by a flag": {folder + "/", "", []string{"serve", "--transport", "http", "--auth", "token", "--auth-token-file", token}, []string{"--auth-token-file"}},
	} {
		t.Run(name, func(t *testing.T) {
			o := run(t, environment(t, "RETOOL_ACCESS_TOKEN=", c.variable), "", append([]string{"--secret-files", c.listed}, c.args...)...)
			requireUsage(t, o, append(c.says, "--secret-files (RETOOL_MCP_SECRET_FILES)")...)
			require.NotContains(t, o.stderr, testToken)
		})
	}
}
