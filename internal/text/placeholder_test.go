package text_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

func TestPlaceholderForms(t *testing.T) {
	for given, form := range map[string]string{
		"${RETOOL_TOKEN}": "${…}", "${env:X}": "${…}", "${input:x}": "${…}", "${user_config.x}": "${…}", "${X:-none}": "${…}", "${ X }": "${…}",
		"${{ secrets.X }}": "${{…}}", "$(cat /run/secrets/x)": "$(…)", "$X": "$NAME", "$RETOOL_ACCESS_TOKEN": "$NAME", "$$X": "$NAME", "$env:X": "$NAME",
		"%X%": "%NAME%", "%RETOOL_TOKEN%": "%NAME%", "{env:X}": "{env:…}", "{X}": "{…}", "{{X}}": "{{…}}", "{{ .Values.token }}": "{{…}}", "{input:x}": "{…}",
	} {
		found, is := text.Placeholder(given)
		require.True(t, is, given)
		require.Equal(t, form, found, given)
		require.Contains(t, text.NotToken(given), form)
	}
	for _, value := range []string{"", "$", "${}", "%", "%%", "{}", "a${X}", "$HOME/token", "50%", "%a b%", `{"a":1}`, "https://a", "<a>", "list_*", "$5-x"} {
		_, is := text.Placeholder(value)
		require.False(t, is, value)
	}
}

func TestAddressesWithPlaceholders(t *testing.T) {
	for address, mark := range map[string]string{
		"https://login.example.com/<tenant>/v2.0": "<", "https://a/tenant>": ">", "https://{org}.example.com": "{", "https://a/${TENANT}/b": "{",
		"https://a/%3Ctenant%3E": "%3c", "https://a/%7btenant%7D": "%7b", "https://a/$TENANT/b": "/$", "https://$HOST/b": "/$", "https://a/{{ .tenant }}": "{",
		"https://…/v2.0": "…", "https://.../v2.0": "...",
	} {
		require.Equal(t, mark, text.Unfilled(address), address)
	}
	for _, address := range []string{"", "https://a.example.com:8443/realms/x%20y/", "http://[::1]:80/a?b=$c&d=(e)", "https://a/..", "https://a/~b/@c/b$", "https://a/TENANT-ID"} {
		require.Empty(t, text.Unfilled(address), address)
	}
}

// What is refused as a token names itself, and no real token is refused.
func TestWhatIsNoToken(t *testing.T) {
	for given, says := range map[string]string{
		"<your-token>": "<…>", "<>>": "<…>", "retool_${X}": "placeholder", "Bearer {{X}}": "placeholder",
		"RETOOL_TOKEN=retool_hunter2": "NAME=value", "RETOOL_ACCESS_TOKEN=": "NAME=value", "export RETOOL_TOKEN='hunter2'": "NAME=value",
		"# comment\nRETOOL_URL=https://a\nRETOOL_TOKEN=hunter2\n": "NAME=value", "RETOOL_API_KEY = hunter2": "NAME=value", "token=hunter2": "NAME=value",
		"MY_TOKEN=hunter2": "NAME=value", "$env:RETOOL_TOKEN=\"hunter2\"": "NAME=value", "set TOKEN=hunter2": "NAME=value", "api-key=hunter2": "NAME=value",
		`{"access_token":"hunter2"}`: "JSON", "Bearer hunter2": "header", "authorization: Bearer hunter2": "header",
	} {
		found := text.NotToken(given)
		require.Contains(t, found, says, given)
		require.NotContains(t, found, "hunter2")
	}
	for _, token := range []string{
		"retool_01hw3z5x7k9m", "retool_a=b", "retool_abc==", "QUJD", "QUJDRA==", "QUJDREU=", "AB_CD==", "AB-CD_EF=", "a+b/c==", "=", "A=B", "abc=def", "a=b=c",
		"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "retool_$pecial", "a%20b", "{", "x{y}", "user:pass", "00000000-0000-0000-0000-000000000000", "bearer", "<", "a<b>",
		strings.Repeat("Zm9v", 40) + "==",
	} {
		require.Empty(t, text.NotToken(token), token)
	}
}
