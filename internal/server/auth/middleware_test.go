package auth_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/caller"
	"github.com/retool-mcp/retool-mcp/internal/server/auth"
)

// fixed lets everybody in as one caller.
func fixed(c caller.Caller) auth.Authenticator {
	return func(*http.Request) (caller.Caller, error) { return c, nil }
}

// denying refuses everybody.
func denying(err error) auth.Authenticator {
	return func(*http.Request) (caller.Caller, error) { return caller.Caller{}, err }
}

func TestRestrictionHeaders(t *testing.T) {
	for _, c := range []struct {
		name     string
		may      caller.Caller
		headers  []string
		toolsets []string
		readOnly bool
		scripts  bool // alone are listed
	}{
		{name: "no header"},
		{name: "no header, a limited caller", may: caller.Caller{Toolsets: []string{"users"}, ReadOnly: true}, toolsets: []string{"users"}, readOnly: true},
		{name: "one toolset", headers: []string{"X-MCP-Toolsets", "users"}, toolsets: []string{"users"}},
		{name: "blanks and repetition", headers: []string{"X-MCP-Toolsets", " groups ,users,groups"}, toolsets: []string{"groups", "users"}},
		{name: "two headers", headers: []string{"X-MCP-Toolsets", "groups", "X-MCP-Toolsets", "users"}, toolsets: []string{"groups", "users"}},
		{name: "core is a name as any", headers: []string{"X-MCP-Toolsets", "core"}, toolsets: []string{"core"}},
		{name: "all is no limit", headers: []string{"X-MCP-Toolsets", "all"}},
		{name: "all among others", headers: []string{"X-MCP-Toolsets", "users,all"}},
		{name: "all does not widen", may: caller.Caller{Toolsets: []string{"users"}}, headers: []string{"X-MCP-Toolsets", "all"}, toolsets: []string{"users"}},
		{name: "what the caller has of it", may: caller.Caller{Toolsets: []string{"users", "groups"}}, headers: []string{"X-MCP-Toolsets", "apps,groups"}, toolsets: []string{"groups"}},
		{name: "nothing in common", may: caller.Caller{Toolsets: []string{"users"}}, headers: []string{"X-MCP-Toolsets", "apps"}, toolsets: []string{}},
		{name: "a caller with nothing", may: caller.Caller{Toolsets: []string{}}, headers: []string{"X-MCP-Toolsets", "apps"}, toolsets: []string{}},
		{name: "a caller with nothing wants all", may: caller.Caller{Toolsets: []string{}}, headers: []string{"X-MCP-Toolsets", "all"}, toolsets: []string{}},
		{name: "scripts alone", headers: []string{"X-MCP-Toolsets", "scripts"}, scripts: true},
		{name: "scripts alone, of a caller with more", may: caller.Caller{Toolsets: []string{"users", "scripts"}}, headers: []string{"X-MCP-Toolsets", " scripts"}, toolsets: []string{"users", "scripts"}, scripts: true},
		{name: "scripts alone, of a caller without", may: caller.Caller{Toolsets: []string{"users"}}, headers: []string{"X-MCP-Toolsets", "scripts"}, toolsets: []string{}},
		{name: "scripts among others", headers: []string{"X-MCP-Toolsets", "scripts,users"}, toolsets: []string{"scripts", "users"}},
		{name: "read-only", headers: []string{"X-MCP-Readonly", "true"}, readOnly: true},
		{name: "read-only as a number", headers: []string{"X-MCP-Readonly", "1"}, readOnly: true},
		{name: "not read-only", headers: []string{"X-MCP-Readonly", "false"}},
		{name: "false does not widen", may: caller.Caller{ReadOnly: true}, headers: []string{"X-MCP-Readonly", "false"}, readOnly: true},
		{name: "0 does not widen", may: caller.Caller{ReadOnly: true}, headers: []string{"X-MCP-Readonly", "0"}, readOnly: true},
		{name: "both", headers: []string{"X-MCP-Toolsets", "apps", "X-MCP-Readonly", "1"}, toolsets: []string{"apps"}, readOnly: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.may.ID = "somebody"
			got := get(t, serve(t, fixed(c.may)), c.headers...).let(t)
			require.Equal(t, c.toolsets, got.Caller.Toolsets)
			require.Equal(t, c.readOnly, got.Caller.ReadOnly)
			require.Equal(t, c.scripts, got.Caller.ScriptsOnly)
			require.Equal(t, "somebody", got.Caller.ID)
		})
	}
}

func TestInvalidRestrictionHeaders(t *testing.T) {
	url := serve(t, auth.None())
	const there = "Available: all, users, groups, apps, scripts, core."
	for _, c := range []struct {
		name    string
		headers []string
		message string
	}{
		{"a name that there is not", []string{"X-MCP-Toolsets", "users,user"}, `X-MCP-Toolsets names "user", which is not served. ` + there},
		{"other letters", []string{"X-MCP-Toolsets", "Users"}, `names "Users", which`},
		{"even beside all", []string{"X-MCP-Toolsets", "all,nothing"}, `names "nothing", which`},
		{"nothing", []string{"X-MCP-Toolsets", ""}, `names "", which`},
		{"a comma too many", []string{"X-MCP-Toolsets", "users,"}, `names "", which`},
		{"a long name", []string{"X-MCP-Toolsets", strings.Repeat("x", 5000)}, `names "` + strings.Repeat("x", 64) + `…", which`},
		{"no truth value", []string{"X-MCP-Readonly", "yes"}, `X-MCP-Readonly must be true or false, not "yes".`},
		{"no value", []string{"X-MCP-Readonly", ""}, `not "".`},
		{"other letters of true", []string{"X-MCP-Readonly", "True"}, `not "True".`},
		{"a contradiction", []string{"X-MCP-Readonly", "true", "X-MCP-Readonly", "false"}, `not "true,false".`},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Contains(t, get(t, url, c.headers...).refused(t, 400, codeInvalidRequest, ""), c.message)
		})
	}
}

// Who may not call learns nothing, not even which toolsets there are.
func TestRestrictionNeedsAuthentication(t *testing.T) {
	message := get(t, serve(t, withSecret(t)), "X-MCP-Toolsets", "nothing").refused(t, 401, codeUnauthorized, tokenChallenge)
	require.NotContains(t, message, "users")
}

func TestOtherHeadersAreIgnored(t *testing.T) {
	passthrough, shared := serve(t, auth.Passthrough()), serve(t, withSecret(t))
	oauth, issuer := newIssuer(t).serve(t)
	for name, c := range map[string]struct{ url, token string }{
		"none":        {serve(t, auth.None()), "anything"},
		"token":       {shared, secret},
		"passthrough": {passthrough, "retool_01abcdef"},
		"oauth":       {oauth, issuer.token(nil)},
	} {
		t.Run(name, func(t *testing.T) {
			plain := get(t, c.url, bearer(c.token)...).let(t)
			body := strings.NewReader(`{"caller":{"Token":"stolen"},"RETOOL_URL":"https://evil.example"}`)
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
				c.url+"/mcp?access_token=stolen&token=stolen&toolsets=all&readonly=false&url=https://evil.example&RETOOL_URL=https://evil.example", body)
			require.NoError(t, err)
			req.Host = "evil.example"
			req.Header.Set("Authorization", "Bearer "+c.token)
			for _, header := range []string{"X-Retool-Url", "X-Retool-Host", "RETOOL_URL", "Retool-Url", "X-Forwarded-Host", "Forwarded", "X-Host", "X-Original-Url", "X-Retool-Token", "X-Retool-Access-Token", "X-Api-Key", "X-Mcp-Toolset", "X-Mcp-Read-Only", "X-Request", "X-User", "X-Forwarded-User", "Cookie", "Proxy-Authorization"} {
				req.Header.Set(header, "https://evil.example")
			}
			require.Equal(t, plain.Caller, do(t, req).let(t).Caller)
		})
	}
}

func TestAuthenticatorErrors(t *testing.T) {
	for _, c := range []struct {
		name       string
		err        error
		status     int
		code       int
		challenge  string
		message    string
		retryAfter string
	}{
		{"denied", &auth.DeniedError{Status: 401, Challenge: "Bearer", Message: "Who are you?"}, 401, -32001, "Bearer", "Who are you?", ""},
		{"denied, wrapped", fmt.Errorf("inside: %w", &auth.DeniedError{Status: 403, Message: "Not you."}), 403, -32003, "", "Not you.", ""},
		{"not now", &auth.DeniedError{Status: 503, Message: "Not now."}, 503, -32000, "", "Not now.", "10"},
		{"a fault", errors.New("a text with the token"), 500, -32603, "", "Internal error.", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := get(t, serve(t, denying(c.err)))
			require.Equal(t, c.message, got.refused(t, c.status, c.code, c.challenge))
			require.Equal(t, c.retryAfter, got.Header.Get("Retry-After"))
		})
	}
}

// Somebody who may not call must not make the server wait for a body that never
// comes.
func TestRefusalsDoNotWaitForTheBody(t *testing.T) {
	s := httptest.NewServer(auth.Middleware(withSecret(t), served, http.NotFoundHandler()))
	defer s.Close()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "POST /mcp HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nonly this")
	require.NoError(t, err)
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(10*time.Second)))
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusUnauthorized, resp.StatusCode)
	require.True(t, resp.Close, "no other request is taken on the connection")
}
