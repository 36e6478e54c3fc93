package retool_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/retool"
)

// What frameworks and gateways put beside a message, or in its place.
func TestReasons(t *testing.T) {
	for name, x := range map[string]struct{ body, want string }{
		"message alone":             {`{"success":false,"message":"bad name"}`, "bad name"},
		"error alone":               {`{"error":"gone"}`, "gone"},
		"nested":                    {`{"error":{"message":"bad name","code":7}}`, "bad name"},
		"status text beside":        {`{"message":"bad name","error":"Bad Request","statusCode":400}`, "bad name"},
		"another error beside":      {`{"message":"Validation failed","error":"name is required"}`, "Validation failed: name is required"},
		"list as message":           {`{"message":["name must be a string","id must be a uuid"],"error":"Bad Request"}`, "name must be a string; id must be a uuid"},
		"objects as message":        {`{"message":[{"path":["a",0],"message":"Required"}]}`, "a.0: Required"},
		"object as message":         {`{"message":{"message":"inner"}}`, "inner"},
		"errors, texts":             {`{"message":"Invalid.","errors":["a","b","a"]}`, "Invalid: a; b"},
		"errors, objects":           {`{"message":"Invalid","errors":[{"field":"name","message":"too short"},{"param":"id","msg":"Invalid value"}]}`, "Invalid: name: too short; id: Invalid value"},
		"errors by field":           {`{"message":"Invalid","errors":{"name":["too short","taken"],"id":"unknown"}}`, "Invalid: id: unknown; name: too short, taken"},
		"issues":                    {`{"error":"ZodError","issues":[{"code":"invalid_type","path":["options","port"],"message":"Expected number"}]}`, "ZodError: options.port: Expected number"},
		"details, text":             {`{"message":"Conflict","details":"a user has this email"}`, "Conflict: a user has this email"},
		"details in the error":      {`{"error":{"message":"Invalid","details":[{"reason":"x","field":"f","message":"m"}]}}`, "Invalid: f: m"},
		"errors in the error":       {`{"error":{"message":"Invalid","errors":["a"]}}`, "Invalid: a"},
		"OAuth":                     {`{"error":"invalid_token","error_description":"The token expired"}`, "invalid_token: The token expired"},
		"problem+json":              {`{"type":"about:blank","title":"Out of credit","detail":"Balance is 30","status":403}`, "Balance is 30"},
		"JSON:API":                  {`{"errors":[{"title":"Invalid","detail":"too short","source":{"pointer":"/data/name"}}]}`, "/data/name: too short"},
		"FastAPI":                   {`{"detail":[{"loc":["body","name"],"msg":"field required"}]}`, "body.name: field required"},
		"GraphQL":                   {`{"errors":[{"message":"Cannot query field","path":["user"]}]}`, "user: Cannot query field"},
		"repeated in the message":   {`{"message":"name: too short","errors":{"name":"too short"}}`, "name: too short"},
		"line ends":                 {`{"message":"Invalid","errors":["a\nb"]}`, "Invalid: a b"},
		"numbers":                   {`{"message":"Invalid","details":[17,true]}`, "Invalid: 17; true"},
		"half an emoji":             {`{"message":"bad \ud83d","errors":["\udc00"]}`, "bad \ufffd: \ufffd"},
		"nothing said":              {`{"success":false,"code":7}`, ""},
		"empty":                     {`{"message":"","errors":[],"details":{}}`, ""},
		"not an object":             {`["a"]`, ""},
		"not JSON":                  {`{"message":`, ""},
		"too deep":                  {`{"errors":` + strings.Repeat(`[`, 50) + `"x"` + strings.Repeat(`]`, 50) + `}`, ""},
		"errors that are no object": {`{"message":"m","error":null,"errors":null,"details":false}`, "m: false"},
	} {
		require.Equal(t, x.want, retool.Reason([]byte(x.body), []byte(x.body)), name)
	}
}

func TestReasonsAreBounded(t *testing.T) {
	many := `{"message":"Invalid","errors":[` + strings.Repeat(`"0123456789é",`, 5000) + `"last"]}`
	require.Equal(t, "Invalid: 0123456789é", retool.Reason([]byte(many), []byte(many)))
	var distinct strings.Builder
	for i := range 5000 {
		distinct.WriteString(`"` + strings.Repeat("é", i%40+1) + string(rune('a'+i%26)) + `",`)
	}
	long := []byte(`{"message":"Invalid","errors":[` + distinct.String() + `"last"]}`)
	said := retool.Reason(long, long)
	require.Less(t, len(said), 2100)
	require.True(t, strings.HasSuffix(said, "…"), said[len(said)-20:])
	large := []byte(`{"message":"` + strings.Repeat("x", 300<<10) + `"}`)
	require.Empty(t, retool.Reason(large, large))
}

// Reasons lose the names that say what is secret, so secrets are redacted before.
func TestReasonsHoldNoSecrets(t *testing.T) {
	const pair = `{"name":"Authorization","value":"hunter2hunter2"}`
	for name, body := range map[string]string{
		"beside a message":        `{"message":"Invalid","errors":[` + pair + `]}`,
		"as a message":            `{"message":[` + pair + `]}`,
		"as a message in a error": `{"error":{"message":[` + pair + `]}}`,
		"as a message's message":  `{"message":{"message":[{"password":"hunter2hunter2"}]}}`,
		"by field":                `{"message":"Invalid","errors":{"password":"hunter2hunter2"}}`,
		"too deep to read":        `{"message":"Invalid","errors":[` + pair + `],"a":` + strings.Repeat("[", 1500) + strings.Repeat("]", 1500) + `}`,
	} {
		server := answering(t, 400, jsonType, body)
		_, err := newClient(t, server.URL).Do(t.Context(), get("/users"))
		if name == "too deep to read" { // it stays JSON, in which results redact by name
			require.Contains(t, statusError(t, err).Message, `"name":"Authorization"`)
			continue
		}
		require.NotContains(t, err.Error(), "hunter2", name)
		require.Contains(t, err.Error(), "[redacted: ", name)
	}
}
