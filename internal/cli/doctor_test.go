package cli_test

import (
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

// served is what the doctor says of the embedded catalog.
var served = fmt.Sprintf("%d tools served", len(embedded.Catalog().Tools))

func TestDoctorAllGood(t *testing.T) {
	t.Parallel()
	instance := newEmulated(t)
	address := serveHTTP(t, instance)
	e := diagnose(t, to(address)...)
	require.Zero(t, e.code)
	e.is(t, "settings", "ok", address+"/api/v2", "RETOOL_URL", "RETOOL_ACCESS_TOKEN")
	e.is(t, "proxy", "ok", "none")
	e.is(t, "dns", "skip", "127.0.0.1")
	e.is(t, "connect", "ok", strings.TrimPrefix(address, "http://"))
	e.is(t, "tls", "skip", "http")
	e.is(t, "health", "ok", "Retool 4.0.0")
	e.is(t, "clock", "ok")
	e.is(t, "token", "ok")
	e.is(t, "scopes", "ok", "20 found, 0 lacking")
	e.is(t, "document", "ok", "embedded", "API 4.0.0", filepath.Join(e.home, "cache", "retool-mcp"))
	e.is(t, "tools", "ok", served)
	e.is(t, "files", "skip")
	e.is(t, "clients", "ok", "no configuration file")
	require.Len(t, instance.requests(), 23, "health, one for each scope, and one that shows nothing new")
	require.NoDirExists(t, filepath.Join(e.home, "cache"), "nothing stays behind")
}

// One line for each check, and below it what else there is to say.
func TestDoctorForPeople(t *testing.T) {
	t.Parallel()
	address := serveHTTP(t, newEmulated(t, "users:read", "groups:read"))
	code, out, errs := runDoctor(t, t.TempDir(), to(address), "doctor")
	require.Zero(t, code, errs)
	require.Empty(t, errs)
	var names []string
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "      ") {
			continue
		}
		fields := strings.Fields(line)
		require.Contains(t, []string{"ok", "warn", "skip"}, fields[0], line)
		names = append(names, fields[1])
	}
	require.Equal(t, allChecks, names)
	require.Contains(t, out, "\nok    health    Retool 4.0.0\n")
	require.Contains(t, out, "\n      suggested: --scopes groups:read,users:read\n")
	require.Contains(t, out, "\n      unknown, assumed: groups:write,")
	require.Contains(t, out, "\nwarn  tools     "+served+": the token allows 10, ")
	require.Contains(t, out, "\n      remedy: set --scopes (RETOOL_MCP_SCOPES) to the token's scopes, ")
}

// A token with two scopes: these are found and no others, and what is suggested
// can be used as it stands.
func TestDoctorFindsScopes(t *testing.T) {
	t.Parallel()
	address := serveHTTP(t, newEmulated(t, "users:read", "groups:read"))
	e := diagnose(t, to(address)...)
	e.is(t, "token", "ok")
	scopes := e.checks["scopes"].Scopes
	require.Equal(t, []string{"groups:read", "users:read"}, scopes.Found)
	require.Contains(t, scopes.Lacking, "apps:read")
	require.Contains(t, scopes.Lacking, "apps:write", "it would include to read")
	require.Contains(t, scopes.Assumed, "groups:write")
	require.Contains(t, scopes.Assumed, "source_control:releases_write")
	require.NotContains(t, slices.Concat(scopes.Found, scopes.Lacking, scopes.Assumed), "user_attributes:read")
	e.is(t, "tools", "warn", served+": the token allows 10")

	again := diagnoseAt(t, t.TempDir(), to(address), strings.Fields(scopes.Suggest)...)
	again.is(t, "tools", "ok", "10 tools served: the token allows 10")

	written := diagnose(t, to(serveHTTP(t, newEmulated(t, "users:write")))...)
	require.Equal(t, []string{"users:read"}, written.checks["scopes"].Scopes.Found, "write includes read")
	require.Contains(t, written.checks["scopes"].Scopes.Assumed, "users:write")

	wrong := diagnose(t, to(address, "RETOOL_MCP_SCOPES=users:read,apps:read")...)
	wrong.is(t, "scopes", "warn", "includes apps:read, which the token lacks")
}

func TestDoctorOnTheSandbox(t *testing.T) {
	t.Parallel()
	e := diagnoseAt(t, t.TempDir(), nil, "--sandbox")
	require.Zero(t, e.code)
	for _, name := range []string{"proxy", "dns", "connect", "tls", "clock"} {
		e.is(t, name, "skip", "the sandbox is in this process")
	}
	e.is(t, "health", "ok", "Retool 4.0.0")
	e.is(t, "token", "ok")
	e.is(t, "scopes", "ok", "20 found")
	e.is(t, "document", "ok", "embedded")
}

// Wherever the way to the instance ends, one check says so with what to do, and
// those behind it are not made.
func TestDoctorWhereTheWayEnds(t *testing.T) {
	t.Parallel()
	closed, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, closed.Close())
	page := serveHTTP(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!doctype html><title>Sign in</title>"))
	}))
	login := serveHTTP(t, http.RedirectHandler("https://login.example.com/?from=hunter2", http.StatusFound))
	silent := serveHTTP(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	elsewhere := serveHTTP(t, http.NotFoundHandler())
	broken := serveHTTP(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }))
	genuine := serveHTTP(t, newEmulated(t))
	slow := serveHTTP(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	for name, c := range map[string]struct {
		variables []string
		check     string
		says      []string
		skipped   []string
	}{
		"no such host": {to("https://nothing.invalid"), "dns", []string{"nothing.invalid"}, []string{"connect", "tls", "health", "clock", "token", "scopes"}},
		"closed port":  {to("http://" + closed.Addr().String()), "connect", []string{closed.Addr().String(), "container"}, []string{"tls", "health", "clock", "token", "scopes"}},
		"no socket": {
			to("http://retool", "RETOOL_UNIX_SOCKET_PATH=/nowhere/retool.sock"), "connect",
			[]string{"/nowhere/retool.sock", "RETOOL_UNIX_SOCKET_PATH"},
			[]string{"dns", "health", "token"},
		},
		"plain HTTP on TLS":    {to(strings.Replace(genuine, "http:", "https:", 1)), "tls", []string{"speaks HTTP without TLS", "http://"}, []string{"health", "clock", "token", "scopes"}},
		"login page":           {to(page), "health", []string{"web page"}, []string{"scopes"}},
		"login page, token":    {to(page), "token", []string{"no API of Retool", "Sign in"}, []string{"scopes"}},
		"redirect":             {to(login), "health", []string{"redirected to https://login.example.com"}, []string{"scopes"}},
		"no answer":            {to(silent), "health", []string{"no response"}, []string{"clock", "token", "scopes"}},
		"no answer in time":    {to(slow, "RETOOL_MCP_TIMEOUT=700ms"), "health", []string{"within 700ms"}, []string{"clock", "token", "scopes"}},
		"another server":       {to(elsewhere), "token", []string{"there is no API of Retool", "404"}, []string{"scopes"}},
		"a broken gateway":     {to(broken), "health", []string{"502"}, nil},
		"no token":             {[]string{"RETOOL_URL=" + genuine}, "token", []string{"RETOOL_ACCESS_TOKEN_FILE", "Settings > API"}, []string{"scopes"}},
		"a wrong token":        {[]string{"RETOOL_URL=" + genuine, "RETOOL_TOKEN=retool_01hunter2"}, "token", []string{"401", "organization or space"}, []string{"scopes"}},
		"no document":          {to(genuine, "RETOOL_MCP_SPEC=/nowhere/spec.yaml"), "document", []string{"/nowhere/spec.yaml", "RETOOL_MCP_SPEC"}, []string{"tools"}},
		"a document of secret": {to(genuine, "RETOOL_MCP_SPEC=http://u:hunter2@"+closed.Addr().String()+"/spec?key=hunter2"), "document", []string{closed.Addr().String()}, []string{"tools"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := diagnose(t, c.variables...)
			require.Equal(t, 1, e.code)
			e.is(t, c.check, "fail", c.says...)
			for _, skipped := range c.skipped {
				e.is(t, skipped, "skip")
			}
		})
	}
}

func TestDoctorComparesClocks(t *testing.T) {
	t.Parallel()
	for offset, want := range map[time.Duration][2]string{
		-10 * time.Second: {"ok", "ahead of"},
		-2 * time.Minute:  {"warn", "2m"},
		10 * time.Minute:  {"fail", "behind"},
	} {
		instance := newEmulated(t)
		address := serveHTTP(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := httptest.NewRecorder()
			instance.ServeHTTP(answer, r)
			answer.Header().Del("X-Emulated-Time")
			answer.Header().Set("Date", time.Now().Add(offset).UTC().Format(http.TimeFormat))
			maps.Copy(w.Header(), answer.Header())
			w.WriteHeader(answer.Code)
			_, _ = answer.Body.WriteTo(w)
		}))
		diagnose(t, to(address)...).is(t, "clock", want[0], want[1])
	}
}

// The document that is kept of the instance is told from the embedded one.
func TestDoctorOnTheDocument(t *testing.T) {
	t.Parallel()
	address, home := serveHTTP(t, newEmulated(t)), t.TempDir()
	live := diagnoseAt(t, home, to(address, "RETOOL_MCP_SPEC=live"))
	live.is(t, "document", "ok", "fetched at every start")
	keepDocument(t, home, address)
	kept := diagnoseAt(t, home, to(address))
	kept.is(t, "document", "ok", "the instance's own document, API 4.0.0, fetched just now, last requested just now", "files in the cache")
	other := diagnoseAt(t, home, to(serveHTTP(t, newEmulated(t))))
	other.is(t, "document", "ok", "embedded", "is not cached")

	blocked := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(blocked, "cache"), nil, 0o600))
	diagnoseAt(t, blocked, to(address)).is(t, "document", "warn", "cannot be written", "XDG_CACHE_HOME")
}

// Settings that contradict each other end it as they end every command.
func TestDoctorWithWrongSettings(t *testing.T) {
	t.Parallel()
	for _, variables := range [][]string{
		{"RETOOL_URL=https://a", "RETOOL_HOST=b"},
		{"RETOOL_URL=ftp://a"},
		{"RETOOL_MCP_TOOLSETS=grups"},
		{"RETOOL_MCP_SCOPES=users:raed"},
		{"RETOOL_MCP_SANDBOX=1", "RETOOL_TOKEN=x"},
		{"RETOOL_MCP_SECRET_DIR=/nowhere"},
	} {
		code, out, errs := runDoctor(t, t.TempDir(), variables, "doctor", "--json")
		require.Equal(t, 2, code, variables)
		require.Empty(t, out)
		require.Equal(t, 1, strings.Count(errs, "\n"), errs)
	}
}
