package e2e_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Fields that only sound like a secret are not redacted.
var harmless = []secretPlace{
	{"whether there is one", `{"has_token":true,"has_password":false,"secret":true,"is_secret":false,"password":null,"token":""}`},
	{"that Retool hides one", `{"password":"---encrypted-on-server---"}`},
	{"where tokens come from", `{"token_url":"https://example.com/token","oauth2_access_token_url":"https://example.com","authorization_endpoint":"https://example.com"}`},
	{"pages", `{"next_token":"abc","page_token":"abc","nextToken":"abc","nextPageToken":"abc","continuation_token":"abc"}`},
	{"what is called so in other places", `{"jwt_email_key":"email","jwt_roles_key":"roles","primary_key":"id","sort_key":"name","public_key":"AAAA"}`},
	{"names and ids of secrets", `{"private_key_name":"deploy","private_key_id":"k1","api_key_id":"k1","token_id":"t1","secret_name":"db","token_name":"ci","last4":"a1b2"}`},
	{"numbers about secrets", `{"access_token_lifespan_seconds":3600,"max_tokens":4096,"total_tokens":9,"token_count":3,"password_min_length":12}`},
	{"kinds of secrets", `{"token_type":"bearer","auth_type":"basic","credential_type":"oauth2","two_factor_auth_type":"totp"}`},
	{"rules about secrets", `{"password_policy":{"min":12,"symbols":"yes"},"password_required":"always"}`},
	{"what is forwarded", `{"cookies_to_forward":["session","theme"],"cookie_domain":"example.com","forward_all_cookies":false}`},
	{"words that hold the words", `{"keyword":"a","secretary":"Ann","tokenizer":"b","passport":"c","monkey":"d","spin":"e","compass":"f"}`},
	{"clients", `{"oauth2_client_id":"abc","client_id":"abc","google_client_id":"abc","access_level":"own"}`},
	{"a list of two ways to sign in", `{"methods":["password","sso"],"grants":["token","code"]}`},
	{"a header that is none", `{"rows":[["Accept","application/json"]],"headers":[{"key":"Accept","value":"text/plain"}]}`},
	{"an address", `{"url":"https://example.com:8443/@team/a","site":"mailto:ann@example.com","at":"postgres://h:5432/db"}`},
	{"a url with a user", `{"url":"ssh://git@example.com/a.git"}`},
	{"packages, remotes and images", `{"text":"npm i @types/node@18 npm:a@1.2, org/repo@main, git@github.com:org/repo.git, nginx:1.25@sha256:0123456789, ssh://git@h:22/a"}`},
	{"addresses, times and ratios", `{"text":"mailto:ann@example.com, 12:30@room/5, 3:1, ann@example.com:25/x, https://h/?key=AB-12&code=404&auth=basic, /auth/signup/form"}`},
	{"words about schemes", `{"text":"Basic authentication is off; Bearer authentication is on."}`},
	{"words about keys", `{"text":"Paste what stands between BEGIN PRIVATE KEY and END PRIVATE KEY."}`},
	{"words about secrets", `{"text":"The password is in the vault; ask for a token there."}`},
	{"code", `{"text":"{{ secrets.token }} and {{ user.password ? 1 : 2 }}, await getToken()"}`},
}

func TestHarmlessFieldsAreNotRedacted(t *testing.T) {
	t.Parallel()
	k := openConversation(t, nil)
	for _, p := range harmless {
		t.Run(p.name, func(t *testing.T) {
			k.t = t
			h := k.succeeds("get_user", object{"userId": "user_1"},
				answering(http.StatusOK, jsonType, `{"success":true,"data":{"id":"user_1","metadata":`+p.text+`}}`))
			require.Contains(t, h.text(), p.text)
		})
	}
}

// Error messages of Retool are not redacted beyond their secrets: an agent
// needs the words.
func TestHarmlessMessagesAreNotRedacted(t *testing.T) {
	t.Parallel()
	k := openConversation(t, nil)
	for _, message := range []string{
		missingScope, wrongPlan, noSuchThing, wrongUUID,
		"password: must be at least 12 characters",
		"token is required",
		"secret must be true or false",
		"Unexpected token } in JSON at position 12",
		"Basic authentication is not allowed",
		"Bearer authentication required",
		"invalid field: password_policy",
		`"client_secret" is not allowed`,
		"The operation requires the scope access_tokens:write",
		"data.options.password: Required",
	} {
		t.Run(message, func(t *testing.T) {
			k.t = t
			h := k.call("get_user", object{"userId": "user_1"}, failing(http.StatusBadRequest, message))
			require.Contains(t, strings.ReplaceAll(h.text(), "\n", " "), inJSON(message)) // it is in quotes
		})
	}
}
