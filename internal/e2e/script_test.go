package e2e_test

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"
)

// TestScripts runs testdata/script: what an operator types, and what must come
// out. Beside the commands of testscript, they use
//
//	refuse [NAME=value...] args...   the program exits with 2, one line on standard
//	                                 error, and nothing on standard output
//	refuse-each [NAME=value...] args the same for serve, tools and call
//	fails args...                    the program exits with 1, and prints nothing on
//	                                 standard output
//	says 'text'                      that line is the text, after "retool-mcp: "
//	requests 'text'...               the instance at $INSTANCE got these requests,
//	                                 with the good token, since the last look
//
// Each script starts with the embedded document's small sibling in $SMALL, an
// instance that answers {"data":1}, its token in $TOKEN and in the file $TOKENFILE,
// an address in use in $BUSY, and no settings.
func TestScripts(t *testing.T) {
	t.Parallel()
	small := smallDocument(t)
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		Setup:               func(env *testscript.Env) error { return prepareScript(env, small) },
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"refuse":      func(ts *testscript.TestScript, _ bool, args []string) { refuse(ts, args) },
			"refuse-each": refuseEach,
			"fails":       fails,
			"says":        says,
			"requests":    requests,
		},
	})
}

// instanceKey is where a script keeps its instance.
type instanceKey struct{}

// recorder is an instance that remembers requests.
type recorder struct {
	mu   sync.Mutex
	seen []string
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	line := strings.TrimSpace(req.Method + " " + req.URL.RequestURI() + " " + string(body))
	if req.Header.Get("Authorization") != "Bearer "+testToken {
		line += " without the token"
	}
	r.mu.Lock()
	r.seen = append(r.seen, line)
	r.mu.Unlock()
	w.Header().Set("Content-Type", jsonType)
	_, _ = io.WriteString(w, `{"success":true,"data":1}`)
}

func (r *recorder) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	seen := r.seen
	r.seen = nil
	return seen
}

func prepareScript(env *testscript.Env, small string) error {
	instance := &recorder{}
	server := httptest.NewServer(instance)
	env.Defer(server.Close)
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	env.Defer(func() { busy.Close() })
	token := filepath.Join(env.WorkDir, "token")
	env.Values[instanceKey{}] = instance
	home := filepath.Join(env.WorkDir, "home")
	env.Vars = []string{
		"PATH=" + filepath.Dir(binary), "HOME=" + home, "XDG_CACHE_HOME=" + filepath.Join(home, "cache"), "WORK=" + env.WorkDir,
		"GOCOVERDIR=" + os.Getenv("GOCOVERDIR"), "RETOOL_MCP_REQUESTS_PER_MINUTE=0", "SMALL=" + small, "TOOLS=" + strconv.Itoa(toolsByDefaultCount),
		"INSTANCE=" + server.URL, "HOST=" + strings.TrimPrefix(server.URL, "http://"), "TOKEN=" + testToken, "TOKENFILE=" + token, "BUSY=" + busy.Addr().String(),
	}
	return os.WriteFile(token, []byte(testToken+"\n"), 0o600)
}

// refuse runs the program, which must give up before it begins, and returns what
// it says.
func refuse(ts *testscript.TestScript, args []string) string {
	restore := map[string]string{}
	for len(args) > 0 && strings.Contains(args[0], "=") && !strings.HasPrefix(args[0], "-") {
		name, value, _ := strings.Cut(args[0], "=")
		restore[name] = ts.Getenv(name)
		ts.Setenv(name, value)
		args = args[1:]
	}
	err := ts.Exec(filepath.Base(binary), args...)
	for name, value := range restore {
		ts.Setenv(name, value)
	}
	exit, ok := errors.AsType[*exec.ExitError](err)
	stderr := ts.ReadFile("stderr")
	if !ok || exit.ExitCode() != 2 || ts.ReadFile("stdout") != "" || strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, "retool-mcp: ") {
		ts.Fatalf("%v: want the exit code 2 and one line on standard error: %v", args, err)
	}
	return stderr
}

func refuseEach(ts *testscript.TestScript, _ bool, args []string) {
	said := ""
	for _, command := range [][]string{{"serve"}, {"tools"}, {"call", "list_users"}} {
		text := refuse(ts, append(slices.Clone(args), command...))
		if text != cmp.Or(said, text) {
			ts.Fatalf("%v says %q, and not %q", command, text, said)
		}
		said = text
	}
}

func fails(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(filepath.Base(binary), args...)
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 1 || ts.ReadFile("stdout") != "" {
		ts.Fatalf("%v: want the exit code 1 and nothing on standard output: %v", args, err)
	}
}

func says(ts *testscript.TestScript, neg bool, args []string) {
	expand := strings.NewReplacer("$WORK", ts.Getenv("WORK"), "$BUSY", ts.Getenv("BUSY"))
	want := "retool-mcp: " + expand.Replace(strings.Join(args, " ")) + "\n"
	if got := ts.ReadFile("stderr"); (got == want) == neg {
		ts.Fatalf("got  %swant %s", got, want)
	}
}

func requests(ts *testscript.TestScript, _ bool, want []string) {
	got := ts.Value(instanceKey{}).(*recorder).take()
	if !slices.Equal(got, want) && len(got)+len(want) > 0 {
		ts.Fatalf("got %q, want %q", got, want)
	}
}

// A script that nothing runs would tell nothing.
func TestScriptsAreThere(t *testing.T) {
	scripts, err := filepath.Glob(filepath.Join("testdata", "script", "*.txt"))
	require.NoError(t, err)
	require.NotEmpty(t, scripts, fmt.Sprint(os.Getwd()))
}
