package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What the command serves is an instance: it has a version, a document of its
// own, and counts what it was asked for.
func TestSandboxCommand(t *testing.T) {
	t.Parallel()
	h := openSandboxHost(t)
	require.Equal(t, fmt.Sprintf("sandbox: %s (the API is at /api/v2, its document at /api/v2/spec, counts at /api/sandbox)\n"+
		"sandbox: the access token is %s, which may do everything\n", h.url, sandboxToken), h.stderr.String())
	status, body := h.get("/api/checkHealth")
	require.Equal(t, http.StatusOK, status)
	require.JSONEq(t, `{"version":"4.0.0"}`, body)
	status, body = h.get("/api/v2/users")
	require.Equal(t, http.StatusUnauthorized, status)
	require.JSONEq(t, `{"success":false,"message":"Unauthorized: an access token is required"}`, body)
	status, document := h.get("/api/v2/spec")
	require.Equal(t, http.StatusOK, status)
	require.Regexp(t, `^3\.`, decodeJSON(t, []byte(document)).(object)["openapi"])

	// Its document makes the same tools as the one that the program brings along.
	env := h.environmentFor("", sandboxToken)
	require.Equal(t, outcome{stdout: "0 differences\n"}, untimed(run(t, env, "", "spec", "diff", "embedded", "live")))
	require.Equal(t, outcome{stdout: document}, untimed(run(t, env, "", "spec", "fetch")))
	tools := untimed(run(t, env, "", "tools"))
	require.Equal(t, toolsByDefaultCount, strings.Count(tools.stdout, "\n"), tools.stderr)
	require.Equal(t, tools, untimed(run(t, env, "", "tools", "--spec=live")))
	require.Equal(t, tools, untimed(run(t, environment(t, "RETOOL_MCP_SPEC="+h.url+"/api/v2/spec"), "", "tools")))

	s := connect(t, legacy, env, "--spec=live")
	require.Len(t, readAll[user](s, "list_users", nil), 250)
	read[group](s, "create_group", object{"name": "Counted"})
	requireRefusal(s, "create_group", object{"name": "Counted"}, "409")
	_, body = h.get("/api/sandbox")
	var counts struct {
		Requests, Writes     int
		Operations, Statuses map[string]int
	}
	require.NoError(t, json.Unmarshal([]byte(body), &counts))
	require.Equal(t, 6, counts.Requests, "one without a token, three pages, two writes")
	require.Equal(t, 1, counts.Writes)
	require.Equal(t, map[string]int{"list_users": 3, "create_group": 1}, counts.Operations)
	require.Equal(t, 1, counts.Statuses["409"])
	require.Equal(t, 1, counts.Statuses["401"])
}

// untimed is an outcome without what is never the same.
func untimed(o outcome) outcome {
	o.took = 0
	return o
}

// A signal ends it in peace, and what it has to keep is kept.
func TestSandboxCommandStops(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(signal.String(), func(t *testing.T) {
			state := filepath.Join(t.TempDir(), "state.json")
			h := openSandboxHost(t, "--state", state)
			s := h.connect("", sandboxToken)
			made := read[group](s, "get_group", object{"groupId": text(read[group](s, "create_group", object{"name": "Kept"}).ID)})
			before := time.Now()
			h.stop(signal)
			require.Less(t, time.Since(before), 3*time.Second)
			require.Zero(t, h.cmd.ProcessState.ExitCode())
			require.Equal(t, []string{state}, filesBelow(t, filepath.Dir(state)))

			require.Equal(t, made, groupNamed(openSandboxHost(t, "--state", state).connect("", sandboxToken), "Kept"))
			require.Equal(t, made, groupNamed(onSandbox(t, "--sandbox-state", state), "Kept"), "within a process, too")
		})
	}
}

// A call in progress gets its answer before the process ends, and is kept.
func TestSandboxCommandFinishes(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "state.json")
	h := openSandboxHost(t, "--state", state, "--latency=1s")
	s, came := h.connect("", sandboxToken), make(chan answer, 1)
	go func() {
		a, _ := s.try(context.Background(), "create_group", []byte(`{"name":"At last"}`))
		came <- a
	}()
	require.Eventually(t, func() bool { // the change is made, and its answer waits
		data, err := os.ReadFile(state)
		return err == nil && strings.Contains(string(data), "At last")
	}, waitTime, 5*time.Millisecond)
	h.stop(syscall.SIGTERM)
	a := receive(t, came, "the answer")
	require.False(t, a.isError, a.text)
	require.Contains(t, a.text, `"name":"At last"`)
}

// Tokens are as good as their scopes; what is missing is told in the API's words.
func TestSandboxCommandTokens(t *testing.T) {
	t.Parallel()
	h := openSandboxHost(t, "--token", "retool_reader=users:read,config_vars:read", "--token=retool_writer = groups:write")
	require.Contains(t, h.stderr.String(), "sandbox: 2 access tokens, with the scopes config_vars:read, groups:write, users:read\n")
	reader := h.connect("", "retool_reader")
	require.Equal(t, "jane@northwind.example", userWith(reader, "jane@northwind.example").Email)
	read[[]object](reader, "list_configuration_variables", nil)
	requireRefusal(reader, "create_group", object{"name": "No"},
		`HTTP 403 Forbidden: "Forbidden: API token is missing one of \"groups:write\" or one of \"mcp:admin\""`,
		"The operation requires the scope groups:write")
	writer := h.connect("", "retool_writer")
	require.Equal(t, "Yes", read[group](writer, "create_group", object{"name": "Yes"}).Name)
	require.NotEmpty(t, read[[]group](writer, "list_groups", nil), "to write includes to read")
	requireRefusal(writer, "list_configuration_variables", nil, `missing one of \"configuration_variables:read\"`, "requires the scope config_vars:read")
	requireRefusal(h.connect("", sandboxToken), "list_groups", nil, "HTTP 401", "the access token is not valid", "RETOOL_ACCESS_TOKEN")

	require.Contains(t, openSandboxHost(t, "--token=a=users:read").stderr.String(), "sandbox: one access token, with the scopes users:read\n")
	require.Contains(t, openSandboxHost(t, "--token=a", "--token=b=users:read").stderr.String(), "sandbox: 2 access tokens, of which some may do everything\n")
}

// Limits and faults are those that were asked for.
func TestSandboxCommandTroubles(t *testing.T) {
	t.Parallel()
	t.Run("calls per minute", func(t *testing.T) {
		h := openSandboxHost(t, "--calls-per-minute=3", "--token=one", "--token=two")
		one, two := h.connect("", "one"), h.connect("", "two")
		for range 3 {
			read[[]space](one, "list_spaces", nil)
		}
		a := one.call("list_spaces", []byte(`{}`))
		require.True(t, a.isError)
		require.Regexp(t, `(?s)^HTTP 429 Too Many Requests: .*Wait ([1-9]|[1-5]\d|60) seconds`, a.text)
		read[[]space](two, "list_spaces", nil)
	})
	t.Run("faults", func(t *testing.T) {
		h := openSandboxHost(t, "--faults=500:0.5", "--seed=3")
		s, failed := h.connect("", sandboxToken), 0
		for range 40 {
			if a := s.call("list_spaces", []byte(`{}`)); a.isError {
				require.Contains(t, a.text, "HTTP 500")
				failed++
			}
		}
		require.Greater(t, failed, 5)
		require.Less(t, failed, 35)
		_, body := h.get("/api/sandbox")
		require.Equal(t, object{"500": json.Number(fmt.Sprint(failed))}, decodeJSON(t, []byte(body)).(object)["faults"])
	})
	t.Run("latency", func(t *testing.T) {
		h := openSandboxHost(t, "--latency=200ms")
		before := time.Now()
		read[[]space](h.connect("", sandboxToken), "list_spaces", nil)
		require.GreaterOrEqual(t, time.Since(before), 200*time.Millisecond)
	})
}

// Sizes, seed and day are those that were asked for.
func TestSandboxCommandSizes(t *testing.T) {
	t.Parallel()
	h := openSandboxHost(t, "--users=400", "--groups=20", "--folders=30", "--apps=45", "--resources=50", "--environments=4",
		"--workflows=7", "--spaces=5", "--seed=9", "--today=2031-02-03")
	s := h.connect("", sandboxToken)
	for list, size := range map[string]int{
		"list_users": 400, "list_apps": 45, "list_resources": 50, "list_workflows": 7, "list_resource_configurations": 200,
	} {
		require.Len(t, readAll[object](s, list, nil), size, list)
	}
	for list, size := range map[string]int{"list_groups": 20, "list_folders": 30, "list_environments": 4, "list_spaces": 5} {
		require.Len(t, read[[]object](s, list, nil), size, list)
	}
	require.Equal(t, "2031-02-03T09:00:01.000Z", read[object](s, "create_group", object{"name": "New", "fields": []string{"created_at"}})["created_at"])

	now := openSandboxHost(t, "--today=now", "--users=3").connect("", sandboxToken)
	made, err := time.Parse(time.RFC3339, read[object](now, "create_group", object{"name": "New", "fields": []string{"created_at"}})["created_at"].(string))
	require.NoError(t, err)
	require.WithinDuration(t, time.Now(), made, waitTime)
}

// Settings that are for others than the command do not keep it from starting.
func TestSandboxCommandIgnoresTheInstance(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "state.json")
	p := openPipe(t, environment(t, "RETOOL_URL=http://127.0.0.1:1", "RETOOL_ACCESS_TOKEN=retool_other", "RETOOL_MCP_SANDBOX=true",
		"RETOOL_MCP_SANDBOX_STATE="+state), "sandbox", "--listen=127.0.0.1:0")
	require.Eventually(t, func() bool { return strings.Contains(p.stderr.String(), "the access token is "+sandboxToken) }, waitTime, 5*time.Millisecond)
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, p.cmd.Wait())
	require.NoFileExists(t, state)
}
