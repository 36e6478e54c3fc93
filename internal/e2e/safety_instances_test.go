package e2e_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// configured writes a configuration file that only its owner can read.
func configured(t testing.TB, lines ...string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "retool.yaml")
	require.NoError(t, os.WriteFile(name, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	return name
}

// Two instances with different tokens and responses.
type instancePair struct {
	east, west *upstream
	file       string
}

const eastToken, westToken = "retool_01east", "retool_01west"

// newInstancePair starts two instances. The configuration of east has the given
// lines too.
func newInstancePair(t testing.TB, all, east string) *instancePair {
	t.Helper()
	w := &instancePair{}
	for name, at := range map[string]**upstream{"east": &w.east, "west": &w.west} {
		*at = newUpstream(t, func(rw http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/users") {
				answering(http.StatusOK, jsonType, `{"success":true,"data":[{"id":"user_`+name+`"}],"next_token":"more of `+name+`","has_more":true}`)(rw, r)
				return
			}
			answering(http.StatusOK, jsonType, `{"success":true,"data":{"name":"`+name+`"}}`)(rw, r)
		})
	}
	w.file = configured(t, "spec: embedded", all, "instances:",
		"  east:", "    url: "+w.east.URL, "    token_file: "+tokenFile(t, eastToken), "    "+east,
		"  west-1:", "    url: "+w.west.URL+"/below", "    token: "+westToken)
	return w
}

// requireOnly checks that one instance got one request with its own token, and
// the other none.
func (w *instancePair) requireOnly(t testing.TB, instance, method string) {
	t.Helper()
	at, other, token, base := w.east, w.west, eastToken, "/api/v2/"
	if instance != "east" {
		at, other, token, base = w.west, w.east, westToken, "/below/api/v2/"
	}
	got := at.only(t)
	require.Equal(t, method, got.method)
	require.True(t, strings.HasPrefix(got.uri, base), got.uri)
	require.Equal(t, []string{"Bearer " + token}, got.header["Authorization"])
	require.Empty(t, other.take())
}

func (w *instancePair) requireNothing(t testing.TB) {
	t.Helper()
	require.Empty(t, w.east.take())
	require.Empty(t, w.west.take())
}

// Each call is sent to the instance that it names, with its token, and the
// result names it. A call that names none is refused.
func TestInstances(t *testing.T) {
	t.Parallel()
	for _, protocol := range []string{legacy, modern} {
		t.Run(protocol, func(t *testing.T) {
			w := newInstancePair(t, "", "read_only: true")
			s := connect(t, protocol, environment(t, "RETOOL_MCP_CONFIG="+w.file))
			for _, o := range operationsOfEmbedded(t) {
				require.True(t, s.takes(o.tool, "instance"), o.tool)
				want := []any{"east", "west-1"}
				if !o.reads {
					want = want[1:]
				}
				require.Equal(t, want, s.arguments[o.tool]["instance"].(object)["enum"], o.tool)
			}
			for _, name := range []string{"east", "west-1", "east"} {
				text := s.succeed("get_group", given(t, object{"groupId": "9", "instance": name}))
				require.Contains(t, text, `{"data":{"name":"`+strings.TrimSuffix(name, "-1")+`"`)
				require.True(t, strings.HasSuffix(text, "\nInstance: "+name), text)
				w.requireOnly(t, name, http.MethodGet)

				text = s.succeed("list_users", given(t, object{"instance": name, "format": asJSON}))
				w.requireOnly(t, name, http.MethodGet)
				_, next, ok := strings.Cut(text, "Next page: call list_users with ")
				require.True(t, ok, text)
				next, _, _ = strings.Cut(next, "\n")
				require.Contains(t, next, `"instance":"`+name+`"`)
				s.succeed("list_users", []byte(strings.TrimRight(next, " .")))
				w.requireOnly(t, name, http.MethodGet)
			}
			s.succeed("create_group", []byte(`{"name":"N","instance":"west-1"}`))
			w.requireOnly(t, "west-1", http.MethodPost)
			for _, arguments := range []string{
				`{"name":"N"}`, `{"name":"N","instance":"north"}`, `{"name":"N","instance":""}`, `{"name":"N","instance":["west-1"]}`,
				`{"name":"N","instance":"East"}`, `{"name":"N","instance":null}`, `{"name":"N","instance":"west-1 "}`,
			} {
				a := s.call("create_group", []byte(arguments))
				require.True(t, a.isError, arguments)
				require.Contains(t, a.text, "must be one of east, west-1", arguments)
				w.requireNothing(t)
			}
			for _, dry := range []bool{false, true} {
				a := s.call("create_group", given(t, object{"name": "N", "instance": "east", "dry_run": dry}))
				require.True(t, a.isError)
				require.Contains(t, a.text, "create_group is not available on the instance east")
				w.requireNothing(t)
			}
		})
	}
}

// No write reaches a read-only instance.
func TestReadOnlyInstance(t *testing.T) {
	t.Parallel()
	w := newInstancePair(t, "confirm: never", "read_only: true")
	s := connect(t, modern, environment(t, "RETOOL_MCP_CONFIG="+w.file, "RETOOL_MCP_SECRET_DIR="+t.TempDir()))
	for _, o := range operationsOfEmbedded(t) {
		for _, name := range []string{"east", "west-1"} {
			sample := sampler{t: t}
			x := sample.exchangeFor(o.apiOperation)
			x.arguments["instance"] = name
			a := s.call(o.tool, x.encoded(t))
			if name == "east" && !o.reads {
				require.True(t, a.isError, o.tool)
				w.requireNothing(t)
				continue
			}
			require.False(t, a.isError, "%s: %s", o.tool, a.text)
			w.requireOnly(t, name, o.method)
		}
	}
}

// The audit log names the instance.
func TestInstancesInTheAuditLog(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "audit.log")
	w := newInstancePair(t, "audit_log: "+file, "confirm: always")
	env := environment(t)
	for _, name := range []string{"east", "west-1"} {
		o := run(t, env, "", "--config", w.file, "call", "create_group", "name=N", "instance="+name)
		require.Zero(t, o.code, o.stderr)
		w.requireOnly(t, name, http.MethodPost)
	}
	o := run(t, env, "", "call", "--config="+w.file, "delete_group", "groupId=9", "instance=east")
	require.Equal(t, 1, o.code)
	require.Contains(t, o.stderr, refusedWithoutElicitation)
	w.requireNothing(t)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, 3, strings.Count(string(text), `,"instance":"east","tool":`))
	require.Equal(t, 2, strings.Count(string(text), `,"instance":"west-1","tool":`))
	require.NotContains(t, string(text), westToken)
	requireWholeLog(t, file)
}

// An error in the file stops the start with one line, which contains no token.
func TestInvalidConfigurationFile(t *testing.T) {
	t.Parallel()
	token := "token_file: " + tokenFile(t, eastToken)
	for name, c := range map[string]struct {
		lines, says []string
	}{
		"an unknown key":             {[]string{"urll: https://a.example"}, []string{"line 1", "urll"}},
		"one of an instance":         {[]string{"instances:", "  a:", "    " + token, "    read_ony: true"}, []string{"line 4", "read_ony"}},
		"one that is for all":        {[]string{"instances:", "  a:", "    url: https://a.example", "    " + token, "    tool_prefix: x"}, []string{"line 5", "tool_prefix"}},
		"no token":                   {[]string{"instances:", "  a: {url: https://a.example}"}, []string{"instance a", "token"}},
		"a token of all":             {[]string{token, "instances:", "  a: {url: https://a.example}"}, []string{"instance a", "token"}},
		"no address":                 {[]string{"url: https://a.example", "instances:", "  a: {" + token + "}"}, []string{"instance a", "url"}},
		"a token file that is empty": {[]string{"instances:", "  a: {url: https://a.example, token_file: /dev/null}"}, []string{"instance a", "no token"}},
		"no such token file":         {[]string{"instances:", "  a: {url: https://a.example, token_file: /no/such/file}"}, []string{"instance a", "/no/such/file"}},
		"a name":                     {[]string{"instances:", "  Prod: {url: https://a.example}"}, []string{"line 2", "Prod"}},
		"a name twice":               {[]string{"instances:", "  a: {url: https://a.example}", "  a: {url: https://b.example}"}, []string{"line 3", "a"}},
		"no instances":               {[]string{"instances: {}"}, []string{"instances"}},
		"a switch that is none":      {[]string{"instances:", "  a: {url: https://a.example, " + token + ", read_only: maybe}"}, []string{"instance a", "read_only", "maybe"}},
		"a way that is none":         {[]string{"instances:", "  a: {url: https://a.example, " + token + ", confirm: maybe}"}, []string{"confirm", "maybe"}},
		"no way at all":              {[]string{"instances:", "  a: {url: https://a.example, " + token + ", confirm: }"}, []string{"confirm"}},
		"a tool that is none":        {[]string{"instances:", "  a: {url: https://a.example, " + token + ", tools: [get_usr]}"}, []string{"instance a", "get_usr"}},
		"no YAML":                    {[]string{"url: ["}, []string{"YAML"}},
		"one of all that is none":    {[]string{"confirm: maybe"}, []string{"maybe"}},
	} {
		t.Run(name, func(t *testing.T) {
			file := configured(t, c.lines...)
			for _, command := range []string{"serve", "tools"} {
				o := run(t, environment(t), "", command, "--config", file)
				requireUsage(t, o, c.says...)
				require.NotContains(t, o.stderr, eastToken)
			}
		})
	}
	requireUsage(t, run(t, environment(t), "", "tools", "--config", "/no/such/file"), "--config", "no such file")
	open := configured(t, "token: "+eastToken)
	require.NoError(t, os.Chmod(open, 0o644))
	o := run(t, environment(t), "", "tools", "--config", open)
	requireUsage(t, o, "others can read it")
	require.NotContains(t, o.stderr, eastToken)
}

// A flag overrides a variable, and a variable the file.
func TestFlagsAndVariablesOverrideTheFile(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, answering(http.StatusOK, jsonType, `{"success":true,"data":{"name":"N"}}`))
	file := configured(t, "url: "+u.URL+"/file", "token: retool_file", "tools: [get_group, delete_group, get_user]", "spec: embedded")
	for _, c := range []struct {
		variables, args string
		base, token     string
		tools           []string
	}{
		{"", "", "/file", "retool_file", []string{"delete_group", "get_group", "get_user"}},
		{"RETOOL_URL=$u/variable RETOOL_MCP_TOOLS=get_group", "", "/variable", "retool_file", []string{"get_group"}},
		{"RETOOL_HOST=$u/variable RETOOL_TOKEN=retool_variable", "", "/variable", "retool_variable", []string{"delete_group", "get_group", "get_user"}},
		{"RETOOL_URL=$u/variable RETOOL_MCP_TOOLS=get_group", "--url=$u/flag --tools=get_*", "/flag", "retool_file", nil},
		{"RETOOL_ACCESS_TOKEN=retool_variable RETOOL_MCP_READ_ONLY=1", "--token=retool_flag", "/file", "retool_flag", []string{"get_group", "get_user"}},
		{"RETOOL_URL= RETOOL_MCP_TOOLS=", "", "/file", "retool_file", []string{"delete_group", "get_group", "get_user"}},
	} {
		fill := func(text string) []string { return strings.Fields(strings.ReplaceAll(text, "$u", u.URL)) }
		env := environment(t, append(fill(c.variables), "RETOOL_MCP_CONFIG="+file)...)
		o := run(t, env, "", append([]string{"call", "get_group", "groupId=9"}, fill(c.args)...)...)
		require.Zero(t, o.code, o.stderr)
		got := u.only(t)
		require.Equal(t, c.base+"/api/v2/groups/9", got.uri, c.variables+c.args)
		require.Equal(t, []string{"Bearer " + c.token}, got.header["Authorization"])
		if c.tools != nil {
			require.ElementsMatch(t, append(c.tools, "describe_tools"), namesIn(decodeJSON(t, []byte(listed(t, env, fill(c.args)...))).(object)))
		}
	}
}

// The file never overrides --read-only or another safety flag.
func TestSafetyFlagsOverrideInstances(t *testing.T) {
	t.Parallel()
	w := newInstancePair(t, "", "read_only: false\n    confirm: never\n    tools: [get_group, delete_group]")
	for name, c := range map[string]struct{ variables, args []string }{
		"read-only by flag":     {nil, []string{"--read-only"}},
		"read-only by variable": {[]string{"RETOOL_MCP_READ_ONLY=1"}, nil},
		"confirm by flag":       {nil, []string{"--confirm=always"}},
		"excluded by flag":      {nil, []string{"--exclude-tools=delete_*"}},
		"tools by flag":         {nil, []string{"--tools=get_*"}},
		"scopes by flag":        {nil, []string{"--scopes=groups:read"}},
	} {
		t.Run(name, func(t *testing.T) {
			env := environment(t, append(slices.Clone(c.variables), "RETOOL_MCP_CONFIG="+w.file)...)
			o := run(t, env, "", append([]string{"call", "delete_group", "groupId=9", "instance=east"}, c.args...)...)
			w.requireNothing(t)
			require.NotZero(t, o.code, fmt.Sprint(o.stdout, o.stderr))
		})
	}
}

// Read-only cannot be undone: a flag does not override the variable, the file
// or an instance, nor a variable the file.
func TestReadOnlyCannotBeUndone(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, answering(http.StatusOK, jsonType, `{"success":true,"data":{"name":"Ops"}}`))
	one := "  one: {url: " + u.URL + ", token_file: " + tokenFile(t, eastToken)
	for name, c := range map[string]struct {
		lines, variables, args []string
	}{
		"a variable, and a flag":             {[]string{"confirm: never"}, []string{"RETOOL_MCP_READ_ONLY=1"}, []string{"--read-only=false"}},
		"a variable of another word":         {[]string{"confirm: never"}, []string{"RETOOL_MCP_READ_ONLY=yes"}, []string{"--read-only=false"}},
		"the file, and a variable":           {[]string{"confirm: never", "read_only: true"}, []string{"RETOOL_MCP_READ_ONLY=0"}, nil},
		"the file, and a flag":               {[]string{"confirm: never", "read_only: true"}, nil, []string{"--read-only=false"}},
		"the file, and its instance":         {[]string{"confirm: never", "read_only: true", "instances:", one + ", read_only: false}"}, nil, nil},
		"an instance, and a variable":        {[]string{"confirm: never", "instances:", one + ", read_only: true}"}, []string{"RETOOL_MCP_READ_ONLY=0"}, nil},
		"an instance, and a flag":            {[]string{"confirm: never", "instances:", one + ", read_only: true}"}, nil, []string{"--read-only=false"}},
		"an instance, and what is above all": {[]string{"confirm: never", "read_only: false", "instances:", one + ", read_only: true}"}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			env := environment(t, append([]string{"RETOOL_MCP_CONFIG=" + configured(t, append(c.lines, "spec: embedded")...), "RETOOL_URL=" + u.URL, "RETOOL_ACCESS_TOKEN=" + eastToken}, c.variables...)...)
			if len(c.lines) > 2 && strings.HasPrefix(c.lines[len(c.lines)-2], "instances") {
				env = environment(t, append([]string{"RETOOL_MCP_CONFIG=" + configured(t, append(c.lines, "  two: {sandbox: true}")...)}, c.variables...)...)
				c.args = append([]string{"instance=one"}, c.args...)
			}
			o := run(t, env, "", append([]string{"call", "delete_group", "groupId=9"}, c.args...)...)
			require.NotZero(t, o.code, fmt.Sprint(o.stdout, o.stderr))
			require.Regexp(t, `delete_group is not (served:.* --read-only leaves it out|available on the instance one)`, o.stdout+o.stderr)
			require.Empty(t, u.take())
		})
	}
}

// Settings of a single instance are refused with several.
func TestInstanceFlagsWithSeveralInstances(t *testing.T) {
	t.Parallel()
	w := newInstancePair(t, "", "confirm: never")
	for _, flag := range []string{"--url=https://other.example", "--token=retool_01other", "--token-file=" + tokenFile(t, "retool_01other"), "--unix-socket=/run/other.sock"} {
		name, _, _ := strings.Cut(flag, "=")
		for _, command := range []string{"serve", "tools"} {
			requireUsage(t, run(t, environment(t, "RETOOL_MCP_CONFIG="+w.file), "", command, flag), name, "several")
		}
	}
	w.requireNothing(t)
}
