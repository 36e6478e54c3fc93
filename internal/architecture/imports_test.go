// Package architecture holds the import rules: which package may import which.
// Data flows one way: document → operation → tool → call → request → response →
// result. No package imports a later one.
package architecture_test

import (
	"bytes"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
)

const module = "github.com/retool-mcp/retool-mcp"

// allowedImports lists what each package may import beyond the standard library:
// packages of this module by path, others by module.
var allowedImports = map[string][]string{
	"":                             {"internal/cli", "internal/memory", "internal/script/engine", "golang.org/x/term"},
	"internal/openapi":             {jsonModule, "github.com/invopop/jsonschema", "go.yaml.in/yaml/v4"},
	"tools":                        {"internal/redact", jsonModule, "github.com/santhosh-tekuri/jsonschema/v6"},
	"internal/toolgen":             {"tools", "internal/openapi", jsonModule, "github.com/invopop/jsonschema"},
	"internal/catalogdiff":         {"tools", jsonModule},
	"internal/toolgen/toolgentest": {"tools", "internal/openapi", "internal/referencedata", "internal/toolgen", "github.com/stretchr/testify"}, // for tests
	"internal/caller":              {},
	"internal/pipe":                {},
	"internal/redact":              {jsonModule, "golang.org/x/text"},
	"internal/jsonvalue":           {jsonModule},
	"internal/memory":              {"golang.org/x/sync"},
	"internal/file":                {},
	"internal/netaddr":             {},
	"internal/order":               {},
	"internal/text":                {"github.com/agnivade/levenshtein"},
	"internal/retool":              {"tools", "internal/memory", "internal/redact", jsonModule, "golang.org/x/sync", "golang.org/x/time", "github.com/sony/gobreaker", "github.com/cenkalti/backoff"},
	"internal/result":              {"tools", "internal/confirm", "internal/redact", "internal/retool", "internal/where", jsonModule},
	"internal/where":               {"tools", "github.com/expr-lang/expr"},
	"internal/local":               {"tools", "internal/result"},
	"internal/describe":            {"tools", "internal/local", "internal/result", jsonModule},
	"internal/scripttool":          {"tools", "internal/audit", "internal/call", "internal/caller", "internal/confirm", "internal/export", "internal/local", "internal/plan", "internal/progress", "internal/result", "internal/script", "internal/script/wire", jsonModule},
	"internal/search":              {"tools", "internal/result", "github.com/agnivade/levenshtein"},
	"internal/secret":              {},
	"internal/state":               {jsonModule},
	"internal/progress":            {},
	"internal/config":              {"go.yaml.in/yaml/v4"},
	"internal/confirm":             {},
	"internal/audit":               {},
	"internal/plan":                {jsonModule},
	"internal/export":              {jsonModule},
	"internal/script":              {"internal/confirm", "internal/memory", "internal/plan", "internal/progress", "internal/script/wire", jsonModule, "golang.org/x/sync"},
	"internal/script/engine":       {"internal/plan", "internal/script", "internal/script/wire", "modernc.org/quickjs"},
	"internal/script/wire":         {},
	"internal/call":                {"tools", "internal/audit", "internal/caller", "internal/confirm", "internal/memory", "internal/plan", "internal/progress", "internal/retool", "internal/result", "internal/secret", "internal/where"},
	"internal/doctor":              {"tools", "internal/retool"},
	"internal/docsource":           {"tools", "tools/embedded", "internal/openapi", "internal/toolgen", "internal/retool", jsonModule},
	"schemas":                      {},
	"tools/embedded":               {"tools"},
	"internal/generate":            {"tools", "internal/openapi", "internal/toolgen", "internal/sandbox/routes", jsonModule, "go.yaml.in/yaml/v4"},
	"internal/server":              {"tools", "internal/caller", "internal/confirm", "internal/local", "internal/progress", "internal/result", "internal/server/jsonrpc", "internal/server/mcpfix", jsonModule, "github.com/mark3labs/mcp-go", "github.com/google/uuid"},
	// mcpfix alone knows how mcp-go misbehaves over HTTP, and nothing of tools.
	"internal/server/mcpfix": {"internal/progress", "internal/server/jsonrpc", jsonModule, "github.com/mark3labs/mcp-go"},
	// What precedes the transports does not know MCP, so that each part can be
	// read, tested and replaced alone.
	"internal/server/guard":   {"internal/caller", "internal/server/jsonrpc", "internal/text"},
	"internal/server/auth":    {"internal/caller", "internal/server/jsonrpc", "github.com/coreos/go-oidc", "github.com/go-jose/go-jose"},
	"internal/server/remote":  {},
	"internal/server/jsonrpc": {jsonModule},
	"internal/telemetry":      {"internal/caller", "internal/result", "github.com/VictoriaMetrics/metrics", "go.opentelemetry.io/otel", "github.com/go-logr/logr"},
	"internal/cli": {
		"tools", "internal/audit", "internal/call", "internal/caller", "internal/catalogdiff", "internal/doctor", "internal/memory", "internal/pipe", "internal/result", "internal/retool", "internal/sandbox", "internal/config", "internal/confirm", "internal/describe", "internal/export", "internal/local", "internal/script", "internal/scripttool", "internal/search", "internal/secret", "internal/state",
		"internal/server", "internal/server/auth", "internal/server/guard", "internal/server/remote", "internal/docsource", "internal/toolgen",
		"internal/telemetry", jsonModule, "github.com/spf13/cobra", "github.com/spf13/pflag",
	},
	// The sandbox is the other side of the connection: it and the client share only
	// the embedded document.
	"internal/sandbox": {"internal/pipe", "internal/sandbox/org", "internal/sandbox/org/api", "internal/sandbox/org/model", "internal/sandbox/routes", "internal/sandbox/seed", "internal/text", "schemas", jsonModule},
	// The subjects of the organization do not know each other: what they share is
	// the data (model) and the form of calls and answers (api).
	"internal/sandbox/org":               {"internal/sandbox/org/api", "internal/sandbox/org/access", "internal/sandbox/org/objects", "internal/sandbox/org/people", "internal/sandbox/org/resources", "internal/sandbox/org/settings", "internal/sandbox/org/sourcecontrol", "internal/sandbox/org/usage"},
	"internal/sandbox/org/model":         {jsonModule},
	"internal/sandbox/org/api":           {"internal/sandbox/org/model", jsonModule, "github.com/evanphx/json-patch/v5"},
	"internal/sandbox/org/access":        {"internal/sandbox/org/api", "internal/sandbox/org/model", jsonModule},
	"internal/sandbox/org/objects":       {"internal/sandbox/org/api", "internal/sandbox/org/model", jsonModule},
	"internal/sandbox/org/people":        {"internal/sandbox/org/api", "internal/sandbox/org/model", jsonModule},
	"internal/sandbox/org/resources":     {"internal/sandbox/org/api", "internal/sandbox/org/model", jsonModule},
	"internal/sandbox/org/settings":      {"internal/sandbox/org/api", "internal/sandbox/org/model", jsonModule},
	"internal/sandbox/org/sourcecontrol": {"internal/sandbox/org/api", "internal/sandbox/org/model", jsonModule},
	"internal/sandbox/org/usage":         {"internal/sandbox/org/api", "internal/sandbox/org/model"},
	"internal/sandbox/seed":              {"internal/sandbox/org/model", jsonModule},
	"internal/sandbox/routes":            {"internal/openapi", jsonModule, "github.com/invopop/jsonschema", "github.com/santhosh-tekuri/jsonschema/v6"},
	// Only tests import these.
	"internal/referencedata":       {},
	"internal/testseed":            {},
	"internal/testprocess":         {},
	"internal/testcost":            {},
	"internal/deploy":              {},
	"internal/architecture":        {},
	"internal/e2e":                 {},
	"internal/perf":                {},
	"internal/perf/onetool":        {"github.com/mark3labs/mcp-go"},
	"internal/conformance/fixture": {"internal/progress", "internal/server", "internal/server/auth", "internal/server/guard", "internal/server/remote", "github.com/mark3labs/mcp-go"},
}

// leaves are open to every package, the sandbox included: they know nothing of
// Retool, and what is invisible or how a file is written must have one answer.
var leaves = []string{"internal/file", "internal/jsonvalue", "internal/netaddr", "internal/order", "internal/text"}

const jsonModule = "github.com/go-json-experiment/json"

// forbiddenImports lists packages of the standard library that a pure package must
// not use, or that could write to the stream of the protocol.
var forbiddenImports = map[string][]string{
	"tools":            {"net", "net/http", "os", "io/fs", "log", "log/slog", "time"},
	"internal/openapi": {"net", "net/http", "os", "log", "log/slog", "time"},
	"internal/toolgen": {"net", "net/http", "os", "io/fs", "log", "log/slog", "time", "context"},
	"internal/result":  {"net", "os", "log/slog", "context"}, // that of a call is in tools.Call
	"internal/where":   {"net", "net/http", "os", "log", "log/slog"},
	"internal/retool":  {"log", "log/slog"},
	"internal/call":    {"net/http", "os"},
	"internal/secret":  {"net", "net/http", "log", "log/slog"},
	// What an organization is must not depend on when and where it runs.
	"internal/sandbox/org/model":         {"net", "net/http", "os", "log", "log/slog", "context"},
	"internal/sandbox/org":               {"net", "os", "log", "log/slog", "context"},
	"internal/sandbox/org/api":           {"net", "os", "log", "log/slog", "context"},
	"internal/sandbox/org/access":        {"net", "os", "log", "log/slog", "context"},
	"internal/sandbox/org/objects":       {"net", "os", "log", "log/slog", "context"},
	"internal/sandbox/org/people":        {"net", "os", "log", "log/slog", "context"},
	"internal/sandbox/org/resources":     {"net", "os", "log", "log/slog", "context"},
	"internal/sandbox/org/settings":      {"net", "os", "log", "log/slog", "context"},
	"internal/sandbox/org/sourcecontrol": {"net", "os", "log", "log/slog", "context"},
	"internal/sandbox/org/usage":         {"net", "os", "log", "log/slog", "context"},
	"internal/sandbox/seed":              {"net", "net/http", "os", "log", "log/slog", "context"},
}

func TestImports(t *testing.T) {
	for path, imports := range importsOfAll(t) {
		may, known := allowedImports[path]
		if !known {
			t.Errorf("package %q is missing in the table of this test: add what it may import", path)
			continue
		}
		for _, imported := range imports {
			if own, ok := strings.CutPrefix(imported, module+"/"); ok {
				if !slices.Contains(may, own) && !slices.Contains(leaves, own) {
					t.Errorf("%s must not import %s", path, own)
				}
				continue
			}
			first, _, _ := strings.Cut(imported, "/")
			if !strings.Contains(first, ".") {
				if slices.Contains(forbiddenImports[path], imported) {
					t.Errorf("%s must not import %s", path, imported)
				}
				continue
			}
			within := func(m string) bool { return imported == m || strings.HasPrefix(imported, m+"/") }
			if !slices.ContainsFunc(may, within) {
				t.Errorf("%s must not import %s", path, imported)
			}
		}
	}
}

// importsOfAll returns what each package imports outside its tests.
func importsOfAll(t *testing.T) map[string][]string {
	cmd := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...")
	cmd.Dir = referencedata.Root(t)
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	require.NoError(t, err, problems.String())
	all := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		all[strings.TrimPrefix(strings.TrimPrefix(fields[0], module), "/")] = fields[1:]
	}
	require.Contains(t, all, "tools", "go list found the packages")
	return all
}
