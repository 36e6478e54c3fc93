package e2e_test

import (
	"net/http"
	"strings"
	"testing"
)

// A secretPlace is a text with a secret; CANARY stands for it.
type secretPlace struct{ name, text string }

// Names of secret fields in objects without a schema.
var secretNames = []secretPlace{
	{"plain", `{"password":"CANARY"}`},
	{"short", `{"pass":"CANARY","db_pass":"CANARY"}`},
	{"in one word", `{"dbpassword":"CANARY","encryptionkey":"CANARY","masterkey":"CANARY"}`},
	{"in capitals", `{"DATABASE_PASSWORD":"CANARY","APIKEY":"CANARY","SECRET":"CANARY"}`},
	{"in two styles", `{"X-Api-Key":"CANARY","githubPat":"CANARY","oauth2.client.secret":"CANARY"}`},
	{"many", `{"passwords":["CANARY"],"access_tokens":{"a":"CANARY"},"api_keys":["CANARY"],"credentials":["CANARY"]}`},
	{"counted", `{"password2":"CANARY","api_key_2":"CANARY","token1":"CANARY"}`},
	{"with more behind", `{"password_confirmation":"CANARY","secret_key_base":"CANARY","token_value":"CANARY"}`},
	{"of keys", `{"session_key":"CANARY","hmac_key":"CANARY","subscription_key":"CANARY","signing_key":"CANARY"}`},
	{"of sessions", `{"set-cookie":"CANARY","session_token":"CANARY","jwt":"CANARY"}`},
	{"of connections", `{"dsn":"CANARY","connectionString":"CANARY","DATABASE_URL":"CANARY"}`},
	{"very long", `{"` + strings.Repeat("a_", 60) + `password":"CANARY"}`},
	{"with characters that nobody sees", `{"pass\u200bword":"CANARY","\u202etoken":"CANARY"}`},
	{"of all that is inside", `{"credentials":{"a":["CANARY",{"b":[["CANARY"]]}]},"secret":{"c":{"d":"CANARY"}}}`},
}

// Pairs of name and value, as headers, parameters and forms have them.
var secretPairs = []secretPlace{
	{"key and value", `{"x":[{"key":"X-Api-Key","value":"CANARY"},{"header":"Authorization","value":"CANARY"}]}`},
	{"an id and a name", `{"x":{"key":"k1","name":"Authorization","value":"CANARY"}}`},
	{"in capitals", `{"x":{"Key":"Authorization","Value":"CANARY"}}`},
	{"a field", `{"x":{"field":"password","value":"CANARY"}}`},
	{"a label", `{"x":{"label":"Password","value":"CANARY"}}`},
	{"a variable", `{"x":{"variable":"DB_PASSWORD","value":"CANARY"}}`},
	{"several values", `{"x":{"name":"X-Api-Key","values":["CANARY"]}}`},
	{"a default", `{"x":{"name":"api_key","type":"string","default":"CANARY"}}`},
	{"a list of two", `{"x":[["Authorization","CANARY"],["password",["CANARY"]]]}`},
	{"a list of three", `{"x":[["X-Api-Key","CANARY",true]]}`},
	// Names and values in turn, ["X-Api-Key", …], are not promised: a flat list of
	// ways to sign in, ["password", "sso"], looks the same, and its words are of use.
	{"no pair, but two secrets", `{"api_keys":["CANARYtoken","CANARY"]}`},
	{"marked as secret", `{"x":{"name":"FOO","value":"CANARY","secret":true}}`},
}

// Texts in responses and messages.
var secretTexts = []secretPlace{
	{"a header", `X-Api-Key: CANARY`},
	{"a header with its scheme", `Authorization: Token CANARY`},
	{"a header in capitals", `AUTHORIZATION: BEARER CANARY`},
	{"a header with two spaces", `Authorization: Bearer  CANARY`},
	{"a cookie", `Cookie: session=CANARY; theme=dark`},
	{"an assignment", `password=CANARY`},
	{"an assignment in quotes", `password="a b CANARY"`},
	{"an assignment behind a colon", `password: CANARY`},
	{"a variable", `export API_KEY=CANARY`},
	{"an option", `psql --password=CANARY`},
	{"a connection string", `Server=h;User Id=u;Password=CANARY;Timeout=3`},
	{"a connection string of JDBC", `jdbc:postgresql://h/db?user=u&password=CANARY`},
	{"a query", `https://api.example.com/v1?api_key=CANARY&page=2`},
	{"a url", `postgres://u:CANARY@h:5432/db`},
	{"a url without a user", `redis://:CANARY@h:6379/0`},
	{"a url with an odd password", `postgres://u:p@CANARY@h/db`},
	{"a url with a slash in the password", `postgres://u:p/CANARY@h/db`},
	{"a url with a token alone", `https://CANARY@github.com/a/b`},
	{"an address of MySQL", `u:CANARY@tcp(h:3306)/db`},
	{"an address of MySQL with a space", `u:p CANARY@tcp(h:3306)/db`},
	{"a socket of MySQL", `u:CANARY@unix(/s)/db`},
	{"an address of Oracle", `jdbc:oracle:thin:u/CANARY@h:1521:sid`},
	{"a url with a quote in the password", `https://u:p"CANARY@h/db`},
	{"a connection string of libpq with a space", `user=u password=pass CANARY host=h`},
	{"a connection string of ODBC with braces", `DRIVER={x};PWD={a};CANARY}`},
	{"a connection string in a URL", `mssql+pyodbc:///?odbc_connect=DRIVER%3Dx%3BPWD%3DCANARY`},
	{"a signed URL", `https://h/b?X-Amz-Signature=CANARY`},
	{"an invite", `https://x/auth/signup/CANARY`},
	{"JSON", `{"a":{"password":"CANARY"}}`},
	{"JSON with spaces", `{"api_key" : "CANARY"}`},
	{"JSON behind words", `invalid body: {"password":"CANARY"}`},
	{"JSON behind another name", `body: "password":"CANARY"`},
	{"JSON with a list", `{"password":["CANARY"]}`},
	{"JSON with a phrase", `{"password":"my CANARY phrase"}`},
	{"JSON in JSON", `{"body":"{\"password\":\"CANARY\"}"}`},
	{"JSON with a pair", `{"key":"Authorization","value":"CANARY"}`},
	{"JSON in single quotes", `{'password': 'CANARY'}`},
	{"XML", `<password>CANARY</password>`},
	{"a key", "-----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY-----"},
	{"a key with its name", "private_key=-----BEGIN RSA PRIVATE KEY-----\nCANARY\n-----END RSA PRIVATE KEY-----"},
	{"a key in JSON", `{"private_key":"-----BEGIN RSA PRIVATE KEY-----\nCANARY\n-----END RSA PRIVATE KEY-----"}`},
	{"a key that is cut", "-----BEGIN OPENSSH PRIVATE KEY-----\nCANARY"},
	{"a key of PGP", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nCANARY\n-----END PGP PRIVATE KEY BLOCK-----"},
	{"a name with characters that nobody sees", "pass\u200bword=CANARY"},
	{"a scheme with characters that nobody sees", "Bea\u200brer CANARY"},
}

// Secrets in responses without a schema are redacted.
func TestSecretsInAnyFormAreRedacted(t *testing.T) {
	t.Parallel()
	k := openConversation(t, nil)
	for kind, places := range map[string][]secretPlace{"name": secretNames, "pair": secretPairs} {
		for _, p := range places {
			t.Run(kind+", "+p.name, func(t *testing.T) {
				k.requireHidden(t, p.text, func(text string) http.HandlerFunc {
					return answering(http.StatusOK, jsonType, `{"success":true,"data":{"id":"user_1","metadata":`+text+`}}`)
				})
			})
		}
	}
	for _, p := range secretTexts {
		t.Run("text, "+p.name, func(t *testing.T) {
			k.requireHidden(t, p.text, func(text string) http.HandlerFunc {
				return answeringJSON(t, object{"success": true, "data": object{"id": "user_1", "metadata": object{"note": text}}})
			})
		})
	}
}

// Secrets in error messages are redacted.
func TestSecretsInErrorsInAnyFormAreRedacted(t *testing.T) {
	t.Parallel()
	k := openConversation(t, nil)
	bodies := map[string]func(text string) http.HandlerFunc{
		"a message": func(text string) http.HandlerFunc {
			return answering(http.StatusBadRequest, jsonType, `{"success":false,"message":"no: `+inOneLine(text)+`"}`)
		},
		"a plain text": func(text string) http.HandlerFunc { return answering(http.StatusBadGateway, "text/plain", text) },
		"a success that is none": func(text string) http.HandlerFunc {
			return answering(http.StatusOK, jsonType, `{"success":false,"message":"`+inOneLine(text)+`"}`)
		},
	}
	for _, p := range secretTexts {
		for kind, answer := range bodies {
			t.Run(kind+", "+p.name, func(t *testing.T) {
				t.Parallel()
				openConversation(t, nil).requireHidden(t, p.text, answer) // a process of its own, since failures are retried
			})
		}
	}
	for _, p := range append(secretPairs, secretNames...) {
		t.Run("JSON of a form of its own, "+p.name, func(t *testing.T) {
			k.requireHidden(t, p.text, func(text string) http.HandlerFunc {
				return answering(http.StatusBadRequest, jsonType, `{"success":false,"errors":[`+text+`]}`)
			})
		})
	}
	t.Run("a content type", func(t *testing.T) {
		k.requireHidden(t, "application/octet-stream; password=CANARY", func(text string) http.HandlerFunc {
			return answering(http.StatusOK, text, "\x00\x01")
		})
	})
	t.Run("UTF-16", func(t *testing.T) {
		k.requireHidden(t, `{"password":"CANARY"`, func(text string) http.HandlerFunc {
			return answering(http.StatusBadRequest, jsonType, strings.Join(strings.Split(text, ""), "\x00"))
		})
	})
}

// requireHidden calls a tool whose response contains secrets and requires that
// none is in the result or the log.
func (k *conversation) requireHidden(t *testing.T, text string, answer func(text string) http.HandlerFunc) {
	t.Helper()
	k.t = t
	n := &canarySet{}
	for strings.Contains(text, "CANARY") {
		text = strings.Replace(text, "CANARY", n.text(text), 1)
	}
	h := k.call("get_user", object{"userId": "user_1"}, answer(text))
	n.none(t, "the result", h.all)
	n.none(t, "the log", k.stderr.String())
}
