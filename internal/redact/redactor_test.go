package redact_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/redact"
)

// redacted returns what the rules make of JSON.
func redacted(t *testing.T, rules redact.Rules, json string) (string, jsonvalue.Value) {
	t.Helper()
	v, err := jsonvalue.Parse([]byte(json))
	require.NoError(t, err)
	redact.New(rules).Redact(&v)
	json = v.JSON()
	return json, v
}

func TestRulesOfAnOperation(t *testing.T) {
	rules := redact.Rules{
		Secrets: []redact.SecretPath{{Path: "data[].values[].thing", Flag: "hidden"}, {Path: "data.plain"}},
		Shown:   []string{"data.invite_link", "data.link.url"},
		Sent:    []string{"s3nt-value", "987654"},
	}
	for _, x := range []struct{ given, want string }{
		{`{"data":{"plain":"x"}}`, `{"data":{"plain":"[redacted: plain]"}}`},
		{`{"plain":"x","other":{"plain":"x"}}`, `{"plain":"[redacted: plain]","other":{"plain":"x"}}`}, // without the envelope
		{`[{"values":[{"thing":1}]}]`, `[{"values":[{"thing":"[redacted: thing]"}]}]`},
		{`{"data":[{"hidden":false,"values":[{"thing":"a"}]},{"hidden":true,"values":[{"thing":"a"}]}]}`, `{"data":[{"hidden":false,"values":[{"thing":"a"}]},{"hidden":true,"values":[{"thing":"[redacted: thing]"}]}]}`},
		{`{"data":[{"hidden":true,"values":[{"hidden":false,"thing":"a"}]}]}`, `{"data":[{"hidden":true,"values":[{"hidden":false,"thing":"a"}]}]}`}, // the nearest flag counts
		{`{"a":"is s3nt-value","n":987654,"987654":1,"m":98765}`, `{"a":"is [redacted: argument]","n":"[redacted: argument]","[redacted: argument]":1,"m":98765}`},
		{`{"data":{"plain":"${env:X}","password":"${file:/x}"}}`, `{"data":{"plain":"${env:X}","password":"${file:/x}"}}`},
		{`{"data":{"plain":"a ${env:X}"}}`, `{"data":{"plain":"[redacted: plain]"}}`},
		{`{"pass\u200bword":"x","key\u200b":"X-Api-Key","va\u200blue":"y"}`, `{"pass\u200bword":"[redacted: pass` + "\u200b" + `word]","key\u200b":"X-Api-Key","va\u200blue":"[redacted: X-Api-Key]"}`},
		{`{"text":"api_key=a\u200bbcdefgh1"}`, `{"text":"api_key=[redacted: api_key]"}`},
		{`{"text":"api\u200b_key=abcdefgh1"}`, `{"text":"[redacted: text with invisible characters]"}`},
		{`{"text":"in\u200bvisible"}`, `{"text":"in\u200bvisible"}`},
		{`{"name":"FOO_TOKEN","secret":false,"value":"V"}`, `{"name":"FOO_TOKEN","secret":false,"value":"V"}`},
		{`["X-Api-Key","value"]`, `["X-Api-Key","value"]`}, // only pairs in a list are headers
		{`[["X-Api-Key","value"]]`, `[["X-Api-Key","[redacted: X-Api-Key]"]]`},
		{`[["X-Api-Key","value",true],["X-Api-Key","value","more"]]`, `[["X-Api-Key","[redacted: X-Api-Key]",true],["X-Api-Key","value","more"]]`},
		{`{"key":"X-Api-Key","value":["a"],"values":{"b":"c"}}`, `{"key":"X-Api-Key","value":["[redacted: X-Api-Key]"],"values":{"b":"c"}}`},
		{`[{"invite_link":"https://x/?token=abcdefgh1","links":"https://x/?token=abcdefgh1"}]`, `[{"invite_link":"[redacted: invite_link]","links":"https://x/?token=[redacted: token]"}]`},
		{`{"data":{"link":{"password":"x","url":"https://x/?token=abcdefgh1"},"invite_link":"https://x/?token=abcdefgh1","other":[{"invite_link":"https://x/abcdefgh1"}]}}`, `{"data":{"link":{"password":"[redacted: password]","url":"https://x/?token=abcdefgh1"},"invite_link":"https://x/?token=abcdefgh1","other":[{"invite_link":"[redacted: invite_link]"}]}}`},
		{`[{"a":"x","token":"y"},{"token":"y","a":"x"},{"a":"x"}]`, `[{"a":"x","token":"[redacted: token]"},{"token":"[redacted: token]","a":"x"},{"a":"x"}]`},
	} {
		got, _ := redacted(t, rules, x.given)
		require.Equal(t, strings.ReplaceAll(x.want, "\u200b", `\u200b`), got, x.given)
	}
	shown, _ := redacted(t, redact.Rules{Sent: []string{"s3nt-value"}, Reveal: true}, `{"password":"x","a":"s3nt-value","n":"api_key=abcdefgh1"}`)
	require.Equal(t, `{"password":"x","a":"[redacted: argument]","n":"api_key=abcdefgh1"}`, shown)
}

func TestTextThatPeopleWrote(t *testing.T) {
	rules := redact.Rules{Untrusted: []string{"data[].name", "data[].more"}}
	for json, want := range map[string]bool{
		`{"data":[{"name":"x"}]}`: true, `[{"name":"x"}]`: true, `{"data":[{"name":""}]}`: false, `{"data":[{"id":"x"}]}`: false, `{"data":[{"name":5}]}`: false,
		`{"data":[{"more":{"any":1}}]}`: true, `{"data":[{"more":{}}]}`: false, `{"data":[{"more":["x"]}]}`: true, `{"data":[{"more":{"password":"x"}}]}`: true,
	} {
		_, v := redacted(t, rules, json)
		require.Equal(t, want, v.HasUntrusted(), json)
	}
	_, v := redacted(t, redact.Rules{Untrusted: []string{redact.AllUntrusted}}, `{"password":"x","n":1}`)
	require.False(t, v.HasUntrusted(), "a marker is ours")
}

func TestSecretsInTexts(t *testing.T) {
	r := redact.New(redact.Rules{Sent: []string{"first-sent-secret"}})
	for given, want := range map[string]string{
		"https://abc@host/x":                      "https://abc@host/x", // a user
		"https://abcdefghij0123456@host/x":        "https://[redacted: token]@host/x",
		"https://u:pw@host:80/x@y":                "https://[redacted: user and password]@y", // to the last @: rather too much
		"user:pw@tcp(host)":                       "[redacted: user and password]@tcp(host)",
		"Basic authentication, Bearer abcdefgh1":  "Basic authentication, Bearer [redacted: token]",
		"<password>x</password><name>y</name>":    "<password>[redacted: password]</password><name>y</name>",
		"AKIAABCDEFGHIJKLMNOP":                    "[redacted: access key id]",
		"xoxb-1234567890-abc sk_live_abcdefghij1": "[redacted: token] [redacted: token]",
		`token: abcdefgh1 "x"`:                    `token: [redacted: token] "x"`,
		`{"key":"password","value":"x"`:           `{"key":"password","value":"[redacted: password]"…`, // cut off
		`say {"key":"password"}, {"value":"x"}`:   `say {"key":"password"}, {"value":"x"}`,             // another object
		`say {"key":"password","value":"x"}`:      `say {"key":"password","value":"[redacted: password]"}`,
		`password=\"a\\\"b\" c`:                   `password=\"[redacted: password]\" c`,
		`password: must be long`:                  `password: must be long`,
		"no first-sent":                           "no [redacted: argument]",
		"no first-sent-secret, first-sent-se":     "no [redacted: argument], [redacted: argument]",
		"a\u200bb\x1b\xff":                        "ab\ufffd",
	} {
		require.Equal(t, want, r.Message(given), given)
	}
	require.Equal(t, "password=x1y2z3w4", redact.New(redact.Rules{Reveal: true}).Message("password=x1y2z3w4"))
}

func TestMarkers(t *testing.T) {
	for _, text := range []string{redact.Marker("x"), "a ---encrypted-on-server--- b", "__RETOOL_ENCRYPTED_JSON__abc"} {
		require.True(t, redact.HasMarker(text), text)
	}
	for given, want := range map[string]string{
		`{"[access token]":"x","my_[access token]":5}`:                                    `{"[access token]":"[redacted: access token]","my_[access token]":"[redacted: my_access token]"}`,
		`{"key":"[access token]","value":"x"}`:                                            `{"key":"[access token]","value":"[redacted: access token]"}`,
		`[["[access token]","x"]]`:                                                        `[["[access token]","[redacted: access token]"]]`,
		`{"a":"key=\"[access token]\" value=x"}`:                                          `{"a":"key=\"[access token]\" value=[redacted: access token]"}`,
		`{"a":"[access token]=x","password":"[access token]","b":"token=[access token]"}`: `{"a":"[access token]=[redacted: token]","password":"[redacted: password]","b":"token=[access token]"}`,
	} {
		got, _ := redacted(t, redact.Rules{}, given)
		require.Equal(t, want, got, "no marker in a marker")
	}
	require.False(t, redact.HasMarker("redacted, encrypted on server"))
}

func TestLongNames(t *testing.T) {
	require.True(t, redact.SecretName(strings.Repeat("a", redact.MaxName)+"_password"), "the last words count")
	require.False(t, redact.SecretName(strings.Repeat("a ", redact.MaxName)+"password"), "that is prose")
}

func TestAccessToken(t *testing.T) {
	token := redact.NewAccessToken(`to/k "en`)
	for _, form := range []string{`to/k "en`, `to%2Fk%20%22en`, `to%2Fk+%22en`, `to/k \"en`} {
		require.Equal(t, "a [access token] b", token.Text("a "+form+" b"), form)
		require.Equal(t, "a [access token] b", string(token.Body([]byte("a "+form+" b"))), form)
	}
	short := redact.NewAccessToken("short")
	require.Equal(t, "a short b", string(short.Body([]byte("a short b"))), "it may be any word of the data")
	require.Equal(t, "a [access token] b", short.Text("a short b"))
	require.Equal(t, "text", redact.NewAccessToken("").Text("text"))
}
