package result_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
)

func TestSecretsAreRedacted(t *testing.T) {
	for _, x := range []struct{ item, want string }{
		{`{"key":"K"}`, `{"key":"[redacted: key]"}`}, // the description's word
		{`{"values":[{"value":"V"}],"secret":true}`, `{"values":[{"value":"[redacted: value]"}],"secret":true}`},
		{`{"values":[{"value":"V"}],"secret":false}`, `{"values":[{"value":"V"}],"secret":false}`},
		{`{"values":[{"value":"V"}]}`, `{"values":[{"value":"[redacted: value]"}]}`},
		{`{"o":{"deep":[{"apiKey":"K","n":1}]}}`, `{"o":{"deep":[{"apiKey":"[redacted: apiKey]","n":1}]}}`},
		{`{"password":12345,"pin":true,"token":null,"secret":""}`, `{"password":"[redacted: password]","pin":true,"token":null,"secret":""}`},
		{`{"credentials":{"user":"u","list":["a",{"b":"c"}]}}`, `{"credentials":{"user":"[redacted: user]","list":["[redacted: list]",{"b":"[redacted: b]"}]}}`},
		{`{"name":"FOO","secret":true,"value":"V"}`, `{"name":"FOO","secret":true,"value":"[redacted: secret]"}`},
		{`{"name":"FOO_TOKEN","secret":false,"value":"V"}`, `{"name":"FOO_TOKEN","secret":false,"value":"V"}`},
		{`{"api_keys":["live-token","x"]}`, `{"api_keys":["[redacted: api_keys]","[redacted: api_keys]"]}`},
		{`{"order":["password","sso"]}`, `{"order":["password","sso"]}`},
		{`{"text":"Server=h;Password=pa,ss;User=u"}`, `{"text":"Server=h;Password=[redacted: Password];User=[redacted: User]"}`},
		{`{"text":"https://x/?api_key=abc&b=1"}`, `{"text":"https://x/?api_key=[redacted: api_key]&b=1"}`},
		{`{"invite_link":"https://x/?token=abc"}`, `{"invite_link":"[redacted: invite_link]"}`},
		{`{"text":"Basic authentication is off, Bearer authentication required; password: must be at least 12 characters"}`, `{"text":"Basic authentication is off, Bearer authentication required; password: must be at least 12 characters"}`},
		{`{"text":"https://host:8443/users/me@example.com"}`, `{"text":"https://host:8443/users/me@example.com"}`},
		{`{"headers":[{"key":"Authorization","value":"X"},{"key":"Accept","value":"*"}]}`, `{"headers":[{"key":"Authorization","value":"[redacted: Authorization]"},{"key":"Accept","value":"*"}]}`},
		{`{"headers":[["X-Api-Key","X"],["Accept","*"]]}`, `{"headers":[["X-Api-Key","[redacted: X-Api-Key]"],["Accept","*"]]}`},
		{`{"url":"postgres://u:pw@h:5432/db?x=1"}`, `{"url":"postgres://[redacted: user and password]@h:5432/db?x=1"}`},
		{`{"text":"key -----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY----- end"}`, `{"text":"key [redacted: private key] end"}`},
		{`{"text":"curl -H 'Authorization: Bearer abcdefgh123'"}`, `{"text":"curl -H 'Authorization: [redacted: Authorization]'"}`},
		{`{"text":"retool_01abcdefghijklmnopqrstuv"}`, `{"text":"[redacted: access token]"}`},
		{`{"password":"---encrypted-on-server---"}`, `{"password":"---encrypted-on-server---"}`},
		{`{"token_url":"https://x/t","next_token":"n","jwt_email_key":"email","has_token":true}`, `{"token_url":"https://x/t","next_token":"n","jwt_email_key":"email","has_token":true}`},
	} {
		r := result.Render(call(t, "list_users", `{"format":"json"}`), answer(`{"data":[`+x.item+`],"has_more":false}`), result.Options{})
		require.JSONEq(t, `{"data":[`+x.want+`],"has_more":false}`, beforeNotes(r.Text), x.item)
		shown := result.Render(call(t, "list_users", `{"format":"json"}`), answer(`{"data":[`+x.item+`],"has_more":false}`), result.Options{Reveal: true})
		require.JSONEq(t, `{"data":[`+x.item+`],"has_more":false}`, beforeNotes(shown.Text), x.item)
	}
}

// What went out as a secret does not come back in an error, and neither does what
// looks like one.
func TestErrorsHoldNoSecrets(t *testing.T) {
	c := call(t, "replace_user", `{"userId":"u","password":"hunter2secret","name":"plainname"}`)
	for _, message := range []string{
		`Invalid password: hunter2secret`, `value "hunter2secret" is too short`, `login failed for postgres://u:hunter2secret@h/db`,
		`password=otherSECRET99 refused`, `{"api_key":"otherSECRET99"}`, `Authorization: Bearer otherSECRET99`, `header 'X-Api-Key': 'otherSECRET99'`,
	} {
		for _, err := range []error{
			&retool.StatusError{Status: http.StatusBadRequest, Message: message}, &retool.StatusError{Status: 502, HTML: true, Message: message},
			&retool.StatusError{Status: 500, Plain: true, Message: message},
		} {
			text := result.Failure(c, err, result.Options{}).Text
			require.NotContains(t, text, "hunter2")
			require.NotContains(t, text, "otherSECRET99", message)
			require.Contains(t, text, "[redacted: ", message)
		}
	}
	plain := result.Failure(c, &retool.StatusError{Status: 400, Message: `Forbidden: API token is missing one of "apps:read"; key: 'email', name: "plainname"`}, result.Options{})
	require.Contains(t, plain.Text, `API token is missing one of \"apps:read\"; key: 'email', name: \"plainname\"`)
	failed := result.Render(c, answer(`{"success":false,"message":"no hunter2secret here","password":"x"}`), result.Options{})
	require.NotContains(t, failed.Text, "hunter2")
	broken := result.Render(c, answer(`{"password":"otherSECRET99","x":`), result.Options{})
	require.NotContains(t, broken.Text, "otherSECRET99")
	long := result.Failure(c, &retool.StatusError{Status: 400, Message: string(make([]byte, 20_000))}, result.Options{})
	require.Less(t, len(long.Text), 9000)
}

func TestSentSecretsAreRedacted(t *testing.T) {
	o := result.Options{SentSecrets: []string{"x\"y,z\u200b!", "abc"}}
	r := result.Render(call(t, "list_users", `{}`), answer(`{"data":[{"id":"x\"y,z!","email":"<x\"y,z\u200b!> abc"}],"has_more":false}`), o)
	require.Equal(t, "# 1 row; no more\nid,email\n[redacted: argument],<[redacted: argument]> abc", r.Text)
	o.Reveal = true
	r = result.Render(call(t, "list_users", `{}`), answer(`{"data":[{"id":"x\"y,z!","x\"y,z!":"b","token":"shown"}],"has_more":false}`), o)
	require.Equal(t, "# 1 row; no more\nid,\"\"\"[redacted: argument]\"\"\",token\n[redacted: argument],b,shown", r.Text, "where others are shown")
	o.Reveal = false
	o.SentSecrets = []string{"correct horse battery"}
	failed := result.Failure(call(t, "get_user", `{"userId":"u"}`), &retool.StatusError{Status: 400, Plain: true, Message: "no: correct horse"}, o)
	require.NotContains(t, failed.Text, "correct", "a message that was cut")
}
