package e2e_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// unreadable are paths that cannot be states.
func unreadable(t testing.TB) map[string]string {
	folder := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	return map[string]string{
		"folder": folder, "text": write("text", "hello"), "other": write("other", `{"users":[]}`), "half": write("half", `{"id":"org_1","users":{"rows":[`),
		"below": filepath.Join(write("file", "x"), "state.json"), "nowhere": filepath.Join(folder, "missing", "state.json"),
	}
}

// Settings of the sandbox that mean nothing, or contradict those of an instance,
// stop every command before anything starts.
func TestBadSandboxSettings(t *testing.T) {
	t.Parallel()
	places := unreadable(t)
	for name, c := range map[string]struct {
		variables, arguments string
		says                 []string
	}{
		"address":               {"", "--sandbox --url=https://a.example", []string{"--sandbox", "--url", "contradict"}},
		"token":                 {"", "--sandbox --token=a", []string{"--sandbox", "--token", "contradict"}},
		"token file":            {"", "--sandbox --token-file=a", []string{"--sandbox", "--token-file", "contradict"}},
		"socket":                {"", "--sandbox --unix-socket=a", []string{"--sandbox", "--unix-socket", "contradict"}},
		"variable and flag":     {"RETOOL_MCP_SANDBOX=true", "--url=https://a.example", []string{"--sandbox", "--url", "contradict"}},
		"two addresses":         {"RETOOL_MCP_SANDBOX=1 RETOOL_URL=https://a.example", "", []string{"RETOOL_MCP_SANDBOX", "RETOOL_URL", "contradict"}},
		"host":                  {"RETOOL_MCP_SANDBOX=yes RETOOL_HOST=a.example", "", []string{"RETOOL_MCP_SANDBOX", "RETOOL_HOST"}},
		"token by variable":     {"RETOOL_MCP_SANDBOX=true RETOOL_ACCESS_TOKEN=a", "", []string{"RETOOL_MCP_SANDBOX", "RETOOL_ACCESS_TOKEN"}},
		"other token":           {"RETOOL_MCP_SANDBOX=true RETOOL_TOKEN=a", "", []string{"RETOOL_MCP_SANDBOX", "RETOOL_TOKEN"}},
		"key":                   {"RETOOL_MCP_SANDBOX=true RETOOL_API_KEY=a", "", []string{"RETOOL_MCP_SANDBOX", "RETOOL_API_KEY"}},
		"file by variable":      {"RETOOL_MCP_SANDBOX=true RETOOL_ACCESS_TOKEN_FILE=a", "", []string{"RETOOL_MCP_SANDBOX", "RETOOL_ACCESS_TOKEN_FILE"}},
		"socket by variable":    {"RETOOL_MCP_SANDBOX=true RETOOL_UNIX_SOCKET_PATH=a", "", []string{"RETOOL_MCP_SANDBOX", "RETOOL_UNIX_SOCKET_PATH"}},
		"neither yes nor no":    {"RETOOL_MCP_SANDBOX=maybe", "", []string{"RETOOL_MCP_SANDBOX", "maybe"}},
		"negative latency":      {"", "--sandbox --sandbox-latency=-1s", []string{"--sandbox-latency", "RETOOL_MCP_SANDBOX_LATENCY", "-1s"}},
		"no latency":            {"RETOOL_MCP_SANDBOX_LATENCY=slow", "--sandbox", []string{"RETOOL_MCP_SANDBOX_LATENCY", "slow"}},
		"negative seed":         {"", "--sandbox --sandbox-seed=-1", []string{"--sandbox-seed", "-1"}},
		"no seed":               {"RETOOL_MCP_SANDBOX_SEED=acorn", "--sandbox", []string{"RETOOL_MCP_SANDBOX_SEED", "acorn"}},
		"unknown fault":         {"", "--sandbox --sandbox-faults=teapot:1", []string{"--sandbox-faults", "teapot", "cut, drop, slow, html"}},
		"status that is no one": {"", "--sandbox --sandbox-faults=200:1", []string{"--sandbox-faults", `"200" is no fault`}},
		"no share":              {"", "--sandbox --sandbox-faults=429", []string{"--sandbox-faults", `"429"`, "KIND:SHARE"}},
		"share of no number":    {"", "--sandbox --sandbox-faults=429:often", []string{"--sandbox-faults", "429:often"}},
		"share too large":       {"", "--sandbox --sandbox-faults=429:1.5", []string{"--sandbox-faults", "429:1.5"}},
		"negative share":        {"", "--sandbox --sandbox-faults=429:-0.1", []string{"--sandbox-faults", "429:-0.1"}},
		"share that is NaN":     {"", "--sandbox --sandbox-faults=429:NaN", []string{"--sandbox-faults", "429:NaN"}},
		"shares too large":      {"RETOOL_MCP_SANDBOX_FAULTS=429:0.6,500:0.6", "--sandbox", []string{"RETOOL_MCP_SANDBOX_FAULTS", "more than 1"}},
		"state is a folder":     {"", "--sandbox --sandbox-state=$folder", []string{"$folder", "is a directory"}},
		"state is a text":       {"", "--sandbox --sandbox-state=$text", []string{"$text", "is no state of a sandbox", "delete it"}},
		"state of others":       {"RETOOL_MCP_SANDBOX_STATE=$other", "--sandbox", []string{"$other", "is no state of a sandbox"}},
		"state cut short":       {"", "--sandbox --sandbox-state=$half", []string{"$half", "is no state of a sandbox"}},
		"state below a file":    {"", "--sandbox --sandbox-state=$below", []string{"$below", "not a directory"}},
		"state in no folder":    {"", "--sandbox --sandbox-state=$nowhere", []string{"$nowhere", "no such file or directory"}},
		"state without it":      {"", "--sandbox-state=a", []string{"--sandbox-state", "--sandbox"}},
		"seed without it":       {"", "--sandbox-seed=2", []string{"--sandbox-seed", "--sandbox"}},
		"faults without it":     {"", "--sandbox-faults=429:1", []string{"--sandbox-faults", "--sandbox"}},
		"latency without it":    {"", "--sandbox-latency=1s", []string{"--sandbox-latency", "--sandbox"}},
		"other settings":        {"", "--sandbox --log-level=loud", []string{"--log-level", "loud"}},
	} {
		t.Run(name, func(t *testing.T) {
			fill := func(text string) string { return os.Expand(text, func(name string) string { return places[name] }) }
			for _, command := range []string{"serve", "tools", "call list_users"} {
				args := append(strings.Fields(fill(c.arguments)), strings.Fields(command)...)
				var says []string
				for _, text := range c.says {
					says = append(says, fill(text))
				}
				requireUsage(t, run(t, environment(t, strings.Fields(fill(c.variables))...), "", args...), says...)
			}
		})
	}
	for _, name := range []string{"text", "other", "half"} {
		require.FileExists(t, places[name], "it is left for whoever put it there")
	}
}

// The command that serves the sandbox has settings of its own.
func TestBadSandboxCommandSettings(t *testing.T) {
	t.Parallel()
	places := unreadable(t)
	busy, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, busy.Close()) })
	places["busy"] = busy.Addr().String()
	noMeaning := []string{"has no meaning for the command sandbox"}
	for arguments, says := range map[string][]string{
		"--listen=$busy":           {"--listen", "$busy", "address already in use"},
		"--listen=nowhere":         {"--listen", "nowhere"},
		"--listen=127.0.0.1:99999": {"--listen", "99999"},
		"--listen=192.0.2.1:0":     {"--listen", "192.0.2.1"},
		"--today=yesterday":        {"--today", "yesterday", "2026-11-02"},
		"--today=2026-02-30":       {"--today", "2026-02-30"},
		"--users=-1":               {"from 0 to 100000", "-1"},
		"--spaces=100001":          {"from 0 to 100000", "100001"},
		"--calls-per-minute=-1":    {"from 0 to 100000", "-1"},
		"--apps=many":              {"--apps", "many"},
		"--seed=-1":                {"--seed", "-1"},
		"--latency=-1s":            {"--latency", "-1s"},
		"--latency=long":           {"--latency", "long"},
		"--faults=teapot:1":        {"--faults", "teapot"},
		"--faults=429:0.6,500:0.6": {"--faults", "more than 1"},
		"--token=":                 {"--token", "TOKEN=scope,scope"},
		"--token==users:read":      {"--token", "TOKEN=scope,scope"},
		"--token=retool_a=users":   {"--token", `"users" is no scope`, "users:read"},
		"--token=retool_a --token=retool_a=users:read": {"token is named twice", "ol_a"},
		"--state=$folder":         {"$folder", "is a directory"},
		"--state=$text":           {"$text", "is no state of a sandbox"},
		"--state=$nowhere":        {"$nowhere", "no such file or directory"},
		"--state=$below":          {"$below", "not a directory"},
		"--log-level=loud":        {"--log-level", "loud"},
		"--url=https://a.example": append(noMeaning, "--url"),
		"--token-file=a":          append(noMeaning, "--token-file"),
		"--spec=embedded":         append(noMeaning, "--spec"),
		"--timeout=5s":            append(noMeaning, "--timeout"),
		"--unix-socket=a":         append(noMeaning, "--unix-socket"),
		"--toolsets=core":         append(noMeaning, "--toolsets"),
		"--tool-prefix=a_":        append(noMeaning, "--tool-prefix"),
		"--sandbox":               append(noMeaning, "--sandbox"),
		"--sandbox-seed=2":        append(noMeaning, "--sandbox-seed"),
		"--sandbox-state=a":       append(noMeaning, "--sandbox-state"),
		"--sandbox-faults=429:1":  append(noMeaning, "--sandbox-faults"),
		"--sandbox-latency=1s":    append(noMeaning, "--sandbox-latency"),
		"more":                    {"more"},
	} {
		t.Run(arguments, func(t *testing.T) {
			fill := func(text string) string { return os.Expand(text, func(name string) string { return places[name] }) }
			args := append([]string{"sandbox", "--listen=127.0.0.1:0"}, strings.Fields(fill(arguments))...)
			var expected []string
			for _, text := range says {
				expected = append(expected, fill(text))
			}
			o := run(t, environment(t), "", args...)
			requireUsage(t, o, expected...)
			require.NotContains(t, o.stderr, "retool_a", "tokens are not repeated")
		})
	}
}
