package cli_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/cli"
	"github.com/retool-mcp/retool-mcp/internal/sandbox"
	"github.com/retool-mcp/retool-mcp/internal/testprocess"
)

// TestDoctorProcess is no test: it is the program, in a process of its own, whose
// variables for proxies and certificates count. Both are read once in a process.
func TestDoctorProcess(t *testing.T) {
	if os.Getenv("DOCTOR_PROCESS") == "" {
		t.Skip("it is for the other tests of the command doctor")
	}
	_, args, _ := strings.Cut(strings.Join(os.Args, "\n"), "\n--\n")
	os.Exit(cli.Main(strings.Split(args, "\n"), cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}

// allChecks are the names of all checks, in the order in which they are printed.
var allChecks = []string{"settings", "proxy", "dns", "connect", "tls", "health", "clock", "token", "scopes", "document", "tools", "files", "clients"}

type check struct {
	Instance, Name, Status, Found, Remedy string
	Notes                                 []string
	Scopes                                struct {
		Found, Lacking, Assumed []string
		Unknown                 map[string]string
		Suggest                 string
	}
}

type examination struct {
	code      int
	out, errs string
	checks    map[string]check
	home      string
}

// secrets must be in nothing that is printed.
var secretsOfDoctor = []string{goodToken, "hunter2", "retool_01literal"}

const goodToken = "retool_01doctor0123456789"

// runDoctor runs the program with a home of its own and nothing but the given
// variables.
func runDoctor(t testing.TB, home string, variables []string, args ...string) (code int, out, errs string) {
	t.Helper()
	env := append([]string{"DOCTOR_PROCESS=1", "HOME=" + home, "XDG_CACHE_HOME=" + filepath.Join(home, "cache")}, variables...)
	cmd := testprocess.Command(t, env, append([]string{"-test.run=^TestDoctorProcess$", "--"}, args...)...)
	cmd.Dir = t.TempDir()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	exit, ended := errors.AsType[*exec.ExitError](err)
	require.True(t, err == nil || ended, "%v", err)
	if ended {
		code = exit.ExitCode()
	}
	for _, secret := range secretsOfDoctor {
		require.NotContains(t, stdout.String()+stderr.String(), secret)
	}
	return code, stdout.String(), stderr.String()
}

// diagnose runs doctor --json with variables, and reads what it prints.
func diagnose(t testing.TB, variables ...string) examination {
	t.Helper()
	return diagnoseAt(t, t.TempDir(), variables)
}

func diagnoseAt(t testing.TB, home string, variables []string, args ...string) examination {
	t.Helper()
	e := examination{home: home, checks: map[string]check{}}
	e.code, e.out, e.errs = runDoctor(t, home, variables, append([]string{"doctor", "--json"}, args...)...)
	require.Empty(t, e.errs)
	var list []check
	require.NoError(t, json.Unmarshal([]byte(e.out), &list), e.out)
	var names []string
	failed := 0
	for _, c := range list {
		names = append(names, c.Name)
		e.checks[c.Name] = c
		require.Contains(t, []string{"ok", "warn", "fail", "skip"}, c.Status)
		require.NotEmpty(t, c.Found)
		require.NotContains(t, c.Found+c.Remedy, "\n")
		if c.Status == "fail" {
			failed = 1
		}
		require.Equal(t, c.Status == "fail" || c.Status == "warn", c.Remedy != "", "%s: %s", c.Name, c.Found)
	}
	require.Equal(t, allChecks, names)
	require.Equal(t, failed, e.code)
	return e
}

// is asserts how a check ended, and what it says.
func (e examination) is(t testing.TB, name, status string, says ...string) {
	t.Helper()
	c := e.checks[name]
	require.Equal(t, status, c.Status, "%s: %s", name, c.Found)
	for _, text := range says {
		require.Contains(t, c.Found+"\n"+c.Remedy, text, name)
	}
}

// emulated is an emulated organization behind a handler of the test's own. What
// reaches it is held to the law: only reads.
type emulated struct {
	box  *sandbox.Sandbox
	mu   sync.Mutex
	seen []string
}

func newEmulated(t testing.TB, scopes ...string) *emulated {
	t.Helper()
	box, err := sandbox.New(sandbox.Options{Tokens: []sandbox.Token{{Secret: goodToken, Scopes: scopes, All: len(scopes) == 0}}})
	require.NoError(t, err)
	e := &emulated{box: box}
	t.Cleanup(func() {
		for _, request := range e.requests() {
			require.Regexp(t, "^(GET|HEAD) ", request)
		}
		require.NoError(t, box.Close())
	})
	return e
}

func (e *emulated) requests() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.seen)
}

func (e *emulated) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	e.seen = append(e.seen, r.Method+" "+r.URL.Path)
	e.mu.Unlock()
	e.box.ServeHTTP(w, r)
}

// serveHTTP serves a handler on this machine, and returns its address.
func serveHTTP(t testing.TB, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// to are the variables that name an instance.
func to(address string, more ...string) []string {
	return append([]string{"RETOOL_URL=" + address, "RETOOL_ACCESS_TOKEN=" + goodToken}, more...)
}
