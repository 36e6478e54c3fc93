package e2e_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// A gateway stands before an emulated organization, so that a test can delay, hold
// and refuse requests on their way.
type gateway struct {
	*httptest.Server
	host *sandboxHost
	mu   sync.Mutex
	// on sees each request for the API before it is passed on. It returns true if it
	// has answered it.
	on func(w http.ResponseWriter, r *http.Request) bool
	// writes are the bodies of the requests that create groups, as they came.
	writes []string
}

func openGateway(t testing.TB) *gateway {
	t.Helper()
	g := &gateway{host: openSandboxHost(t)}
	at, err := url.Parse(g.host.url)
	require.NoError(t, err)
	pass := httputil.NewSingleHostReverseProxy(at)
	pass.ErrorLog = log.New(io.Discard, "", 0) // clients leave
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		g.mu.Lock()
		on := g.on
		if createsGroup(r) {
			g.writes = append(g.writes, string(body))
		}
		g.mu.Unlock()
		if on == nil || !on(w, r) {
			pass.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(g.Close)
	return g
}

// set replaces what the gateway does from now on.
func (g *gateway) set(on func(w http.ResponseWriter, r *http.Request) bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.on = on
}

func createsGroup(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/groups")
}

// connect starts a server of scripts behind the gateway.
func (g *gateway) connect(t testing.TB, user *userAnswers, variables ...string) *session {
	t.Helper()
	return connectTo(t, modern, g.environment(t, variables...), user, "--toolsets", "scripts")
}

func (g *gateway) environment(t testing.TB, variables ...string) []string {
	t.Helper()
	return environment(t, append([]string{"RETOOL_URL=" + g.URL, "RETOOL_ACCESS_TOKEN=" + sandboxToken}, variables...)...)
}

// made counts how often an operation was called successfully.
func (g *gateway) made(t testing.TB, operation string) int {
	t.Helper()
	_, body := g.host.get("/api/sandbox")
	var counts struct{ Operations map[string]int }
	require.NoError(t, json.Unmarshal([]byte(body), &counts))
	return counts.Operations[operation]
}

// groups returns which of these groups exist.
func (g *gateway) groups(t testing.TB, names ...string) (exist []string) {
	t.Helper()
	all := each(read[[]group](g.host.connect("", sandboxToken), "list_groups", nil), func(g group) string { return g.Name })
	for _, name := range names {
		for _, other := range all {
			if other == name {
				exist = append(exist, name) // once for each
			}
		}
	}
	return exist
}

// stagedGroup matches the names of groups of these tests in a plan.
var stagedGroup = regexp.MustCompile(`Stage [A-Z]\b`)

// plannedGroups returns the groups that a plan would create, each once.
func plannedGroups(plan string) (names []string) {
	seen := map[string]bool{}
	for _, name := range stagedGroup.FindAllString(plan, -1) {
		if !seen[name] {
			names, seen[name] = append(names, name), true
		}
	}
	return names
}

// createStages is a script that creates what is missing of three groups, one after
// the other.
const createStages = `const have = (await retool.list_groups()).map(g => g.name);
for (const name of ['Stage A', 'Stage B', 'Stage C']) {
  if (!have.includes(name)) { await retool.create_group({name}); await sleep(PAUSE); }
}
return 'all there';`
