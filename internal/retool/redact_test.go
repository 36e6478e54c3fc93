package retool_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/retool"
)

// requireClean fails if err or one of its causes contains the token.
func requireClean(t *testing.T, err error, token string) {
	t.Helper()
	for ; err != nil; err = errors.Unwrap(err) {
		for _, format := range []string{"%v", "%+v", "%#v"} {
			require.NotContains(t, fmt.Sprintf(format, err), token)
		}
	}
}

func TestTokenIsRedactedInResponses(t *testing.T) {
	const odd = `retool/ "odd" + token`
	quoted, err := json.Marshal(odd)
	require.NoError(t, err)
	tests := map[string]struct{ token, body, want string }{
		"verbatim":         {canary, `{"a":"` + canary + `","b":"Bearer ` + canary + `"}`, `{"a":"[access token]","b":"Bearer [access token]"}`},
		"absent":           {canary, `{"a":"retool_01"}`, `{"a":"retool_01"}`},
		"escaped for JSON": {odd, `{"a":` + string(quoted) + `}`, `{"a":"[access token]"}`},
		"in a path":        {odd, url.PathEscape(odd), `[access token]`},
		"in a query":       {odd, url.QueryEscape(odd), `[access token]`},
		"too short to be sure, so the data stays": {"success", `{"success":true}`, `{"success":true}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := answering(t, 200, jsonType, test.body)
			client := newClient(t, server.URL, func(o *retool.Options) { o.Token = test.token })
			answer, err := client.Do(t.Context(), get("/users"))
			require.NoError(t, err)
			require.Equal(t, test.want, string(answer.Body))
		})
	}
	t.Run("in the content type", func(t *testing.T) {
		server := answering(t, 200, "text/"+canary, "{}")
		answer, err := newClient(t, server.URL).Do(t.Context(), get("/users"))
		require.NoError(t, err)
		require.Equal(t, "text/[access token]", answer.ContentType)
	})
}

func TestTokenIsRedactedInErrors(t *testing.T) {
	respond := func(status int, contentType, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	filler := strings.Repeat(".", 480) // puts the token across the cut at 500 bytes
	for _, token := range []string{canary, "qz%7x"} {
		tests := map[string]http.HandlerFunc{
			"message":             respond(403, jsonType, `{"message":"token `+token+` lacks a scope"}`),
			"message in disguise": respond(403, jsonType, `{"message":"token \u00`+fmt.Sprintf("%x", token[0])+token[1:]+` lacks a scope"}`),
			"text":                respond(500, "text/plain", token+" is bad"),
			"text across the cut": respond(500, "text/plain", filler+token+" is bad"),
			"title":               respond(502, htmlType, "<title>"+token+"</title>"),
			"title in disguise":   respond(502, htmlType, fmt.Sprintf("<title>&#%d;%s</title>", token[0], token[1:])),
			"login page":          respond(200, htmlType, "<html><title>"+token+"</title>"),
			"redirect": func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", "https://"+url.PathEscape(token)+".example.com/?t="+token)
				w.WriteHeader(http.StatusFound)
			},
			"protocol error": func(w http.ResponseWriter, _ *http.Request) { sendRaw(t, w, "Bearer "+token+"\r\n\r\n") },
			"bad header": func(w http.ResponseWriter, _ *http.Request) {
				sendRaw(t, w, "HTTP/1.1 200 OK\r\nBearer "+token+"\r\n\r\n")
			},
		}
		for name, handler := range tests {
			t.Run(token+" "+name, func(t *testing.T) {
				server := serve(t, handler)
				client := newClient(t, server.URL, func(o *retool.Options) { o.Token = token })
				_, err := client.Do(t.Context(), get("/users"))
				require.Error(t, err)
				requireClean(t, err, token)
				requireClean(t, err, token[:len(token)/2+1])
			})
		}
	}
}

func TestTokenInAddressIsRedacted(t *testing.T) {
	_, err := newClient(t, "https://"+canary).Do(t.Context(), get("/users"))
	transportError(t, err, retool.DNS)
	requireClean(t, err, canary)
}

func TestRedactedMessageKeepsItsRest(t *testing.T) {
	server := answering(t, 401, jsonType, `{"message":"token `+canary+` is not valid"}`)
	_, err := newClient(t, server.URL).Do(t.Context(), get("/users"))
	require.Equal(t, "token [access token] is not valid", statusError(t, err).Message)
}

func TestTokenInReasonsIsRedactedBeforeTheyAreCut(t *testing.T) {
	for _, form := range []string{canary, strings.ToUpper(canary), strings.ReplaceAll(canary, "r", `\u0072`), strings.ReplaceAll(canary, "_", "&#95;"), url.QueryEscape(canary + " ")} {
		for length := 2000 - len(form) - 4; length <= 2000; length += 3 {
			for _, body := range []map[string]any{
				{"message": "no", "errors": []string{strings.Repeat("A", length), form + " more"}},
				{"errors": map[string]any{"a": strings.Repeat("A", length) + form}},
				{"error": strings.Repeat("A", length) + form, "detail": "more"},
			} {
				written, err := json.Marshal(body)
				require.NoError(t, err)
				server := answering(t, 400, jsonType, string(written))
				_, err = newClient(t, server.URL).Do(t.Context(), get("/users"))
				requireClean(t, err, form[:len(form)/3])
				server.Close()
			}
		}
	}
}
