package e2e_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A scriptAgent does its work with query_script and run_script alone. Its user
// says yes.
type scriptAgent struct {
	*agent
	spent   scriptCost
	exports string // folder of save
}

// scriptCost is what the work has used.
type scriptCost struct {
	calls        int
	tokens, code int // of results and of scripts, in o200k_base
	took         time.Duration
	questions    int
}

// newScriptAgent connects to an emulated organization of its own, which the tools of
// scripts alone reach.
func newScriptAgent(t *testing.T, sandbox ...string) *scriptAgent {
	t.Helper()
	a := &scriptAgent{agent: &agent{t: t, host: openSandboxHost(t, sandbox...)}, exports: t.TempDir()}
	a.session = a.serve("RETOOL_URL="+a.host.url, "RETOOL_ACCESS_TOKEN="+sandboxToken)
	return a
}

// serve starts a server of scripts.
func (a *scriptAgent) serve(variables ...string) *session {
	a.t.Helper()
	return connectTo(a.t, modern, environment(a.t, variables...), &userAnswers{answer: accept}, "--toolsets", "scripts", "--export-dir", a.exports)
}

// use calls a tool that must succeed.
func (a *scriptAgent) use(tool string, arguments object) string {
	a.t.Helper()
	before := time.Now()
	text := a.session.succeed(tool, given(a.t, arguments))
	a.spent.took += time.Since(before)
	a.spent.calls++
	a.spent.tokens += tokensOf(a.t, text)
	if code, ok := arguments["code"].(string); ok {
		a.spent.code += tokensOf(a.t, code)
	}
	a.spent.questions += len(a.session.user.take())
	return text
}

// query runs a script that reads.
func (a *scriptAgent) query(code string) string {
	a.t.Helper()
	return a.use("query_script", object{"code": code})
}

// planned ends every plan: the arguments of the call that applies it.
var planned = regexp.MustCompile(`\{"apply":"([^"\s]+)"\}`)

// idOfPlan returns the id of the plan that a result shows.
func idOfPlan(t testing.TB, text string) string {
	t.Helper()
	found := planned.FindAllStringSubmatch(text, -1)
	require.NotEmpty(t, found, text)
	return found[len(found)-1][1]
}

// perform plans a script and applies the plan.
func (a *scriptAgent) perform(code string) (plan, done string) {
	a.t.Helper()
	plan = a.use("run_script", object{"code": code})
	return plan, a.use("run_script", object{"apply": idOfPlan(a.t, plan)})
}

// taskScript returns the script of a task.
func taskScript(t testing.TB, name string) string {
	t.Helper()
	code, err := os.ReadFile(filepath.Join("testdata", "tasks", name+".js"))
	require.NoError(t, err)
	return string(code)
}

// tokensOf counts with the tokenizer of a model.
func tokensOf(t testing.TB, text string) int {
	t.Helper()
	codec, err := o200k()
	require.NoError(t, err)
	count, err := codec.Count(text)
	require.NoError(t, err)
	return count
}
