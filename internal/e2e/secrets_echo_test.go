package e2e_test

import (
	"html"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"
)

// namedSecrets are the contents of secret files. Each contains characters that
// a step before redaction may change.
var namedSecrets = map[string]string{
	"plain":                "k4n4ry00000yr4n4k",
	"words":                "correct k4n4ry00000yr4n4k battery staple yr4n4k",
	"quotes":               `p"a'k4n4ry00000yr4n4k\yr4n4k"`,
	"lines":                "first k4n4ry00000\nyr4n4k second",
	"lines of Windows":     "first k4n4ry00000\r\nyr4n4k second",
	"tabs":                 "first\tk4n4ry00000yr4n4k",
	"letters of any kind":  "pässwörd k4n4ry00000 漢字 🙂 yr4n4k",
	"what nobody sees":     "k4n4ry0\u200b0000\u2028yr4n4k",
	"signs":                "k4n4ry<&>=;,{}yr4n4k",
	"a url":                "postgres://u:k4n4ry00000yr4n4k@h/db?sslkey=k4n4ry00000yr4n4k",
	"a connection string":  "User=k4n4ry00000yr4n4k;Password=x k4n4ry00000yr4n4k",
	"a key":                "-----BEGIN PRIVATE KEY-----\nk4n4ry00000yr4n4k\n-----END PRIVATE KEY-----",
	"a service account":    `{"type":"service_account","client_email":"k4n4ry00000yr4n4k","private_key":"k4n4ry00000yr4n4k"}`,
	"digits":               "867530900000",
	"spaces at both sides": "  k4n4ry00000yr4n4k  ",
}

// repeating are the ways in which an upstream repeats a secret.
var repeating = []struct {
	name   string
	answer func(secret, quoted string) http.HandlerFunc
}{
	{"a field", inAnswer(`{"id":"i","name":QUOTED}`)},
	{"within a text", inAnswer(`{"id":"i","description":"it is INSIDE now"}`)},
	{"deep in a list", inAnswer(`[{"id":"i","x":{"y":[QUOTED]}},{"id":"j"}]`)},
	{"the name of a field", inAnswer(`{"id":"i",QUOTED:1}`)},
	{"a message", inMessage(http.StatusBadRequest, "it is INSIDE now")},
	{"a message with a name", inMessage(http.StatusBadRequest, "password=INSIDE is too weak")},
	{"a message in quotes", inMessage(http.StatusBadRequest, `\"INSIDE\" is too weak`)},
	{"a success that is none", inMessage(http.StatusOK, "it is INSIDE now")},
	{"a plain text", func(s, _ string) http.HandlerFunc { return answering(502, "text/plain", "it is "+s+" now") }},
	{"a plain text in quotes", func(_, q string) http.HandlerFunc { return answering(502, "text/plain", "it is "+q+" now") }},
	{"a text as a success", func(s, _ string) http.HandlerFunc { return answering(200, "text/plain", "it is "+s+" now") }},
	{"a page", func(s, _ string) http.HandlerFunc {
		return answering(502, "text/html", "<title>it is "+html.EscapeString(s)+" now</title>")
	}},
	{"broken JSON", func(_, q string) http.HandlerFunc { return answering(200, jsonType, `{"name":`+q+`,`) }},
	// Long texts are truncated, possibly within a secret.
	{"a long field", inAnswer(`{"description":"MANY"}`)},
	{"a long list", inAnswer(`{"id":"i","tags":["MANY","MANY"]}`)},
	{"a long message", inMessage(http.StatusBadRequest, "MANY")},
	{"a long success that is none", inMessage(http.StatusOK, "MANY")},
	{"a long plain text", func(s, _ string) http.HandlerFunc { return answering(502, "text/plain", many(s)) }},
	{"a long text as a success", func(s, _ string) http.HandlerFunc { return answering(200, "text/plain", many(s)) }},
	{"long broken JSON", func(_, q string) http.HandlerFunc { return answering(200, jsonType, `{"name":"`+many(q[1:len(q)-1])) }},
}

func inAnswer(data string) func(secret, quoted string) http.HandlerFunc {
	return inserted(http.StatusOK, `{"success":true,"data":`+data+`}`)
}

func inMessage(status int, text string) func(secret, quoted string) http.HandlerFunc {
	return inserted(status, `{"success":false,"message":"`+text+`"}`)
}

func inserted(status int, body string) func(secret, quoted string) http.HandlerFunc {
	return func(_, quoted string) http.HandlerFunc {
		inside := quoted[1 : len(quoted)-1]
		return answering(status, jsonType, strings.NewReplacer("QUOTED", quoted, "INSIDE", inside, "MANY", many(inside)).Replace(body))
	}
}

// shortest is the smallest limit of a result.
const shortest = "RETOOL_MCP_MAX_RESULT_TOKENS=1000"

// quotedInJSON returns a text as Retool writes it in JSON, with the fewest
// escapes.
func quotedInJSON(t testing.TB, text string) string {
	t.Helper()
	quoted, err := jsontext.AppendQuote(nil, text)
	require.NoError(t, err)
	return string(quoted)
}

// many is a text that is hardly truncated outside a secret.
func many(secret string) string { return strings.Repeat(secret+"-", 9000/len(secret)) }

// A referenced secret reaches Retool unchanged and is redacted however Retool
// repeats it. A disguised one, such as base64, is not recognized: there are
// endless ways.
func TestReferencedSecretsAreNotRepeated(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for name, value := range namedSecrets {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(value), 0o600))
	}
	k := openConversation(t, []string{shortest}, "--secret-files", folder+"/")
	n := &canarySet{places: []string{"the secret"}}
	for name, value := range namedSecrets {
		t.Run(name, func(t *testing.T) {
			quoted := quotedInJSON(t, value)
			for _, r := range repeating {
				t.Run(r.name, func(t *testing.T) {
					k.t = t
					h := k.call("create_configuration_variable", secretVariable("${file:"+filepath.Join(folder, name)+"}"), r.answer(value, quoted))
					sent := decodeJSON(t, k.upstream.only(t).body).(object)
					require.Equal(t, value, sent["values"].([]any)[0].(object)["value"])
					n.none(t, "the result", h.all)
				})
			}
		})
	}
	n.none(t, "the log", k.stderr.String())
}

// Errors do not repeat a secret that is an argument itself. A result may repeat
// it: its reader wrote it.
func TestSentSecretsAreNotRepeatedInErrors(t *testing.T) {
	t.Parallel()
	k := openConversation(t, []string{shortest})
	n := &canarySet{places: []string{"the secret"}}
	for name, value := range namedSecrets {
		t.Run(name, func(t *testing.T) {
			quoted := quotedInJSON(t, value)
			for _, r := range repeating {
				t.Run(r.name, func(t *testing.T) {
					k.t = t
					if h := k.call("create_configuration_variable", secretVariable(value), r.answer(value, quoted)); h.Result.IsError {
						n.none(t, "the result", h.all)
					}
				})
			}
		})
	}
	n.none(t, "the log", k.stderr.String())
}

// Invalid arguments are refused without their values.
func TestArgumentErrorsDoNotRepeatSecrets(t *testing.T) {
	t.Parallel()
	k := openConversation(t, nil, "--secret-dir", t.TempDir())
	for _, d := range describedOperations(t) {
		t.Run(d.tool, func(t *testing.T) {
			k.t = t
			n := &canarySet{withoutOpenMaps: true}
			arguments := jsonOf(t, d.secretArguments(t, n))
			for _, secret := range anyCanaryWhole.FindAllString(arguments, -1) {
				for _, wrong := range []string{`{"a":SECRET}`, `[SECRET]`, `[SECRET,SECRET]`, `[[SECRET]]`} {
					misfit := strings.Replace(arguments, `"`+secret+`"`, strings.ReplaceAll(wrong, "SECRET", `"`+secret+`"`), 1)
					n.none(t, wrong, k.call(d.tool, decodeJSON(t, []byte(misfit)), failing(http.StatusBadRequest, "no")).all)
				}
			}
			n.none(t, "an argument that is none", k.call(d.tool, object{"no_such_argument": n.text("an argument that is none")}, good).all)
		})
	}
	require.Empty(t, anyCanary.FindString(k.stderr.String()), "the log")
}
