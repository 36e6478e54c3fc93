package e2e_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The fifteen tasks of administrators again, each as one script of testdata/tasks,
// written as a careful agent would from the descriptions of the tools. The checks of
// what becomes of the organization are those of the agent that makes single calls.

// What the fifteen scripts may cost together: a query each for the five tasks that
// read, a plan and its application for each of the others. As single calls of an
// agent without conditions they took 339 calls and 100,848 tokens.
const (
	maxScriptCalls  = 30
	maxScriptTokens = 9_500
	// minScript and maxScript are what a script of a task takes in tokens.
	minScript, maxScript = 100, 600
)

// scriptTasks are the tasks, by the names of their scripts.
var scriptTasks = []struct {
	name string
	do   func(*testing.T, *scriptAgent, string)
}{
	{"01_onboard", onboardByScript},
	{"02_offboard", offboardByScript},
	{"03_payroll", payrollByScript},
	{"04_review", reviewByScript},
	{"05_inactive", inactiveByScript},
	{"06_second_factors", secondFactorsByScript},
	{"07_passwords", passwordsByScript},
	{"08_variables", variablesByScript},
	{"09_release", releaseByScript},
	{"10_commit", commitByScript},
	{"11_space", spaceByScript},
	{"12_compare", compareByScript},
	{"13_roles", rolesByScript},
	{"14_requests", requestsByScript},
	{"15_unused", unusedByScript},
}

func TestScriptsDoFifteenTasks(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	spent := map[string]scriptCost{}
	t.Run("tasks", func(t *testing.T) {
		for _, task := range scriptTasks {
			t.Run(task.name, func(t *testing.T) {
				t.Parallel()
				a := newScriptAgent(t)
				task.do(t, a, taskScript(t, task.name))
				mu.Lock()
				defer mu.Unlock()
				spent[task.name] = a.spent
			})
		}
	})
	all := reportScripts(t, spent)
	if t.Failed() || len(spent) < len(scriptTasks) {
		return // some were left out by -run
	}
	require.LessOrEqual(t, all.calls, maxScriptCalls)
	require.LessOrEqual(t, all.tokens, maxScriptTokens)
	for _, task := range scriptTasks {
		size := tokensOf(t, taskScript(t, task.name))
		require.GreaterOrEqual(t, size, minScript, task.name)
		require.LessOrEqual(t, size, maxScript, task.name)
	}
}

// reportScripts logs a table of what the tasks cost, and returns the sum.
func reportScripts(t *testing.T, spent map[string]scriptCost) (all scriptCost) {
	t.Helper()
	var report strings.Builder
	line := func(name string, c scriptCost) {
		fmt.Fprintf(&report, "\n%-18s %3d calls %6d tokens of results %6d of code %2d questions %6d ms",
			name, c.calls, c.tokens, c.code, c.questions, c.took.Milliseconds())
	}
	for _, task := range scriptTasks {
		c := spent[task.name]
		line(task.name, c)
		all = scriptCost{all.calls + c.calls, all.tokens + c.tokens, all.code + c.code, all.took + c.took, all.questions + c.questions}
	}
	line("all", all)
	t.Log(report.String())
	return all
}

// Planned and applied one after the other, the fifteen scripts take at most ten
// seconds on an instance that takes 50 ms for an answer. The bound is for an idle
// machine, so the test runs only if it is asked for.
func TestScriptsAreQuick(t *testing.T) {
	if os.Getenv("RETOOL_MCP_PERF") == "" {
		t.Skip("set RETOOL_MCP_PERF=1")
	}
	spent := map[string]scriptCost{}
	for _, task := range scriptTasks {
		t.Run(task.name, func(t *testing.T) {
			a := newScriptAgent(t, "--latency", "50ms")
			task.do(t, a, taskScript(t, task.name))
			spent[task.name] = a.spent
		})
	}
	all := reportScripts(t, spent)
	if !t.Failed() && len(spent) == len(scriptTasks) {
		require.LessOrEqual(t, all.took, 10*time.Second)
	}
}

func onboardByScript(t *testing.T, a *scriptAgent, code string) {
	people := []string{"mia.chen@northwind.example", "samira.khalil@northwind.example"}
	for _, name := range []string{"ada", "bo", "cy", "di", "eli", "flo", "gus", "hal", "ivy", "jo"} {
		people = append(people, name+"@fs.example")
	}
	_, done := a.perform(code)
	require.Contains(t, done, "1 colleague, 1 with an open invite, 10 invited")
	requireTeam(t, a.checker(""), "Field Support", people[0], people)
}

func offboardByScript(t *testing.T, a *scriptAgent, code string) {
	id := userWith(a.checker(""), "jane@northwind.example").ID
	plan, done := a.perform(code)
	for _, owned := range janeOwned {
		require.Contains(t, plan, owned)
	}
	require.Contains(t, done, "active: false")
	requireOffboarded(t, a.checker(""), id)
}

func payrollByScript(t *testing.T, a *scriptAgent, code string) {
	tables := tablesIn(t, a.query(code), "who,level,why")
	require.Len(t, tables, 2)
	reasons := each(tables[0], func(r row) string { return r["who"] + " " + r["level"] })
	requirePayroll(t, a.checker(""), appNamed(a.checker(""), "Payroll").ID, reasons, column(tables[1], "who"))
	why := map[string]string{}
	for _, r := range slices.Concat(tables...) {
		why[r["who"]] = r["why"]
	}
	require.Equal(t, "its folder", why["Finance"])
	require.Equal(t, "all apps", why["admin"])
	require.Equal(t, "granted", why["mia.chen@northwind.example"])
	require.Equal(t, "group Finance, group Payroll Admins", why["tomas.nunez@northwind.example"])
}

func reviewByScript(t *testing.T, a *scriptAgent, code string) {
	text := a.query(code)
	files, err := filepath.Glob(filepath.Join(a.exports, "*.csv"))
	require.NoError(t, err)
	require.Len(t, files, 1, text)
	require.Contains(t, text, filepath.Base(files[0]))
	content, err := os.ReadFile(files[0])
	require.NoError(t, err)
	// A file has invisible characters of names, which results of tools lack.
	plain := strings.NewReplacer("\r\n", "\n", "\ufe0f", "").Replace(string(content))
	tables := tablesIn(t, plain, "group,kind,name,access")
	require.Len(t, tables, 1)
	requireReview(t, a.checker(""), each(tables[0], func(r row) string {
		return strings.TrimSuffix(r["group"]+","+r["kind"]+","+r["name"]+","+r["access"], ",")
	}))
}

func inactiveByScript(t *testing.T, a *scriptAgent, code string) {
	before := readAll[user](a.checker(""), "list_users", nil)
	plan, done := a.perform(code)
	tables := tablesIn(t, plan, "email,last_active,admin")
	require.Len(t, tables, 1)
	emails := column(tables[0], "email")
	require.Contains(t, done, fmt.Sprintf("%d disabled", len(emails)))
	found := only(before, func(u user) bool { return slices.Contains(emails, u.Email) })
	requireDisabled(t, a.checker(""), before, each(found, func(u user) string { return u.ID }))
}

// emailsInLine matches a line of nothing but addresses.
var emailsInLine = regexp.MustCompile(`(?m)^(?:Returned: )?(\S+@\S+(?: \S+@\S+){3,})$`)

func secondFactorsByScript(t *testing.T, a *scriptAgent, code string) {
	plan, _ := a.perform(code)
	found := emailsInLine.FindStringSubmatch(plan)
	require.NotNil(t, found, plan)
	requireSecondFactors(t, a.checker(""), strings.Fields(found[1]))
}

func passwordsByScript(t *testing.T, a *scriptAgent, code string) {
	plan, done := a.perform(code)
	require.Contains(t, done, "8 configurations")
	for _, password := range rotatedPasswords {
		require.NotContains(t, plan+done, password)
	}
	changed := only(readAll[configuration](a.checker(""), "list_resource_configurations", nil), func(c configuration) bool {
		database, _ := c.Options["database_options"].(object)
		return c.Resource.Type == "postgresql" && database["host"] == rotatedHost && rotatedPasswords[c.Environment.Name] != ""
	})
	requireRotated(t, a.checker(""), each(changed, func(c configuration) string { return c.ID }))
}

func variablesByScript(t *testing.T, a *scriptAgent, code string) {
	named := func(name string) string {
		environments := read[[]environmentOf](a.checker(""), "list_environments", nil)
		return sole(t, environments, func(e environmentOf) bool { return e.Name == name }).ID
	}
	production := named("production")
	sizes := map[any]int{}
	for _, v := range read[[]object](a.checker(""), "list_configuration_variables", nil) {
		if values := v["values"].([]any); strings.Contains(fmt.Sprint(values), production) {
			sizes[v["id"]] = len(values) + 1
		}
	}
	_, done := a.perform(code)
	require.Contains(t, done, fmt.Sprintf("%d variables", len(sizes)))
	requireCopied(t, a.checker(""), production, named("staging-eu"), sizes)
}

func releaseByScript(t *testing.T, a *scriptAgent, code string) {
	_, done := a.perform(code)
	require.Contains(t, done, "SUCCESS")
	require.Equal(t, "1.4.0", appNamed(a.checker(""), "Orders").Release)
}

func commitByScript(t *testing.T, a *scriptAgent, code string) {
	text := a.query(code)
	require.Contains(t, text, `Commit ""abc123"" was not found`)
	tables := tablesIn(t, text, "id,status,commit,at")
	require.Len(t, tables, 1)
	require.ElementsMatch(t, []string{"ERROR", "PARTIAL_SUCCESS"}, column(tables[0], "status"))
}

func spaceByScript(t *testing.T, a *scriptAgent, code string) {
	_, done := a.perform(code)
	said := regexp.MustCompile(`10 apps, (\d+) configurations`).FindStringSubmatch(done)
	require.NotNil(t, said, done)
	configurations, err := strconv.Atoi(said[1])
	require.NoError(t, err)
	requireSpace(t, a.agent, "acme-retail.northwind.example", configurations)
}

func compareByScript(t *testing.T, a *scriptAgent, code string) {
	spaces := readAll[space](a.checker(""), "list_spaces", nil)
	lines := []string{"instances:"}
	for i, name := range []string{"a", "b"} {
		lines = append(lines, "  "+name+":", "    url: "+a.host.url+inSpace(spaces[i].ID), "    token: "+sandboxToken)
	}
	a.session = a.serve("RETOOL_MCP_CONFIG=" + configured(t, lines...))
	found := strings.ReplaceAll(a.query(code), "list_resource_configurations", "configuration")
	requireDifferences(t, strings.Split(found, "\n"))
}

func rolesByScript(t *testing.T, a *scriptAgent, code string) {
	a.perform(code)
	s := a.checker("")
	role := sole(t, read[[]object](s, "list_roles", nil), func(r object) bool { return r["name"] == "Analyst" })
	requireRole(t, s, role["id"], each(analystGroups, func(name string) string { return text(groupNamed(s, name).ID) }))
}

func requestsByScript(t *testing.T, a *scriptAgent, code string) {
	pending := each(read[[]object](a.checker(""), "list_access_requests", object{"status": "PENDING"}), func(r object) string { return fmt.Sprint(r["id"]) })
	plan, done := a.perform(code)
	require.Contains(t, done, fmt.Sprintf("%d decided", len(pending)))
	tables := tablesIn(t, plan, "email,value,reason")
	require.Len(t, tables, 1)
	approved := column(only(tables[0], func(r row) bool { return r["value"] == "APPROVED" }), "email")
	requireDecided(t, a.checker(""), pending, approved)
}

func unusedByScript(t *testing.T, a *scriptAgent, code string) {
	tables := tablesIn(t, a.query(code), "id,name")
	require.Len(t, tables, 2)
	us := sole(t, read[[]object](a.checker(""), "list_usage_organizations", nil), func(o object) bool { return o["host"] == "northwind.retool.com" })
	opened := read[[]object](a.checker(""), "get_usage_app_summary", object{"org_ids": us["org_id"], "start_date": "2026-05-02", "end_date": "2026-11-02"})
	requireProposals(t, a.checker(""), column(tables[0], "id"), column(tables[0], "name"),
		each(opened, func(o object) string { return fmt.Sprint(o["app_name"]) }), column(tables[1], "name"))
}

// tablesIn returns the tables of a text that have these columns.
func tablesIn(t testing.TB, text, columns string) (tables [][]row) {
	t.Helper()
	for block := range strings.SplitSeq(text, "\n\n") {
		_, body, ok := strings.Cut("\n"+block, "\n"+columns+"\n")
		if !ok {
			continue
		}
		records, err := csv.NewReader(strings.NewReader(body)).ReadAll()
		require.NoError(t, err, text)
		rows := make([]row, len(records))
		for i, record := range records {
			rows[i] = row{}
			for c, name := range strings.Split(columns, ",") {
				rows[i][name] = record[c]
			}
		}
		tables = append(tables, rows)
	}
	return tables
}
