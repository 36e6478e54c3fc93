package e2e_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
)

// An echo is a way in which a server can repeat the access token.
type echo struct {
	name string
	// marked says that the result shows where the token was taken out.
	marked bool
	answer func(w http.ResponseWriter, r *http.Request, token string)
}

func saying(status int, contentType, format string, quote func(string) string) func(http.ResponseWriter, *http.Request, string) {
	return func(w http.ResponseWriter, r *http.Request, token string) {
		answering(status, contentType, strings.ReplaceAll(format, "TOKEN", quote(token)))(w, r)
	}
}

// redirecting sends the client to an address that contains the token.
func redirecting(status int, location string) func(http.ResponseWriter, *http.Request, string) {
	return func(w http.ResponseWriter, _ *http.Request, token string) {
		w.Header().Set("Location", strings.ReplaceAll(location, "TOKEN", url.QueryEscape(token)))
		w.WriteHeader(status)
	}
}

// breaking writes bytes that are not HTTP.
func breaking(format string) func(http.ResponseWriter, *http.Request, string) {
	return func(w http.ResponseWriter, _ *http.Request, token string) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = fmt.Fprint(conn, strings.ReplaceAll(format, "TOKEN", token))
	}
}

func asIs(s string) string   { return s }
func inJSON(s string) string { return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) }

// inEscapes writes every character as JSON may escape it.
func inEscapes(s string) (out string) {
	for _, c := range s {
		out += fmt.Sprintf(`\u%04X`, c)
	}
	return out
}

// withInvisible is inJSON with characters that no reader sees.
func withInvisible(s string) string {
	out := ""
	for _, c := range s {
		out += inJSON(string(c)) + "\u200b\U000e0041"
	}
	return out
}

var echoes = []echo{
	{"success", true, saying(200, jsonType, `{"success":true,"data":{"authorization":"Bearer TOKEN","TOKEN":["TOKEN"]},"next_token":"TOKEN","has_more":true}`, inJSON)},
	{"success with a secret that is kept", false, saying(200, jsonType, `{"success":true,"data":{"id":"1","access_token":"TOKEN"}}`, inJSON)},
	{"success in escapes", true, saying(200, jsonType, `{"success":true,"data":{"TOKEN":["TOKEN"]},"next_token":"TOKEN","has_more":true}`, inEscapes)},
	{"success with what is invisible", true, saying(200, jsonType, `{"success":true,"data":{"TOKEN":"TOKEN"},"next_token":"TOKEN","has_more":true}`, withInvisible)},
	{"message in escapes of escapes", true, saying(400, jsonType, `{"success":false,"message":"TOKEN"}`, func(s string) string { return inJSON(inEscapes(s)) })},
	{"message with what is invisible", true, saying(403, jsonType, `{"success":false,"message":"no: TOKEN"}`, withInvisible)},
	{"text with what is invisible", true, saying(200, "text/plain", "no: TOKEN", func(s string) string { return strings.Join(strings.Split(s, ""), "\U000e0041\u200b") })},
	{"where a message with what is invisible is cut", false, saying(500, "text/plain", strings.Repeat("x", 470)+"TOKEN and more", func(s string) string { return strings.Join(strings.Split(s, ""), "\u2060") })},
	{"message", true, saying(400, jsonType, `{"success":false,"message":"no such token: TOKEN"}`, inJSON)},
	{"nested message", true, saying(403, jsonType, `{"error":{"message":"Bearer TOKEN may not"}}`, inJSON)},
	{"failure with success", true, saying(200, jsonType, `{"success":false,"message":"TOKEN"}`, inJSON)},
	{"plain text", true, saying(401, "text/plain", "the token TOKEN is wrong", asIs)},
	{"text as success", true, saying(200, "text/plain", "Bearer TOKEN", asIs)},
	{"where a message is cut", false, saying(500, "text/plain", strings.Repeat("x", 480)+"TOKEN and more", asIs)},
	{"title", true, saying(502, "text/html", `<!DOCTYPE html><title>Gateway of TOKEN</title><p>TOKEN</p>`, html.EscapeString)},
	{"login page", true, saying(200, "text/html", `<html><head><title>TOKEN</title></head><body>TOKEN</body></html>`, html.EscapeString)},
	{"redirect away", false, redirecting(302, "http://elsewhere.invalid/login?token=TOKEN#TOKEN")},
	{"redirect to itself", false, redirecting(302, "/api/v2/login?token=TOKEN")},
	{"redirect without a form", false, redirecting(307, "http://%zz/TOKEN")},
	{"broken JSON", false, saying(200, jsonType, `{"success":true,"data":"TOKEN`, inJSON)},
	{"content type", true, func(w http.ResponseWriter, _ *http.Request, token string) {
		w.Header().Set("Content-Type", "application/octet-stream; token="+token)
		_, _ = w.Write([]byte{0, 1, 2})
	}},
	{"no HTTP", true, breaking("TOKEN\r\n\r\n")},
	{"broken header", true, breaking("HTTP/1.1 200 OK\r\nContent-Length: TOKEN\r\n\r\n")},
	{"other headers", false, func(w http.ResponseWriter, r *http.Request, token string) {
		for _, name := range []string{"X-Token", "Set-Cookie", "Www-Authenticate", "Retry-After"} {
			w.Header().Set(name, token)
		}
		answering(http.StatusTooManyRequests, jsonType, `{"success":false,"message":"slower"}`)(w, r)
	}},
}
