package e2e_test

import (
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A script whose client cancels it ends at once: its process, and the request that is
// under way.
func TestCancelledScripts(t *testing.T) {
	t.Parallel()
	for name, over := range everyWay {
		if name == "server-sent events" { // where a client cannot cancel
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked, abandoned := make(chan int, 10), make(chan int, 10)
			u := newUpstream(t, func(_ http.ResponseWriter, r *http.Request) {
				asked <- 1
				<-r.Context().Done()
				abandoned <- 1
			})
			s := over(t, serving(t, "embedded", u))
			ctx, cancel := context.WithCancel(t.Context())
			ended, code := make(chan error, 1), scripted(t, "return await retool.list_users({})")
			go func() {
				_, err := s.try(ctx, "query_script", code)
				ended <- err
			}()
			receive(t, asked, "a request")
			cancel()
			require.Error(t, receive(t, ended, "the end of the call"))
			receive(t, abandoned, "the end of the request")
			if s.process != nil {
				require.Eventually(t, func() bool { return len(childrenOf(t, s.process.Process.Pid)) == 0 }, waitTime, 5*time.Millisecond)
			}
		})
	}
}

// When the input ends, a running script ends and is answered.
func TestScriptsAtTheEndOfTheInput(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(100 * time.Millisecond)
		answering(http.StatusOK, jsonType, `{"success":true,"data":[]}`)(w, r)
	})
	o := run(t, serving(t, "embedded", u, "RETOOL_MCP_TIMEOUT=1s"), callLine("a script", "query_script", jsonOf(t, object{"code": `await sleep(1500); return (await retool.list_users({})).length + 41`}))+"\n")
	require.Zero(t, o.code, o.stderr)
	require.Contains(t, o.stdout, "41")
}

// A script that writes nothing keeps the server no longer than a few seconds beyond the
// end of the input.
func TestEndlessScriptsAtTheEndOfTheInput(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"query_script", "run_script"} {
		t.Run(tool, func(t *testing.T) {
			t.Parallel()
			begun := time.Now()
			o := run(t, environment(t), callLine("a script", tool, jsonOf(t, object{"code": `for (;;) ;`}))+"\n", "--sandbox")
			require.Zero(t, o.code, o.stderr)
			require.Contains(t, o.stdout, "the call was cancelled")
			require.Less(t, time.Since(begun), 40*time.Second, "of the 60 s that it might take")
		})
	}
}

// A plan outlives a reload, and so does the memory of applied ones.
func TestPlansOutliveReloads(t *testing.T) {
	t.Parallel()
	r := serveRemote(t, environment(t), "--sandbox")
	s := requireClient(t, modern, overHTTP(t, r.url, nil))
	_, apply := s.planned(makesGroup)
	r.hangUp(taken)
	require.Contains(t, s.succeed("run_script", apply), "Made: 2 writes")
	r.hangUp(taken)
	require.Contains(t, s.call("run_script", apply).text, "this plan was already applied")
}

// Scripts and their writes stand in the audit log; the writes name their plan.
func TestScriptsInTheAuditLog(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "audit.jsonl")
	p := &userAnswers{answer: accept}
	s := connectTo(t, modern, environment(t, "RETOOL_MCP_AUDIT_LOG="+file), p, "--sandbox")
	s.succeed("query_script", scripted(t, "return 1"))
	s.call("query_script", scripted(t, "\n\nthrow new Error('a secret')"))
	_, apply := s.planned(makesGroup)
	s.succeed("run_script", apply)
	_, apply = s.planned(disables)
	s.succeed("run_script", apply)
	require.NoError(t, s.client.Close())
	s.killed = true
	requireWholeLog(t, file)
	var begun, ended, writes []auditLine
	for _, line := range auditLines(t, file) {
		switch {
		case line.Operation == "script" && line.Phase == "begin":
			begun = append(begun, line)
		case line.Operation == "script":
			ended = append(ended, line)
		case strings.HasPrefix(line.Operation, "GET "):
			require.Empty(t, line.Plan)
		case line.Phase == "begin":
			writes = append(writes, line)
		}
		require.NotContains(t, line.Error, "secret")
	}
	require.Len(t, begun, len(ended))
	for i, line := range begun {
		require.Equal(t, line.Call, ended[i].Call)
		require.Regexp(t, `^[0-9a-f]{32}$`, line.Script)
		require.Equal(t, line.Script, ended[i].Script)
		require.Positive(t, line.Arguments["bytes"])
	}
	require.Equal(t, "3", jsonOf(t, begun[1].Arguments["lines"]))
	require.Equal(t, "failed", ended[1].Error)
	require.Empty(t, begun[2].Plan)
	require.NotEmpty(t, begun[3].Plan)
	require.Equal(t, begun[2].Script, begun[3].Script, "of the same code, although it was left out")
	require.Len(t, writes, 3)
	for _, line := range writes[:2] {
		require.Equal(t, []string{begun[3].Plan, begun[3].Script, "not asked"}, []string{line.Plan, line.Script, line.Confirmation})
	}
	require.Equal(t, "confirmed", writes[2].Confirmation)
	require.Equal(t, "disable_user", writes[2].Tool)
}

// Scripts over several instances name one with each call, and a plan is for all of them.
func TestScriptsOverInstances(t *testing.T) {
	t.Parallel()
	file := configured(t, "instances:", "  one: {sandbox: true}", "  two: {sandbox: true, read_only: true}")
	s := connect(t, legacy, environment(t, "RETOOL_MCP_CONFIG="+file))
	require.Contains(t, s.succeed("query_script", scripted(t, `return {
  one: (await retool.list_users({instance: "one"})).length, two: (await retool.list_groups({instance: "two"})).length}`)), `{"one":250,"two":14}`)
	a := s.call("query_script", scripted(t, `await retool.list_users({})`))
	require.True(t, a.isError)
	require.Contains(t, a.text, "instance")
	plan, apply := s.planned(`await retool.create_group({instance: "one", name: "x"})`)
	require.Contains(t, plan, "Instance: one")
	require.Contains(t, s.succeed("run_script", apply), "Made: 1 write")
	a = s.call("run_script", scripted(t, `await retool.create_group({instance: "two", name: "x"})`))
	require.True(t, a.isError)
	require.Contains(t, a.text, "not available on the instance two")
}
