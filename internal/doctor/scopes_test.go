package doctor_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/doctor"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

const missing = `Forbidden: API token is missing one of \"x:read\" or one of \"mcp:admin\"`

// answering responds to some paths of the API with their own handler.
func answering(others http.HandlerFunc, own map[string]http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if answer, ok := own[strings.TrimPrefix(r.URL.Path, "/api/v2")]; ok {
			answer(w, r)
			return
		}
		others(w, r)
	}
}

// The status and the message of a response show what it means for a scope.
func TestScopeOutcomes(t *testing.T) {
	page := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(status)
			_, _ = w.Write([]byte("<!doctype html><title>Cannot GET</title>"))
		}
	}
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		found  bool
		lacks  bool
		reason string
	}{
		"an answer":            {answer: fine, found: true},
		"nothing there":        {answer: says(404, "Settings not found"), found: true},
		"something wrong":      {answer: says(400, "Invalid query"), found: true},
		"a scope missing":      {answer: says(403, missing), lacks: true},
		"not on this plan":     {answer: says(403, "this API endpoint is not available on your plan"), reason: "plan does not include GET /groups"},
		"forbidden otherwise":  {answer: says(403, "Your address is not allowed"), reason: "status 403, Your address is not allowed"},
		"no such path":         {answer: page(404), reason: "the instance does not have GET /groups"},
		"a page":               {answer: page(200), reason: "the instance does not have GET /groups"},
		"a failure":            {answer: says(500, "Oops"), reason: "status 500, Oops"},
		"no answer":            {answer: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, reason: "no response to GET /groups"},
		"the token on the way": {answer: says(500, "Bearer "+token), reason: "Bearer [access token]"},
	} {
		t.Run(name, func(t *testing.T) {
			i := newInstance(t, answering(fine, map[string]http.HandlerFunc{"/groups": c.answer}))
			scopes := examine(t, i)["scopes"].Scopes
			require.NotNil(t, scopes)
			require.Equal(t, c.found, slices.Contains(scopes.Found, "groups:read"))
			require.Equal(t, c.lacks, slices.Contains(scopes.Lacking, "groups:read"))
			require.Equal(t, c.lacks, slices.Contains(scopes.Lacking, "groups:write"), "write includes read, and is otherwise not known")
			require.Equal(t, !c.lacks, slices.Contains(scopes.Assumed, "groups:write"))
			require.Contains(t, scopes.Unknown["groups:read"], c.reason)
		})
	}
}

// Every scope that a tool needs is in exactly one list.
func TestScopes(t *testing.T) {
	i := newInstance(t, answering(says(403, missing), map[string]http.HandlerFunc{"/users": fine, "/user_attributes": fine, "/usage/organizations": fine}))
	checks := examine(t, i, func(o *doctor.Options) { o.Scopes = []string{"users:read", "apps:read"} })
	s := checks["scopes"].Scopes
	all := slices.Concat(s.Found, s.Lacking, s.Assumed)
	for scope := range s.Unknown {
		all = append(all, scope)
	}
	slices.Sort(all)
	require.Equal(t, embedded.Catalog().Scopes(), all)
	require.Equal(t, []string{"users:read"}, s.Found)
	require.Equal(t, "--scopes users:read", s.Suggest)
	require.Equal(t, "the token has at least one of usage, usage:organization, usage:spaces, usage:license", s.Unknown["usage:spaces"])
	require.NotEmpty(t, s.Unknown["user_attributes:read"], "users:read is enough for that read")
	require.Equal(t, []string{"source_control:releases_write", "source_control:test_deploy", "user_attributes:write", "users:write"}, s.Assumed)
	require.Equal(t, doctor.Warn, checks["scopes"].Status)
	require.Contains(t, checks["scopes"].Remedy, "includes apps:read, which the token lacks")

	require.Contains(t, checks["scopes"].Notes, "suggested: --scopes users:read")
	require.Contains(t, strings.Join(checks["scopes"].Notes, "\n"), "unknown, assumed: source_control:releases_write,")
	require.Equal(t, doctor.Warn, checks["tools"].Status)
	require.Contains(t, checks["tools"].Remedy, "--scopes")
	require.Contains(t, checks["tools"].Notes, "toolsets without an allowed tool: groups, permissions, apps, resources, environments, workflows, spaces")
}

// If a token lacks all but one of the alternatives, it has that one.
func TestAlternativeScopesByElimination(t *testing.T) {
	i := newInstance(t, answering(says(403, missing), map[string]http.HandlerFunc{"/user_attributes": fine}))
	require.Equal(t, []string{"user_attributes:read"}, examine(t, i)["scopes"].Scopes.Found)
}

// A token without scopes is valid but useless.
func TestTokenWithoutScopes(t *testing.T) {
	checks := examine(t, newInstance(t, says(403, missing)))
	require.Equal(t, doctor.OK, checks["token"].Status)
	require.Equal(t, doctor.Warn, checks["scopes"].Status)
	require.Empty(t, checks["scopes"].Scopes.Suggest)
	require.Contains(t, checks["scopes"].Remedy, "Settings > API")
}

// The rate limit and missing responses end the check. It sends at most four
// concurrent reads.
func TestReadsStopEarly(t *testing.T) {
	limited := newInstance(t, says(429, "Too many requests"))
	checks := examine(t, limited)
	require.Equal(t, doctor.Warn, checks["token"].Status)
	require.Equal(t, doctor.Warn, checks["scopes"].Status)
	require.Contains(t, checks["scopes"].Remedy, "the rate limit was reached")
	require.Len(t, limited.requests(), 2, "health, and one read that was refused: %s", limited.requests())

	later := newInstance(t, answering(says(429, "Too many requests"), map[string]http.HandlerFunc{"/apps": fine}))
	require.Equal(t, []string{"apps:read"}, examine(t, later)["scopes"].Scopes.Found)
	require.LessOrEqual(t, len(later.requests()), 2+5)

	slow := newInstance(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v2/apps" {
			<-r.Context().Done()
			return
		}
		fine(w, r)
	})
	checks = examine(t, slow, func(o *doctor.Options) { o.Timeout = time.Second })
	require.Contains(t, checks["scopes"].Remedy, "did not respond")
	require.LessOrEqual(t, len(slow.requests()), 12)

	busy := newInstance(t, func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(10 * time.Millisecond)
		fine(w, r)
	})
	examine(t, busy)
	require.LessOrEqual(t, busy.most, 4)
	require.Len(t, slices.Compact(slices.Sorted(slices.Values(busy.requests()))), len(busy.requests()), "no read is repeated")
}

// Lists are limited to one item where possible, and responses with secrets are
// avoided.
func TestReadsAreHarmless(t *testing.T) {
	i := newInstance(t, fine)
	examine(t, i)
	for _, want := range []string{"GET /api/v2/apps?limit=1", "GET /api/v2/users?limit=1", "GET /api/v2/folders", "GET /api/v2/spaces", "GET /api/v2/source_control/settings"} {
		require.Contains(t, i.requests(), want)
	}
	for _, never := range []string{"GET /api/v2/source_control/config", "GET /api/v2/source_control/test_connection", "GET /api/v2/sso/config"} {
		require.NotContains(t, i.requests(), never)
	}
}

// Only the beginning of a long response is read.
func TestLongResponsesAreNotRead(t *testing.T) {
	i := newInstance(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v2/folders" {
			fine(w, r)
			return
		}
		_, _ = w.Write([]byte(`{"data":["`))
		for r.Context().Err() == nil {
			if _, err := w.Write([]byte(strings.Repeat("x", 1<<16))); err != nil {
				return
			}
		}
	})
	require.Contains(t, examine(t, i)["scopes"].Scopes.Found, "folders:read")
}

// A server that is not Retool's API accepts no token, whatever it responds.
func TestAnotherServerIsNotTheAPI(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"a page":               responding(http.StatusOK, "text/html", "<!doctype html><title>Log in</title>"),
		"a redirect to a page": redirected,
		"a redirect elsewhere": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://login.invalid/", http.StatusFound)
		},
		"JSON":                  responding(http.StatusOK, "application/json", `{"status":"ok"}`),
		"a list":                responding(http.StatusOK, "application/json", `[]`),
		"text":                  responding(http.StatusOK, "text/plain", "OK"),
		"nothing":               responding(http.StatusNoContent, "", ""),
		"a JSON 404":            responding(http.StatusNotFound, "application/json", `{"message":"Not Found"}`),
		"a 404 without a route": says(http.StatusNotFound, "Route not found"),
		"a failure under 200":   says(http.StatusOK, "Invalid token"),
		"a JSON 404 page":       responding(http.StatusNotFound, "text/html", `{"error":"Not Found"}`),
	} {
		t.Run(name, func(t *testing.T) {
			checks := examine(t, newInstance(t, answer))
			require.Equal(t, doctor.Fail, checks["token"].Status, checks["token"].Found)
			require.Equal(t, doctor.Skip, checks["scopes"].Status, checks["scopes"].Found)
		})
	}
}

func responding(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func redirected(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/login" {
		responding(http.StatusOK, "text/html", "<!doctype html><title>Log in</title>")(w, r)
		return
	}
	http.Redirect(w, r, "/login", http.StatusFound)
}
