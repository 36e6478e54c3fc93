package e2e_test

import (
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Secrets in a query are redacted as in a body: in a dry run, in the
// audit log and in errors. They are sent as they are.
func TestSecretsInQueriesAreRedacted(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(smallDocument(t))
	require.NoError(t, err)
	document := filepath.Join(t.TempDir(), "document.yaml")
	require.NoError(t, os.WriteFile(document, []byte(strings.Replace(string(text), "      summary: Create user\n", `      summary: Create user
      parameters:
        - {name: api_key, in: query, schema: {type: string}}
        - {name: passwords, in: query, schema: {type: array, items: {type: string}}}
        - {name: pin_code_secret, in: query, schema: {type: integer}}
        - {name: options, in: query, style: deepObject, schema: {type: object, properties: {clientSecret: {type: string}, kind: {type: string}}}}
        - {name: url, in: query, schema: {type: string}}
        - {name: next_token, in: query, schema: {type: string}}
`, 1)), 0o600))
	audit := filepath.Join(t.TempDir(), "audit.log")
	u := newUpstream(t, answering(http.StatusBadRequest, jsonType, `{"success":false,"message":"k4n4ry00000yr4n4k and 8675309 are wrong"}`))
	n := &canarySet{places: make([]string, 5)}
	s := connect(t, modern, serving(t, document, u, "RETOOL_MCP_AUDIT_LOG="+audit, "RETOOL_MCP_SECRET_ENV=LISTED", "LISTED=k4n4ry00000yr4n4k"))
	arguments := object{
		"email": "a@b.example", "api_key": "k4n4ry00000yr4n4k", "passwords": []string{"k4n4ry00001yr4n4k", "k4n4ry00002yr4n4k"}, "pin_code_secret": 8675309,
		"options": object{"clientSecret": "k4n4ry00003yr4n4k", "kind": "a b"}, "url": "postgres://u:k4n4ry00004yr4n4k@h/d", "next_token": "page 2",
	}
	rehearsed := maps.Clone(arguments)
	rehearsed["dry_run"] = true
	dry := s.call("create_user", given(t, rehearsed))
	require.Empty(t, u.take())
	n.none(t, "the dry run", dry.text)
	for _, part := range []string{
		"?api_key=[redacted: api_key]&", "&passwords=[redacted: passwords]&passwords=[redacted: passwords]&", "&pin_code_secret=[redacted: pin_code_secret]&", "kind%5D=a%20b", "next_token=page%202",
		"Secret%5D=[redacted: options[clientSecret]]",
	} {
		require.Contains(t, dry.text, part)
	}
	reference := s.call("create_user", given(t, object{"email": "a@b.example", "api_key": "${env:LISTED}", "dry_run": true}))
	require.True(t, reference.isError, "refused as the call is")
	require.Contains(t, reference.text, "api_key: a secret can be named only in a field for secrets")

	failed := s.call("create_user", given(t, arguments))
	require.True(t, failed.isError)
	n.none(t, "the error", failed.text)
	sent := u.only(t)
	require.Contains(t, sent.uri, "api_key=k4n4ry00000yr4n4k&")
	logged, err := os.ReadFile(audit)
	require.NoError(t, err)
	require.Contains(t, string(logged), `[redacted: api_key]`)
	n.none(t, "the audit log", string(logged))
}
