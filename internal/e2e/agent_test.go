package e2e_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// The fifteen tasks of administrators, each as the calls of a careful agent: it
// uses nothing but the tools of operations, takes arguments from the task and
// from earlier results, and asks for no more than it needs. Other tests of tasks
// try what goes wrong on the way; this one counts what the right way costs.

// What the fifteen tasks may cost together. Before lists had "where" and
// "resolve", and writes a short answer, they took 339 calls and 100,848 tokens.
const (
	maxAgentCalls  = 200
	maxAgentTokens = 40_000 // of results, at four bytes a token
)

// An agent works on an organization of its own. Its user says yes.
type agent struct {
	t       *testing.T
	host    *sandboxHost
	session *session
	cost    *agentCost
}

// agentCost is what an agent has used.
type agentCost struct{ calls, bytes, questions int }

func newAgent(t *testing.T) *agent {
	t.Helper()
	a := &agent{t: t, host: openSandboxHost(t), cost: &agentCost{}}
	a.session = a.connect("", sandboxToken)
	return a
}

func (a *agent) connect(path, token string, args ...string) *session {
	a.t.Helper()
	user := &userAnswers{answer: accept}
	return connectTo(a.t, modern, append(a.host.environmentFor(path, token), "RETOOL_MCP_MAX_RESULT_TOKENS=20000"), user, args...)
}

// in returns the agent with the tools of a space.
func (a *agent) in(path, token string) *agent {
	a.t.Helper()
	return &agent{a.t, a.host, a.connect(path, token), a.cost}
}

// checker reads what has become of the organization, without being counted.
func (a *agent) checker(path string) *session {
	a.t.Helper()
	return connect(a.t, modern, a.host.environmentFor(path, sandboxToken), "--reveal-secrets")
}

// call is a call that must succeed.
func (a *agent) call(tool string, arguments object) string {
	a.t.Helper()
	text := a.session.succeed(tool, given(a.t, arguments))
	a.cost.calls++
	a.cost.bytes += len(text)
	a.cost.questions += len(a.session.user.take())
	return text
}

// get returns an object.
func (a *agent) get(tool string, arguments object) object {
	a.t.Helper()
	text, _, _ := strings.Cut(a.call(tool, arguments), "\n\n")
	whole, ok := decodeJSON(a.t, []byte(text)).(object)
	require.True(a.t, ok, text)
	if data, ok := whole["data"].(object); ok {
		return data
	}
	return whole
}

// A row is an item of a list by the columns of the table.
type row map[string]string

// rows returns a whole list. The agent reads tables.
func (a *agent) rows(tool string, arguments object) (rows []row) {
	a.t.Helper()
	text := a.call(tool, arguments)
	require.NotContains(a.t, text, "Next page", tool)
	return a.table(text)
}

// sections returns the tables of a call with several values for one argument, by value.
func (a *agent) sections(tool, argument string, arguments object) map[string][]row {
	a.t.Helper()
	sections := map[string][]row{}
	for text := range strings.SplitSeq(a.call(tool, arguments), "\n\n") {
		label, _, _ := strings.Cut(strings.TrimPrefix(text, "# "+argument+" "), ":")
		sections[label] = a.table(text)
	}
	require.Len(a.t, sections, len(arguments[argument].([]string)))
	return sections
}

func (a *agent) table(text string) (rows []row) {
	a.t.Helper()
	require.True(a.t, strings.HasPrefix(text, "# "), "no table: %s", text)
	for strings.HasPrefix(text, "# ") {
		_, text, _ = strings.Cut(text, "\n")
	}
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	require.NoError(a.t, err, text)
	for i, record := range records {
		if i == 0 {
			continue
		}
		r := row{}
		for c, name := range records[0] {
			r[name] = record[c]
		}
		rows = append(rows, r)
	}
	return rows
}

// one is rows for a list that must have one item.
func (a *agent) one(tool string, arguments object) row {
	a.t.Helper()
	rows := a.rows(tool, arguments)
	require.Len(a.t, rows, 1, tool)
	return rows[0]
}

// column returns a field of all rows.
func column(rows []row, name string) []string {
	return each(rows, func(r row) string { return r[name] })
}

// oneOf is the condition that a field has one of these values.
func oneOf(field string, values []string) string {
	quoted, _ := json.Marshal(values)
	return field + " in " + string(quoted)
}

// agentTasks are the tasks, in the order of their numbers.
var agentTasks = []struct {
	name string
	do   func(*testing.T, *agent)
}{
	{"01 onboard a team", onboardTeam},
	{"02 offboard Jane", offboardJane},
	{"03 who can open Payroll", whoOpensPayroll},
	{"04 access review", reviewAccess},
	{"05 inactive users", disableInactive},
	{"06 second factors", resetSecondFactors},
	{"07 rotate passwords", rotatePasswords},
	{"08 environment with variables", copyVariables},
	{"09 ship a release", shipRelease},
	{"10 is a commit safe", isCommitSafe},
	{"11 space for a client", makeSpace},
	{"12 compare spaces", compareSpaces},
	{"13 roles for groups", moveToRoles},
	{"14 access requests", decideRequests},
	{"15 unused apps and resources", findUnused},
}

func TestAgentDoesFifteenTasks(t *testing.T) {
	var mu sync.Mutex
	spent := map[string]agentCost{}
	t.Run("tasks", func(t *testing.T) {
		for _, task := range agentTasks {
			t.Run(task.name, func(t *testing.T) {
				t.Parallel()
				a := newAgent(t)
				task.do(t, a)
				mu.Lock()
				defer mu.Unlock()
				spent[task.name] = *a.cost
			})
		}
	})
	var all agentCost
	var report strings.Builder
	for _, task := range agentTasks {
		c := spent[task.name]
		fmt.Fprintf(&report, "\n%-32s %3d calls %6d tokens %3d questions", task.name, c.calls, c.bytes/4, c.questions)
		all.calls, all.bytes, all.questions = all.calls+c.calls, all.bytes+c.bytes, all.questions+c.questions
	}
	t.Logf("%s\n%-32s %3d calls %6d tokens %3d questions", report.String(), "all", all.calls, all.bytes/4, all.questions)
	if t.Failed() || len(spent) < len(agentTasks) {
		return // some were left out by -run
	}
	require.LessOrEqual(t, all.calls, maxAgentCalls)
	require.LessOrEqual(t, all.bytes/4, maxAgentTokens)
}
