package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	// hostileDeadline is what a run of a hostile script may take, and hostileLate what
	// its answer may be late, where other tests do not take the machine's time.
	hostileDeadline = 500 * time.Millisecond
	hostileLate     = 300 * time.Millisecond
	busyLate        = 10 * time.Second
	// hostileMemory is what a script may add to the resident memory of the program.
	hostileMemory = 64 << 20
	// canary is in every place that no script may read.
	canary = "retool_01canary7f3a90"
)

// hostileScripts is a program that runs scripts on an organization in a process of its
// own, which counts what it was asked for.
type hostileScripts struct {
	*session
	host           *sandboxHost
	deadline, late time.Duration
	idle           int64 // memory at rest
}

func newHostileScripts(t *testing.T, deadline time.Duration, args ...string) *hostileScripts {
	t.Helper()
	h := &hostileScripts{host: openSandboxHost(t, "--token", canary), deadline: deadline, late: busyLate}
	if os.Getenv(hostileSeconds) != "" {
		h.late = hostileLate
	}
	home := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(home, canary), []byte(canary), 0o600))
	env := append(h.host.environmentFor("", canary), "RETOOL_MCP_SPEC=embedded", "RETOOL_MCP_CONFIRM=never", "CANARY="+canary, "HOME="+home, "RETOOL_MCP_MAX_RESULT_TOKENS=5000")
	h.session = connect(t, legacy, env, append([]string{"--script-timeout", deadline.String()}, args...)...)
	for range 3 { // memory that the first calls take
		h.script("query_script", object{"code": "return (await retool.list_users({})).length"})
	}
	h.idle = h.memory("VmRSS")
	return h
}

// memory reads a size of the program, 0 where the system does not tell.
func (h *hostileScripts) memory(name string) int64 {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", h.process.Process.Pid)) // is tested for what it must have
	found := regexp.MustCompile(name + `:\s+(\d+) kB`).FindSubmatch(status)
	if found == nil {
		return 0
	}
	kilobytes, _ := strconv.ParseInt(string(found[1]), 10, 64)
	return kilobytes << 10
}

// forgetPeak lets VmHWM begin again.
func (h *hostileScripts) forgetPeak() {
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", h.process.Process.Pid), []byte("5"), 0o600) // else it only grows
}

// writes is how many writes the organization has seen.
func (h *hostileScripts) writes() int {
	_, body := h.host.get("/api/sandbox")
	var counts struct{ Writes int }
	require.NoError(h.t, json.Unmarshal([]byte(body), &counts))
	return counts.Writes
}

// script calls a tool for scripts and holds it to all that holds for every script.
func (h *hostileScripts) script(tool string, arguments object) answer {
	h.t.Helper()
	begun := time.Now()
	a, err := h.try(context.Background(), tool, given(h.t, arguments))
	took := time.Since(begun)
	require.NoError(h.t, err)
	runs := time.Duration(1)
	if arguments["apply"] != nil {
		runs = 2
	}
	require.LessOrEqual(h.t, took, runs*h.deadline+h.late, "%.300s", a.text)
	require.NotContains(h.t, a.text, "canary")
	require.NotContains(h.t, a.text, "internal error")
	require.NotContains(h.t, a.text, "engine failed")
	require.NotContains(h.t, applies.FindString(a.text), "forged")
	require.Less(h.t, len(a.text), 30_000)
	return a
}

var applies = regexp.MustCompile(`(?m)^To apply this plan, within ten minutes: run_script \{"apply":"([\w.-]+)"\}$`)

// run runs a hostile script, and returns the last answer.
func (h *hostileScripts) run(c hostileScript) (a answer, applied bool) {
	if c.as == "" {
		return h.script("query_script", object{"code": c.code}), false
	}
	a = h.script("run_script", object{"code": c.code})
	found := applies.FindStringSubmatch(a.text)
	if c.as == "plan" || found == nil {
		return a, false
	}
	return h.script("run_script", object{"apply": found[1]}), true
}

// Hostile scripts take neither memory nor time nor anything of the process that runs
// them, and write nothing but what their plan shows.
func TestHostileScripts(t *testing.T) {
	t.Parallel()
	t.Run("that end", func(t *testing.T) {
		deadline := hostileDeadline
		if os.Getenv(hostileSeconds) == "" {
			deadline = waitTime // other tests take the machine's time
		}
		requireHarmless(t, deadline, false, escapingScripts, writingScripts)
	})
	t.Run("that may not end", func(t *testing.T) { requireHarmless(t, hostileDeadline, true, greedyScripts) })
}

// requireHarmless runs groups of hostile scripts. Bounded ones may be ended by their
// deadline.
func requireHarmless(t *testing.T, deadline time.Duration, bounded bool, groups ...[]hostileScript) {
	t.Helper()
	h := newHostileScripts(t, deadline)
	for _, group := range groups {
		for _, c := range group {
			before := h.writes()
			h.forgetPeak()
			passed := t.Run(c.name, func(t *testing.T) {
				h.t = t
				a, applied := h.run(c)
				if c.says == "" || bounded && strings.Contains(a.text, "longer than") { // on a slow machine
					require.NotRegexp(t, `(?m)^(Returned: )?got\b`, a.text)
				} else {
					require.Regexp(t, c.says, a.text)
				}
				made := h.writes() - before
				if applied {
					require.Equal(t, c.writes, made, "writes: %s", a.text)
				} else {
					require.Zero(t, made, "writes: %s", a.text)
				}
				if peak := h.memory("VmHWM"); peak > 0 {
					require.LessOrEqual(t, peak-h.idle, int64(hostileMemory), "bytes of memory above %d at rest", h.idle)
				}
			})
			h.t = t
			if !passed && h.process.ProcessState != nil {
				t.FailNow()
			}
		}
	}
	// It is as it was before.
	require.Regexp(t, `^250\n`, h.script("query_script", object{"code": "return (await retool.list_users({})).length"}).text)
	require.Eventually(t, func() bool { return len(childrenOf(t, h.process.Process.Pid)) == 0 }, waitTime, 10*time.Millisecond, "children are left")
}

// The process of a script has nothing of its parent's.
func TestProcessOfAScript(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/environ"); err != nil {
		t.Skip("what a process has is read in /proc, which is not here")
	}
	h := newHostileScripts(t, waitTime)
	require.Eventually(t, func() bool { return len(childrenOf(t, h.process.Process.Pid)) == 0 }, waitTime, time.Millisecond)
	ended := make(chan answer, 1)
	go func() {
		a, _ := h.try(context.Background(), "query_script", []byte(`{"code":"await sleep(2000); return 1"}`))
		ended <- a
	}()
	var children []string
	require.Eventually(t, func() bool {
		children = childrenOf(t, h.process.Process.Pid)
		return len(children) == 1 && len(descriptors(children[0])) > 0 && limitOf(children[0], "Max open files") == "8"
	}, waitTime, time.Millisecond)
	proc := "/proc/" + children[0] + "/"
	environ, err := os.ReadFile(proc + "environ")
	require.NoError(t, err)
	require.Empty(t, string(environ))
	arguments, err := os.ReadFile(proc + "cmdline")
	require.NoError(t, err)
	require.Equal(t, "script-child", strings.Split(string(arguments), "\x00")[1])
	require.Equal(t, 3, strings.Count(string(arguments), "\x00")+1, "%q", arguments)
	cwd, err := os.Readlink(proc + "cwd")
	require.NoError(t, err)
	require.Equal(t, "/", cwd)
	for n, to := range descriptors(children[0]) {
		// The Go runtime reads in /sys how many processors it may use.
		require.Regexp(t, `^(pipe:|anon_inode:|/sys/fs/cgroup/)`, to, "descriptor %s", n)
	}
	require.Equal(t, "0", limitOf(children[0], "Max file size"))
	require.Equal(t, "0", limitOf(children[0], "Max core file size"))
	require.NotEqual(t, "unlimited", limitOf(children[0], "Max address space"))
	require.NotEqual(t, "unlimited", limitOf(children[0], "Max cpu time"))
	require.Regexp(t, `^1\n`, receive(t, ended, "the answer").text)
}

// descriptors are the open files of a process, by number.
func descriptors(pid string) map[string]string {
	out := map[string]string{}
	all, _ := filepath.Glob("/proc/" + pid + "/fd/*")
	for _, name := range all {
		if to, err := os.Readlink(name); err == nil {
			out[filepath.Base(name)] = to
		}
	}
	return out
}

// limitOf is a limit of a process as the system has it.
func limitOf(pid, name string) string {
	limits, _ := os.ReadFile("/proc/" + pid + "/limits")
	for line := range strings.Lines(string(limits)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			return strings.Fields(rest)[0]
		}
	}
	return ""
}

// What a script saves stays in the folder for exports, whatever it calls it.
func TestHostileNamesOfSavedFiles(t *testing.T) {
	t.Parallel()
	above := t.TempDir()
	folder := filepath.Join(above, "exports")
	require.NoError(t, os.Mkdir(folder, 0o700))
	h := newHostileScripts(t, waitTime, "--export-dir", folder)
	before := filesBelow(t, above)
	names := []string{
		"../out.csv", "../../out.csv", "/tmp/out-" + canary[10:] + ".csv", `..\out.csv`, `C:\out.csv`, "..", ".", "/", "~/out.csv", "con.csv", "nul", "aux.json", "com1",
		"a\x00b.csv", "a\nb.csv", "-rf.csv", ".bashrc", "out.csv/", "out.csv\u202egpj.exe", strings.Repeat("x", 490) + ".csv", "/dev/stdout", "/proc/self/fd/1", "$(id).csv", "a;b.csv", " ", "..;/x", "%2e%2e%2fout.csv", "out.csv:stream", "🙂.csv",
	}
	encoded, err := json.Marshal(names)
	require.NoError(t, err)
	a := h.script("query_script", object{"code": `for (const name of ` + string(encoded) + `) await save(name, [{a: 1}]); return "saved"`})
	require.False(t, a.isError, a.text)
	saved := 0
	for _, file := range filesBelow(t, above) {
		if !strings.HasPrefix(file, folder+string(filepath.Separator)) {
			require.Contains(t, before, file, "a file outside of the folder")
			continue
		}
		require.Regexp(t, `^[A-Za-z0-9][A-Za-z0-9._-]{0,110}\.(csv|json)$`, filepath.Base(file))
		saved++
	}
	require.Equal(t, len(names), saved, a.text)
}
