package e2e_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// These tests are about the sandbox within the process; those of the command
// that serves one stand in sandbox_command_test.go.

// The sandbox needs no token, address and network, and leaves nothing behind.
func TestSandboxNeedsNoSettings(t *testing.T) {
	t.Parallel()
	for name, variables := range map[string][]string{
		"by flag":        {"RETOOL_MCP_SANDBOX=false"},
		"by variable":    {"RETOOL_MCP_SANDBOX=true"},
		"behind a proxy": {"HTTP_PROXY=http://127.0.0.1:1", "HTTPS_PROXY=http://127.0.0.1:1"},
		// The flag wins: settings of a real instance are unused.
		"beside an instance": {"RETOOL_URL=http://127.0.0.1:1", "RETOOL_ACCESS_TOKEN=" + testToken, "RETOOL_UNIX_SOCKET_PATH=/no/such/socket"},
	} {
		t.Run(name, func(t *testing.T) {
			args := []string{"--sandbox", "call", "list_users", "email=jane@northwind.example", "format=json"}
			if name == "by variable" {
				args = args[1:]
			}
			env := environment(t, variables...)
			o := run(t, env, "", args...)
			require.Zero(t, o.code, o.stderr)
			require.Empty(t, o.stderr)
			require.Contains(t, o.stdout, `"first_name":"Jane","last_name":"Halloran"`)
			require.Contains(t, o.stdout, marked(`"total_count":1,"next_token":null,"has_more":false}`)+"\n")
			require.Empty(t, filesBelow(t, strings.TrimPrefix(env[0], "HOME=")))
		})
	}
}

func filesBelow(t testing.TB, folder string) (names []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, path)
		}
		return err
	}))
	return names
}

// The sandbox lists the same tools, byte for byte.
func TestSandboxHasTheSameTools(t *testing.T) {
	t.Parallel()
	for _, protocol := range []string{legacy, modern} {
		with, without := connect(t, protocol, environment(t), "serve", "--sandbox"), connect(t, protocol, environment(t), "serve")
		require.Equal(t, string(without.list()), string(with.list()))
	}
	for _, args := range []string{"tools", "tools --json", "tools --toolsets=core --tool-prefix=x_"} {
		without, with := run(t, environment(t), "", strings.Fields(args)...), run(t, environment(t), "", append(strings.Fields(args), "--sandbox")...)
		require.Zero(t, with.code, with.stderr)
		require.Equal(t, without.stdout, with.stdout, args)
	}
	o := run(t, environment(t), "", "tools", "--sandbox", "get_user")
	require.Zero(t, o.code, o.stderr)
	require.Contains(t, o.stdout, "GET http://sandbox/api/v2/users/{userId}\n")
	o = run(t, environment(t), "", "tools", "--sandbox", "--spec=live")
	require.Zero(t, o.code, o.stderr)
	require.Equal(t, run(t, environment(t), "", "tools").stdout, o.stdout, "made from the sandbox's own document")
}

// The same seed makes the same organization at every start.
func TestSandboxSeed(t *testing.T) {
	t.Parallel()
	users := func(args ...string) string {
		o := run(t, environment(t), "", append([]string{"call", "--sandbox", "list_users"}, args...)...)
		require.Zero(t, o.code, o.stderr)
		return o.stdout
	}
	first := users()
	require.Equal(t, first, users("--sandbox-seed=1"))
	require.NotEqual(t, first, users("--sandbox-seed=2"))
	require.NotEqual(t, first, users("--sandbox-seed=18446744073709551615"))
}

// A state file keeps the organization across processes, however the first one
// ended. The seed counts only for the first.
func TestSandboxState(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"the client leaves", "SIGTERM", "SIGKILL"} {
		t.Run(end, func(t *testing.T) {
			state := filepath.Join(t.TempDir(), "state.json")
			p := openPipe(t, environment(t), "serve", "--sandbox", "--sandbox-state", state, "--sandbox-seed=7")
			p.send(initializeLine, initializedLine, callLine("make", "create_group", `{"name":"Kept \"group\" 🙂"}`))
			for made := false; !made; {
				r := p.next()
				require.Nil(t, r.Error)
				require.False(t, r.Result.IsError)
				made = r.ID == "make"
			}
			switch end {
			case "the client leaves":
				require.NoError(t, p.stdin.Close())
				require.NoError(t, p.cmd.Wait())
			case "SIGTERM":
				require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
				require.NoError(t, p.cmd.Wait())
			case "SIGKILL": // no time to save, so the state was saved before
				require.Eventually(t, func() bool {
					data, err := os.ReadFile(state)
					return err == nil && strings.Contains(string(data), "Kept")
				}, waitTime, 10*time.Millisecond)
				require.NoError(t, p.cmd.Process.Kill())
				require.Error(t, p.cmd.Wait())
			}
			require.Empty(t, p.stderr.String())
			require.Equal(t, []string{state}, filesBelow(t, filepath.Dir(state)), "no temporary file")
			info, err := os.Stat(state)
			require.NoError(t, err)
			require.Zero(t, info.Mode().Perm()&0o077, "only the owner may read secrets")

			s := onSandbox(t, "--sandbox-state", state, "--sandbox-seed=8")
			kept := groupNamed(s, `Kept "group" 🙂`)
			require.Greater(t, read[group](s, "create_group", object{"name": "Another"}).ID, kept.ID)
			require.Equal(t, json.Number("7"), stateOf(t, state)["seed"])
		})
	}
	t.Run("without one nothing is kept", func(t *testing.T) {
		for range 2 {
			read[group](onSandbox(t), "create_group", object{"name": "Gone"})
		}
	})
}

// Agents see injected faults as those of a real instance.
func TestSandboxFaults(t *testing.T) {
	t.Parallel()
	for faults, says := range map[string][2]string{ // for reads and for writes
		"429:1":  {"HTTP 429 Too Many Requests: \"Too many requests, please try again later.\"", "HTTP 429"},
		"500:1":  {"HTTP 500 Internal Server Error", "Before a retry, check whether the change took effect"},
		"html:1": {"HTTP 502 Bad Gateway", "a web page, not a response of the API"},
		"cut:1":  {"ended before the response was complete", "the write may have taken effect"},
		"drop:1": {"ended before the response was complete", "the write may have taken effect"},
	} {
		t.Run(faults, func(t *testing.T) {
			state := filepath.Join(t.TempDir(), "state.json")
			s := onSandbox(t, "--retries=0", "--sandbox-faults", faults, "--sandbox-state", state)
			for range 2 {
				requireRefusal(s, "list_users", object{"limit": 1}, says[0])
			}
			requireRefusal(s, "create_group", object{"name": "Perhaps"}, says[1])
			s.quit()
			found := read[[]group](onSandbox(t, "--sandbox-state", state), "list_groups", object{"name_contains": "Perhaps"})
			require.Len(t, found, strings.Count("cut:1 drop:1", faults), "the text is true")
		})
	}
	t.Run("by share", func(t *testing.T) {
		outcomes := func(seed string) (out string) { // one character per call: 5 and 4 are the first digits of statuses
			s := onSandbox(t, "--retries=0", "--sandbox-faults", "503:0.3,429:0.2", "--sandbox-seed", seed)
			for range 40 {
				out += s.call("list_spaces", []byte(`{}`)).text[:6][5:]
			}
			return out
		}
		first := outcomes("1")
		require.Len(t, slices.Compact(slices.Sorted(strings.SplitSeq(first, ""))), 3, "all three happen: %s", first)
		require.Less(t, strings.Count(first, "5")+strings.Count(first, "4"), 30, first)
		require.Equal(t, first, outcomes("1"), "the seed decides which calls fail")
		require.NotEqual(t, first, outcomes("2"))
	})
}

func TestSandboxLatency(t *testing.T) {
	t.Parallel()
	const latency = 250 * time.Millisecond
	s := onSandbox(t, "--sandbox-latency", latency.String())
	for range 2 {
		before := time.Now()
		read[[]space](s, "list_spaces", nil)
		require.GreaterOrEqual(t, time.Since(before), latency)
	}
	requireRefusal(onSandbox(t, "--sandbox-latency=10s", "--timeout=100ms"), "list_spaces", nil, "no complete response from sandbox within", "--timeout")
}
