package e2e_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	embeddedcatalog "github.com/retool-mcp/retool-mcp/tools/embedded"
)

// A servedOperation is an operation of the embedded document, with its
// properties by the document and the rules of docs/tools.md and docs/safety.md.
// The program is not asked.
type servedOperation struct {
	apiOperation
	tool, scope                         string
	reads, destroys, irreversible, core bool
}

// embedded reads the embedded document.
var embedded = sync.OnceValues(func() ([]servedOperation, error) {
	text, err := os.ReadFile(filepath.Join("..", "..", "schemas", "retool.openapi.yaml"))
	if err != nil {
		return nil, err
	}
	var document object
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	paths := document["paths"].(object)
	schemas := document["components"].(object)["schemas"].(object)
	var out []servedOperation
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		item := paths[path].(object)
		for _, method := range slices.Sorted(maps.Keys(item)) {
			raw := inOldStyle(item[method], schemas).(object)
			op := servedOperation{apiOperation: operationOf(method, path, raw), tool: raw["operationId"].(string)}
			op.scope, _ = raw["x-scope"].(string)
			op.classify()
			out = append(out, op)
		}
	}
	return out, nil
})

// operationsEmbedded is how many operations the embedded document has. The list
// of names in internal/toolgen/testdata pins it.
var operationsEmbedded = len(embeddedcatalog.Catalog().Tools)

// toolsByDefaultCount is the number of tools in a list: the local ones besides the
// operations.
var toolsByDefaultCount = operationsEmbedded + len(localTools)

// localTools are those that the program answers itself, the first with any selection.
var localTools = []string{"describe_tools", "query_script", "run_script", "search_tools"}

func operationsOfEmbedded(t testing.TB) []servedOperation {
	t.Helper()
	operations, err := embedded()
	require.NoError(t, err)
	require.Len(t, operations, operationsEmbedded)
	return operations
}

// inOldStyle rewrites a schema for the sampler: without references, with
// "nullable", and with numbers as encoding/json reads them.
func inOldStyle(v any, schemas object) any {
	switch v := v.(type) {
	case int, int64, uint64, float64:
		return json.Number(fmt.Sprint(v))
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = inOldStyle(v[i], schemas)
		}
		return out
	case object:
		if ref, ok := v["$ref"].(string); ok {
			return inOldStyle(schemas[filepath.Base(ref)], schemas)
		}
		out := object{}
		for name, member := range v {
			out[name] = inOldStyle(member, schemas)
		}
		if types, ok := out["type"].([]any); ok {
			types = slices.DeleteFunc(slices.Clone(types), func(t any) bool { return t == "null" })
			out["type"], out["nullable"] = types[0], true
		}
		return out
	default:
		return v
	}
}

var (
	parameterInPath = regexp.MustCompile(`\{\w+\}`)
	// The exceptions of docs/tools.md, and the irreversible operations of docs/safety.md.
	postsThatRead          = []string{"POST /permissions/listObjects", "POST /source_control/test_deploy", "POST /apps/toolscript/validate"}
	irreversibleOperations = []string{"POST /organization/invalidate_sessions/", "DELETE /sso/config", "DELETE /spaces/{}", "DELETE /source_control/config", "DELETE /environments/{}"}
	takesAway              = []string{"cancel", "delete", "invalidate", "logout", "remove", "reset", "revoke"}
	inCore                 = []string{
		"users", "user_invites", "access_requests", "groups", "permissions", "role_permissions", "apps", "folders",
		"resources", "resource_configurations", "environments", "configuration_variables", "workflows", "workflow_run",
	}
)

func (o *servedOperation) classify() {
	key := o.method + " " + parameterInPath.ReplaceAllString(o.path, "{}")
	verb, _, _ := strings.Cut(o.tool, "_")
	o.reads = o.method == http.MethodGet || slices.Contains(postsThatRead, key)
	o.destroys = !o.reads && (o.method == http.MethodPut || o.method == http.MethodDelete || slices.Contains(takesAway, verb) || key == "POST /sso/config") &&
		!strings.HasPrefix(o.path, "/source_control/manifests/")
	o.irreversible = slices.Contains(irreversibleOperations, key)
	o.core = slices.Contains(inCore, strings.Split(o.path, "/")[1])
}

// mayBeUsed reports whether a token with the scopes may use the operation. It
// needs one of the alternatives, and write includes read.
func (o *servedOperation) mayBeUsed(scopes ...string) bool {
	if o.scope == "" {
		return true
	}
	return slices.ContainsFunc(strings.Split(o.scope, " or "), func(need string) bool {
		return slices.Contains(scopes, need) || slices.Contains(scopes, strings.Replace(need, ":read", ":write", 1))
	})
}

// An expectedOutcome is the expected outcome of a call of a served tool.
type expectedOutcome struct {
	refusal string   // part of its text, "" for none
	wire    []string // the methods of its requests, all for the path of the operation
	asked   int      // how often the user is asked
	looks   bool     // reads of what the call is about come before
}

func sent(o *servedOperation) expectedOutcome { return expectedOutcome{wire: []string{o.method}} }

// switches are safety settings and what they imply.
type switches struct {
	name      string
	variables []string
	args      []string
	served    func(o *servedOperation) bool
	dry       bool // every write has dry_run
	outcome   func(o *servedOperation) expectedOutcome
	user      func(question string) mcp.ElicitationResponse // nil for a client that cannot ask
}

func allOperations(*servedOperation) bool { return true }

// local are the local tools that are listed.
func (x *switches) local() []string {
	all := strings.Join(append(x.args, x.variables...), " ")
	if strings.Contains(all, "--tools=list_*") {
		return localTools[:1]
	}
	return slices.DeleteFunc(slices.Clone(localTools), func(name string) bool {
		return name == "run_script" && (strings.Contains(all, "--read-only") || strings.Contains(all, "READ_ONLY"))
	})
}

// reached reports whether scripts reach what is not listed.
func (x *switches) reached(o *servedOperation) bool {
	return slices.Contains(x.args, "--toolsets=core") && !strings.Contains(strings.Join(append(x.args, x.variables...), " "), "READ_ONLY") &&
		!o.deletes() && (!slices.Contains(x.args, "--exclude-tools=delete_*,*_user") || !strings.HasSuffix(o.tool, "_user"))
}

const (
	refusedWithoutElicitation = "requires the user's confirmation"
	refusedAsIrreversible     = "is irreversible and affects the whole organization"
	refusedByUser             = "the user declined"
)

// asIfAuto returns the outcome under --confirm auto with a client that cannot
// ask.
func asIfAuto(o *servedOperation) expectedOutcome {
	if o.irreversible {
		return expectedOutcome{refusal: refusedAsIrreversible}
	}
	return sent(o)
}

// asked returns the outcome of a call that asks the user.
func asked(agreed bool) func(o *servedOperation) expectedOutcome {
	return func(o *servedOperation) expectedOutcome {
		if !o.destroys {
			return sent(o)
		}
		f := expectedOutcome{asked: 1, looks: true}
		if agreed {
			f.wire = []string{o.method}
		} else {
			f.refusal = refusedByUser
		}
		return f
	}
}

func dryRun(o *servedOperation) expectedOutcome {
	if o.reads {
		return sent(o)
	}
	return expectedOutcome{looks: true}
}

func decline(string) mcp.ElicitationResponse {
	return mcp.ElicitationResponse{Action: mcp.ElicitationResponseActionDecline}
}

var matrix = []switches{
	{name: "no switch", served: allOperations, outcome: asIfAuto},
	{name: "read-only", args: []string{"--read-only"}, served: func(o *servedOperation) bool { return o.reads }, outcome: sent},
	{name: "tools", args: []string{"--tools=list_*"}, served: func(o *servedOperation) bool { return strings.HasPrefix(o.tool, "list_") }, outcome: sent},
	{name: "exclude", args: []string{"--exclude-tools=delete_*"}, served: func(o *servedOperation) bool { return !o.deletes() }, outcome: asIfAuto},
	{
		name: "tools by both, and out again", args: []string{"--toolsets=core", "--tools=get_sso_config,delete_space", "--exclude-tools=delete_*,*_user"},
		served: func(o *servedOperation) bool {
			in := o.core || o.tool == "get_sso_config" || o.tool == "delete_space"
			return in && !o.deletes() && !strings.HasSuffix(o.tool, "_user")
		},
		outcome: asIfAuto,
	},
	{
		name: "scopes", args: []string{"--scopes=users:read,groups:write"},
		served: func(o *servedOperation) bool { return o.mayBeUsed("users:read", "groups:write") }, outcome: asIfAuto,
	},
	{
		name: "core without what deletes", args: []string{"--toolsets=core", "--exclude-tools=delete_*"},
		served: func(o *servedOperation) bool { return o.core && !o.deletes() }, outcome: asIfAuto,
	},
	{
		name: "confirm always, nobody to ask", args: []string{"--confirm=always"}, served: allOperations,
		outcome: func(o *servedOperation) expectedOutcome {
			if o.destroys {
				return expectedOutcome{refusal: refusedWithoutElicitation}
			}
			return sent(o)
		},
	},
	{name: "confirm auto, nobody to ask", args: []string{"--confirm=auto"}, served: allOperations, outcome: asIfAuto},
	{name: "confirm never", args: []string{"--confirm=never"}, served: allOperations, outcome: sent},
	{name: "confirm auto, agreed", served: allOperations, outcome: asked(true), user: accept},
	{name: "confirm always, declined", args: []string{"--confirm=always"}, served: allOperations, outcome: asked(false), user: decline},
	{name: "a rehearsal", served: allOperations, dry: true, outcome: dryRun, user: decline},
	{name: "a rehearsal that would have to be confirmed", args: []string{"--confirm=always"}, served: allOperations, dry: true, outcome: dryRun, user: decline},
	{
		name: "a rehearsal of what nobody could confirm", args: []string{"--confirm=always"}, served: allOperations, dry: true,
		outcome: func(o *servedOperation) expectedOutcome {
			if o.destroys {
				return expectedOutcome{refusal: refusedWithoutElicitation}
			}
			return dryRun(o)
		},
	},
	{
		name:      "read-only with all else",
		variables: []string{"RETOOL_MCP_READ_ONLY=1", "RETOOL_MCP_CONFIRM=never"},
		args:      []string{"--toolsets=core", "--tools=*", "--exclude-tools=list_users", "--scopes=users:write,groups:write"},
		served: func(o *servedOperation) bool {
			return o.reads && o.mayBeUsed("users:write", "groups:write") && o.tool != "list_users"
		},
		outcome: sent,
	},
	{
		name: "read-only with a rehearsal", variables: []string{"RETOOL_MCP_READ_ONLY=1"}, dry: true,
		served: func(o *servedOperation) bool { return o.reads }, outcome: sent,
	},
}

// deletes reports whether a tool is one of delete_*, by its name or its former one.
func (o *servedOperation) deletes() bool {
	const word = "delete_"
	return strings.HasPrefix(o.tool, word) || strings.HasPrefix(embeddedcatalog.Catalog().Find(o.tool).Former, word)
}

// For every combination of switches, the tools that the rules allow are listed,
// no other can be called, and the requests are those of the rules.
func TestSafetyMatrix(t *testing.T) {
	t.Parallel()
	operations := operationsOfEmbedded(t)
	for i, x := range matrix {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			u := newUpstream(t, answering(http.StatusOK, jsonType, `{"success":true,"data":{"n":1}}`))
			env := held(t, u, append(x.variables, "RETOOL_MCP_SECRET_DIR="+t.TempDir())...)
			var p *userAnswers
			if x.user != nil {
				p = &userAnswers{answer: x.user}
			}
			s := connectTo(t, []string{legacy, modern}[i%2], env, p, x.args...)
			want := []string{}
			for j := range operations {
				if x.served(&operations[j]) {
					want = append(want, operations[j].tool)
				}
			}
			require.NotEmpty(t, want)
			want = append(want, x.local()...)
			slices.Sort(want)
			require.Equal(t, want, namesIn(decodeJSON(t, s.list()).(object)))
			for j := range operations {
				requireOutcome(t, s, u, p, &operations[j], &x)
			}
		})
	}
}

// requireOutcome calls a tool and compares the outcome.
func requireOutcome(t *testing.T, s *session, u *upstream, p *userAnswers, o *servedOperation, x *switches) {
	t.Helper()
	sample := sampler{t: t}
	e := sample.exchangeFor(o.apiOperation)
	if x.dry && !o.reads {
		e.arguments["dry_run"] = true
	}
	a, err := s.try(t.Context(), o.tool, e.encoded(t))
	got := u.take()
	questions := p.take()
	if !x.served(o) {
		require.Empty(t, got, o.tool)
		if x.reached(o) {
			require.NoError(t, err, o.tool)
			require.True(t, a.isError)
			require.Contains(t, a.text, "Not sent: "+o.tool+" is served to scripts only.")
			return
		}
		require.Error(t, err, "%s is not served: %s", o.tool, a.text)
		return
	}
	require.NoError(t, err, o.tool)
	want := x.outcome(o)
	require.Equal(t, want.refusal != "", a.isError, "%s: %s", o.tool, a.text)
	require.Contains(t, a.text, want.refusal, o.tool)
	require.Len(t, questions, want.asked, o.tool)
	if x.dry && !o.reads && want.refusal == "" {
		require.Contains(t, a.text, "Dry run: nothing was changed.", o.tool)
		require.Contains(t, a.text, "\n"+o.method+" "+e.path, o.tool)
	}
	var wire []string
	for _, r := range got {
		if want.looks && (r.method == http.MethodGet || strings.HasSuffix(r.uri, "/permissions/listObjects")) {
			continue
		}
		wire = append(wire, r.method)
		path, _, _ := strings.Cut(r.uri, "?")
		require.Equal(t, "/api/v2"+e.path, path, o.tool)
	}
	require.Equal(t, want.wire, wire, "%s: %s", o.tool, a.text)
}

// held returns the environment of a process that serves the embedded document
// for upstream, with default switches.
func held(t testing.TB, u *upstream, variables ...string) []string {
	t.Helper()
	return serving(t, "embedded", u, append([]string{"RETOOL_MCP_CONFIRM="}, variables...)...)
}

// The command "call" obeys the switches, and cannot ask.
func TestSafetyMatrixOfCommandCall(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, answering(http.StatusOK, jsonType, `{"success":true,"data":{"n":1}}`))
	for name, c := range map[string]struct {
		variables, args []string
		code            int
		says            string
		wire            int
	}{
		"read-only":         {[]string{"RETOOL_MCP_READ_ONLY=1"}, []string{"delete_group", "groupId=9"}, 2, "delete_group", 0},
		"excluded":          {nil, []string{"--exclude-tools=delete_*", "delete_group", "groupId=9"}, 2, "delete_group", 0},
		"scopes":            {nil, []string{"--scopes=groups:read", "delete_group", "groupId=9"}, 2, "delete_group", 0},
		"scopes that allow": {nil, []string{"--scopes=groups:write", "get_group", "groupId=9"}, 0, "", 1},
		"always":            {nil, []string{"--confirm=always", "delete_group", "groupId=9"}, 1, refusedWithoutElicitation, 0},
		"auto":              {nil, []string{"invalidate_organization_sessions"}, 1, refusedAsIrreversible, 0},
		"a rehearsal":       {nil, []string{"delete_group", "groupId=9", "dry_run=true"}, 0, "", 1},
	} {
		o := run(t, held(t, u, c.variables...), "", append([]string{"call"}, c.args...)...)
		require.Equal(t, c.code, o.code, "%s: %s%s", name, o.stdout, o.stderr)
		require.Contains(t, o.stderr, c.says, name)
		got := u.take()
		require.Len(t, got, c.wire, name)
		for _, r := range got {
			require.Equal(t, http.MethodGet, r.method, name)
		}
	}
}

// Switches that match no tool, or leave none, stop the start with one line.
func TestInvalidSafetySwitches(t *testing.T) {
	t.Parallel()
	for args, says := range map[string][]string{
		"--tools=list_user":                         {"--tools (RETOOL_MCP_TOOLS)", "list_user"},
		"--tools=lst_*":                             {"--tools (RETOOL_MCP_TOOLS)", "lst_*"},
		"--tools=list_[":                            {"--tools (RETOOL_MCP_TOOLS)", "list_["},
		"--exclude-tools=nothing_*":                 {"--exclude-tools (RETOOL_MCP_EXCLUDE_TOOLS)", "nothing_*"},
		"--scopes=user:read":                        {"--scopes (RETOOL_MCP_SCOPES)", "user:read"},
		"--toolsets=cor":                            {"--toolsets (RETOOL_MCP_TOOLSETS)", "core"},
		"--read-only --tools=delete_*":              {"--read-only", "no tool"},
		"--tools=get_user --exclude-tools=get_user": {"--exclude-tools", "no tool"},
		"--confirm=maybe":                           {"--confirm", "auto"},
		"--requests-per-minute=-1":                  {"--requests-per-minute", "-1"},
		"--retries=-1":                              {"--retries", "-1"},
	} {
		for _, command := range []string{"serve", "tools"} {
			requireUsage(t, run(t, environment(t), "", append([]string{command}, strings.Fields(args)...)...), says...)
		}
	}
}
