package redact_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/redact"
)

// pointers lead to secrets, whose names do not stand around the value.
var pointers = []string{
	"/password", "password", "/options/database_options/password", "options/database_options/password", "/PASSWORD", "/Options/dbPassword", "/options/X-Api-Key",
	"/credentials", "/credentials/user", "/credentials/0/user", "/credentials/-", "/passwords/0", "/api_keys/-", "/a/token/value",
	"/a~1b~0token", "/a~1password", "/a/pass%77ord", "/p%61sswords/0", "#/options/password", "$.options.password", "options.password", "/options.password", "/a/credentials.user",
	"https://acme.retool.com/api/v2/resources/options/password", "/a/password/", "//password", "/a/password?x=1", "/pass\u200bword", " /password",
	"/headers/0/value", "/headers/0/1", "/data/plain", "/data/plain/deeper/0", "/PLAIN", "/list/3/thing", "/list/-/Thing", "/flagged/value",
}

// harmlessPointers do not.
var harmlessPointers = []string{"", "/", "/name", "/options/host", "/next_token", "/options/value", "/list/3/other", "/thing", "/tags/0", "/headers/1/0", "/user/pass_count"}

var secretsByPath = redact.Rules{Secrets: []redact.SecretPath{{Path: "data.plain"}, {Path: "data.list[].thing"}, {Path: "data.flagged.value", Flag: "secret"}}}

func TestValuesOfPatches(t *testing.T) {
	const canary = "k4n4ry"
	shapes := []string{
		`{"op":"replace","path":%q,"value":"k4n4ry"}`, `{"value":"k4n4ry","path":%q,"op":"add"}`, `{"op":"test","path":%q,"value":"k4n4ry","comment":"k4n4ry"}`,
		`{"OP":"add","Path":%q,"Value":"k4n4ry"}`, `{"path":%q,"value":"k4n4ry"}`, `{"op":"copy","from":%q,"path":"/name","value":"k4n4ry"}`, `{"op":"move","path":"/name","from":%q,"was":"k4n4ry"}`,
		`{"op":"add","path":%q,"value":["k4n4ry",{"a":"k4n4ry"}]}`, `{"op":"add","path":%q,"value":{"user":"k4n4ry","deep":[["k4n4ry"]]}}`,
		`{"op":"test","path":%q,"value":8675309}`,
	}
	for _, pointer := range pointers {
		for _, shape := range shapes {
			given := `{"operations":[` + fmt.Sprintf(strings.ReplaceAll(shape, "%q", "%s"), quoted(pointer)) + `]}`
			got, _ := redacted(t, secretsByPath, given)
			require.NotContains(t, got, canary, given)
			require.NotContains(t, got, "8675309", given)
			require.Contains(t, got, "[redacted: ", given)
		}
	}
	for _, pointer := range harmlessPointers {
		for _, shape := range shapes {
			given := `{"operations":[` + strings.ReplaceAll(shape, "%q", quoted(pointer)) + `]}`
			got, _ := redacted(t, secretsByPath, given)
			require.Equal(t, given, got)
		}
	}
	for given, want := range map[string]string{
		`{"op":"add","path":"/options/password","value":"x"}`:                  `"value":"[redacted: password]"`,
		`{"op":"add","path":"/passwords/0","value":"x"}`:                       `"value":"[redacted: passwords]"`,
		`{"op":"add","path":"/headers/-","value":["X-Api-Key","x"]}`:           `"value":["X-Api-Key","[redacted: X-Api-Key]"]`,
		`{"op":"add","path":"","value":{"plain":"x","name":"y"}}`:              `"value":{"plain":"[redacted: plain]","name":"y"}`,
		`{"op":"add","path":"/list/-","value":{"thing":"x","name":"y"}}`:       `"value":{"thing":"[redacted: thing]","name":"y"}`,
		`{"op":"add","path":"/password","value":"${env:X}"}`:                   `"value":"${env:X}"`,
		`{"op":"add","path":"/database_url","value":"postgres://u:p@h:1/d"}`:   `@h:1/d"`,
		`{"op":"add","path":"/password","value":true}`:                         `"value":true`,
		`{"op":"remove","path":"/password"}`:                                   `{"op":"remove","path":"/password"}`,
		`{"attributeName":"api_token","value":"x"}`:                            `"value":"[redacted: api_token]"`,
		`{"header_name":"Authorization","headerValue":"x","defaultValue":"y"}`: `"headerValue":"[redacted: Authorization]","defaultValue":"[redacted: Authorization]"`,
	} {
		got, _ := redacted(t, secretsByPath, given)
		require.Contains(t, got, want)
	}
	message := redact.New(redact.Rules{}).Message(`cannot apply {"op":"replace","path":"/credentials/user","value":"k4n4ry"}, {"path":"/name","value":"N"} now`)
	require.Equal(t, `cannot apply {"op":"replace","path":"/credentials/user","value":"[redacted: user]"}, {"path":"/name","value":"N"} now`, message)
}

func quoted(s string) string { return `"` + s + `"` }
