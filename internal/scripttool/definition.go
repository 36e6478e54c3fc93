package scripttool

import "github.com/retool-mcp/retool-mcp/tools"

// Names of the tools, which a prefix can precede.
const (
	NameQuery = "query_script"
	NameRun   = "run_script"
)

const (
	argArgs  = "args"
	argApply = "apply"
)

// Query is the tool whose scripts only read.
var Query = tools.Tool{
	Name:  NameQuery,
	Title: "Query with a script",
	Description: "Run JavaScript that reads: one call in place of many, for joins, counts, checks over all pages → what it returns, an array of flat objects as a table. " +
		"Operations are functions that take the tools' arguments: const groups = await retool.list_groups({}). " +
		"A list is an array of all its items, an object itself; limit: n means the first n. A failed call throws (e.message, e.status). " +
		"There are args, Promise.all (8 calls at once), daysAgo(n), sleep(ms), until(f, done), console.log and save(name, rows), but no fetch, require, import or TypeScript. " +
		"search_tools finds operations",
	Details: `More about scripts, in run_script too:
- Arguments and answers of a function are those that describe_tools shows of the tool, without success and data around an answer.
- An answer that is cut, or a page that was not read on, has a note in the result. next_token reads one page.
- An error has message, status, operation and line; Promise.allSettled goes on after some.
- An object of arrays is shown as a table each, a text as it is, anything else as JSON. Return what was asked for, not what was read.
- daysAgo(90) is a date as the API writes them. The clock stands still while a script runs. until(fn, done, {every, for}) polls.
- A script has 60 s, 1,000 calls and 64 KB of code unless the operator has set other limits.`,
	Toolset: tools.ToolsetScripts,
	Core:    true,
	Hints:   tools.Hints{ReadOnly: true, Idempotent: true},
	Schema:  querySchema,
	Full:    querySchema,
	Args: []tools.Arg{
		{Name: tools.ArgCode, WireName: tools.ArgCode, In: tools.NotSent, Required: true},
		{Name: argArgs, WireName: argArgs, In: tools.NotSent},
	},
}

// Run is the tool whose scripts write what was planned.
var Run = tools.Tool{
	Name:  NameRun,
	Title: "Run a script",
	Description: "Plan writes with JavaScript as in query_script, then make them → the plan, or what was made. " +
		"With code alone nothing is written: the result is the plan, and the arguments that apply it. " +
		`{"apply": id} then makes exactly the planned writes, once, within ten minutes; the user may be asked first. ` +
		"While planning, the answer of a write is a placeholder: created.id can be passed on; where its value is needed, as in a loop, the plan ends, and applying goes on from there. " +
		"Create what is missing: groups.find(g => g.name === 'Ops') ?? await retool.create_group({name: 'Ops'}). Then a new plan after a failure has just the rest",
	Details: `More about plans:
- Reads are real while planning and show the state before the planned writes. retool.planning is true then.
- Where the code, the organization or the arguments have changed, nothing is sent, and the difference and a new plan are shown.
- A write is sent only if it is the next planned one of its operation. After an error no other is begun; the result says what was made and what not.
- Code can be left out with apply while the server still has it.`,
	Toolset: tools.ToolsetScripts,
	Core:    true,
	Hints:   tools.Hints{Destructive: true, OpenWorld: true},
	Schema:  runSchema,
	Full:    runSchema,
	Args: []tools.Arg{
		{Name: tools.ArgCode, WireName: tools.ArgCode, In: tools.NotSent},
		{Name: argApply, WireName: argApply, In: tools.NotSent},
		{Name: argArgs, WireName: argArgs, In: tools.NotSent},
	},
}

const (
	codeAndArgs = `"code":{"type":"string"},"args":{"type":"object","description":"args in the code"}`
	querySchema = `{"properties":{` + codeAndArgs + `},"type":"object","required":["code"]}`
	runSchema   = `{"properties":{` + codeAndArgs + `,"apply":{"type":"string","description":"id of a plan; code can be left out"}},"type":"object"}`
)
