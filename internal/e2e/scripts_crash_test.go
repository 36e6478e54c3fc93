package e2e_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// However the child or the server ends between two writes of an apply, or during
// one, the audit log tells which writes were made and which may have been, and the
// next plan has exactly those that are missing.
func TestCrashInAnApply(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("finds children in /proc")
	}
	for _, victim := range []string{"child", "server"} {
		for _, moment := range []string{"between two writes", "during a write"} {
			t.Run(victim+" "+moment, func(t *testing.T) {
				t.Parallel()
				g, file := openGateway(t), filepath.Join(t.TempDir(), "audit.log")
				s := g.connect(t, nil, "RETOOL_MCP_AUDIT_LOG="+file, "RETOOL_MCP_CONFIRM=never")
				code := strings.Replace(createStages, "PAUSE", map[bool]string{true: "20000", false: "0"}[moment == "between two writes"], 1)
				plan := s.succeed("run_script", given(t, object{"code": code}))
				require.Equal(t, []string{"Stage A", "Stage B", "Stage C"}, plannedGroups(plan))

				reached, release, count := make(chan bool, 3), make(chan bool), atomic.Int32{}
				g.set(func(_ http.ResponseWriter, r *http.Request) bool {
					if createsGroup(r) && count.Add(1) == 2 {
						reached <- true
						<-release
					}
					return false
				})
				came, apply := make(chan answer, 1), given(t, object{"apply": idOfPlan(t, plan)})
				go func() {
					a, err := s.try(context.Background(), "run_script", apply)
					if err != nil {
						a = answer{err.Error(), true}
					}
					came <- a
				}()
				if moment == "during a write" {
					receive(t, reached, "the second write")
				} else {
					require.Eventually(t, func() bool { return slices.ContainsFunc(auditLines(t, file), endOfFirst) }, waitTime, 10*time.Millisecond)
					time.Sleep(quietTime) // the script sleeps
				}
				children := childrenOf(t, s.process.Process.Pid)
				require.NotEmpty(t, children)
				if victim == "child" {
					for _, child := range children {
						id, err := strconv.Atoi(child)
						require.NoError(t, err)
						require.NoError(t, syscall.Kill(id, syscall.SIGKILL))
					}
				} else {
					s.kill()
					require.Eventually(t, func() bool { return !slices.ContainsFunc(children, runs) }, waitTime, 10*time.Millisecond, "no child outlives its server")
				}
				close(release)
				if a := receive(t, came, "the result"); victim == "child" {
					require.True(t, a.isError, a.text)
					require.Contains(t, a.text, "Stage A", "made")
					require.Contains(t, a.text, "Stage C", "not made")
				}
				g.set(nil)
				requireToldByAudit(t, file, idOfPlan(t, plan), g, moment == "during a write")

				if victim == "server" {
					s = g.connect(t, nil, "RETOOL_MCP_AUDIT_LOG="+file, "RETOOL_MCP_CONFIRM=never")
				}
				exist := g.groups(t, "Stage A", "Stage B", "Stage C")
				require.Equal(t, "Stage A", exist[0])
				plan = s.succeed("run_script", given(t, object{"code": strings.Replace(createStages, "PAUSE", "0", 1)}))
				require.Equal(t, []string{"Stage A", "Stage B", "Stage C"}[len(exist):], plannedGroups(plan))
				require.Contains(t, s.succeed("run_script", given(t, object{"apply": idOfPlan(t, plan)})), "all there")
				require.Equal(t, []string{"Stage A", "Stage B", "Stage C"}, g.groups(t, "Stage A", "Stage B", "Stage C"))
			})
		}
	}
}

// requireToldByAudit checks that the log knows each write that reached the
// instance, by the name of its group, and its plan.
func requireToldByAudit(t *testing.T, file, plan string, g *gateway, during bool) {
	t.Helper()
	begun := map[string]bool{}
	lines := auditLines(t, file)
	for _, l := range lines {
		if name, ok := l.Arguments["name"].(string); ok && l.Tool == "create_group" && l.Phase == "begin" {
			begun[name] = true
			require.Equal(t, plan, l.Plan)
			require.NotEmpty(t, l.Script)
		}
	}
	require.True(t, slices.ContainsFunc(lines, endOfFirst))
	require.Equal(t, during, begun["Stage B"])
	require.False(t, begun["Stage C"])
	for _, name := range g.groups(t, "Stage A", "Stage B", "Stage C") {
		require.True(t, begun[name], name)
	}
}

// endOfFirst finds the line of the log that tells what became of the first write.
func endOfFirst(l auditLine) bool {
	return l.Tool == "create_group" && l.Phase == "end" && l.Arguments["name"] == "Stage A"
}

// runs tells whether a process has not ended.
func runs(process string) bool {
	stat, err := os.ReadFile("/proc/" + process + "/stat")
	_, state, _ := strings.Cut(string(stat), ") ") // past the name, which may hold anything
	return err == nil && !strings.HasPrefix(state, "Z")
}
