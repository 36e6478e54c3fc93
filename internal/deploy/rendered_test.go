package deploy_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
)

// helmTime is how long helm may take to be built.
const helmTime = 7 * time.Minute

// helmFolder is where findHelm put what it built, "" for nowhere.
var helmFolder string

// findHelm is how to start helm: that of the machine, or else the one of
// deploy/check, if it is among the modules that were fetched before. It fetches
// nothing itself.
var findHelm = sync.OnceValues(func() (command string, err error) {
	if name, err := exec.LookPath("helm"); err == nil {
		return name, nil
	}
	script, err := os.ReadFile("../../deploy/check")
	if err != nil {
		return "", err
	}
	line := regexp.MustCompile(`(?m)^helm=(\S+)$`).FindSubmatch(script)
	if line == nil {
		return "", fmt.Errorf("deploy/check names no helm")
	}
	ctx, cancel := context.WithTimeout(context.Background(), helmTime)
	defer cancel()
	if helmFolder, err = os.MkdirTemp("", "helm"); err != nil {
		return "", err
	}
	modules, err := exec.CommandContext(ctx, "go", "env", "GOMODCACHE").Output()
	if err != nil {
		return "", err
	}
	// "go run" keeps what it links, so that only the first test waits for that. It
	// is told to copy the program in place of starting it.
	cmd := exec.CommandContext(ctx, "go", "run", "-exec", "cp", string(line[1]), filepath.Join(helmFolder, "helm"))
	// What was fetched before is laid out as a proxy lays it out.
	cmd.Env = append(os.Environ(), "GOPROXY=file://"+filepath.ToSlash(strings.TrimSpace(string(modules)))+"/cache/download",
		"GOSUMDB=off", "GOFLAGS=-mod=mod", "GOTOOLCHAIN=local")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("it is not on this machine, nor can it be built offline: %.200s", out)
	}
	return filepath.Join(helmFolder, "helm"), nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	for _, folder := range []string{helmFolder, binaryFolder} {
		if folder != "" {
			_ = os.RemoveAll(folder)
		}
	}
	os.Exit(code)
}

// needHelm is how to start helm; without it, the test is skipped.
func needHelm(t *testing.T) string {
	t.Helper()
	command, err := findHelm()
	if err != nil {
		t.Skip("helm cannot be run (deploy/check fetches it): ", err)
	}
	return command
}

// helm runs helm and returns what it prints.
func helm(t *testing.T, arguments ...string) (string, error) {
	t.Helper()
	command := needHelm(t)
	cmd := exec.CommandContext(t.Context(), command, arguments...)
	cmd.Dir = referencedata.Root(t)
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, &problems)
	}
	return string(out), nil
}

// rendered are the objects that the chart makes of a set of values.
func rendered(t *testing.T, set string, more ...string) (objects object) {
	t.Helper()
	out, err := helm(t, append([]string{"template", "try", chart, "--namespace", "mcp", "--values", chart + "ci/" + set + "-values.yaml"}, more...)...)
	require.NoError(t, err)
	objects = object{}
	for _, o := range parseYAML(t, []byte(out)) {
		objects[at[string](t, o, "kind")+" "+at[string](t, o, "metadata", "name")] = o
	}
	return objects
}

const deployment = "Deployment try-retool-mcp"

func TestEveryPodIsLockedDown(t *testing.T) {
	for _, name := range files(t, valueSets) {
		set := strings.TrimSuffix(filepath.Base(name), "-values.yaml")
		pod := at[object](t, rendered(t, set), deployment, "spec", "template", "spec")
		require.Equal(t, false, pod["automountServiceAccountToken"], set)
		outer := at[object](t, pod, "securityContext")
		require.Equal(t, true, outer["runAsNonRoot"], set)
		require.Equal(t, "RuntimeDefault", at[string](t, outer, "seccompProfile", "type"), set)
		inner := at[object](t, pod, "containers", 0, "securityContext")
		require.Equal(t, true, inner["readOnlyRootFilesystem"], set)
		require.Equal(t, false, inner["allowPrivilegeEscalation"], set)
		require.Equal(t, []any{"ALL"}, at[[]any](t, inner, "capabilities", "drop"), set)
		for _, volume := range at[[]any](t, pod, "volumes") {
			require.Equal(t, 0o440, at[int](t, volume, "secret", "defaultMode"), set)
		}
	}
}

func TestPodsHaveTimeToDrain(t *testing.T) {
	for _, drain := range []int{1, 20, 300} {
		objects := rendered(t, "oauth", "--set", fmt.Sprintf("server.drainSeconds=%d", drain))
		require.Equal(t, fmt.Sprintf("%ds", drain), at[string](t, objects, "ConfigMap try-retool-mcp", "data", "RETOOL_MCP_DRAIN"))
		pod := at[object](t, objects, deployment, "spec", "template", "spec")
		pause := at[int](t, pod, "containers", 0, "lifecycle", "preStop", "sleep", "seconds")
		require.Greater(t, at[int](t, pod, "terminationGracePeriodSeconds"), pause+drain)
	}
}

func TestProbesSpeakAsTheServerDoes(t *testing.T) {
	for set, scheme := range map[string]string{"token": "HTTPS", "oauth": "HTTP"} {
		container := at[object](t, rendered(t, set), deployment, "spec", "template", "spec", "containers", 0)
		for probe, path := range map[string]string{"startupProbe": "/healthz", "livenessProbe": "/healthz", "readinessProbe": "/readyz"} {
			get := at[object](t, container, probe, "httpGet")
			require.Equal(t, object{"path": path, "port": "mcp", "scheme": scheme}, get, "%s %s", set, probe)
		}
	}
}

func TestOtherSettingsMakeOtherPods(t *testing.T) {
	checksum := func(more ...string) string {
		return at[string](t, rendered(t, "oauth", more...), deployment, "spec", "template", "metadata", "annotations", "checksum/config")
	}
	one, again := checksum(), checksum()
	require.Equal(t, one, again)
	require.NotEqual(t, one, checksum("--set", "server.maxCalls=5"))
}

func TestSecretsAreMounted(t *testing.T) {
	objects := rendered(t, "token")
	pod := at[object](t, objects, deployment, "spec", "template", "spec")
	from := map[string]string{}
	for i := range at[[]any](t, pod, "volumes") {
		from[at[string](t, pod, "volumes", i, "name")] = at[string](t, pod, "volumes", i, "secret", "secretName")
	}
	require.Equal(t, map[string]string{"retool": "retool-token", "auth": "mcp-shared-secret", "tls": "mcp-tls"}, from)
	files := map[string]bool{"/run/secrets/tls/tls.crt": true, "/run/secrets/tls/tls.key": true}
	for i := range at[[]any](t, pod, "containers", 0, "volumeMounts") {
		name := at[string](t, pod, "containers", 0, "volumeMounts", i, "name")
		path := at[string](t, pod, "containers", 0, "volumeMounts", i, "mountPath")
		require.Equal(t, "/run/secrets/"+name, path)
		files[path+"/token"] = name != "tls"
	}
	for variable, value := range at[object](t, objects, "ConfigMap try-retool-mcp", "data") {
		if file, ok := value.(string); ok && strings.HasPrefix(file, "/run/") {
			require.True(t, files[file], "%s: %s is mounted", variable, file)
		}
	}
}

func TestRulesReachTheServerWhole(t *testing.T) {
	arguments := at[[]any](t, rendered(t, "oauth"), deployment, "spec", "template", "spec", "containers", 0, "args")
	require.Equal(t, []any{"serve", "--oauth-rule=groups=retool-admins:all", "--oauth-rule=roles=support:users,groups;read-only"}, arguments)
}

func TestOnlyWhatCallersNeedIsPublic(t *testing.T) {
	objects := rendered(t, "oauth")
	var paths []string
	for i := range at[[]any](t, objects, "Ingress try-retool-mcp", "spec", "rules", 0, "http", "paths") {
		paths = append(paths, at[string](t, objects, "Ingress try-retool-mcp", "spec", "rules", 0, "http", "paths", i, "path"))
	}
	require.Equal(t, []string{"/mcp", "/.well-known/oauth-protected-resource"}, paths)
	require.Equal(t, "mcp.example.com", at[string](t, objects, "Ingress try-retool-mcp", "spec", "rules", 0, "host"))
	require.Len(t, at[[]any](t, objects, "Service try-retool-mcp", "spec", "ports"), 1, "metrics have a Service of their own")
}

func TestSessionsStayWithTheirPod(t *testing.T) {
	for set, sticky := range map[string]bool{"token": true, "passthrough": true, "oauth": false} {
		spec := at[object](t, rendered(t, set), "Service try-retool-mcp", "spec")
		require.Equal(t, sticky, spec["sessionAffinity"] == "ClientIP", set)
	}
}

func TestNetworkPolicyLetsRetoolBeReached(t *testing.T) {
	policy := at[object](t, rendered(t, "token"), "NetworkPolicy try-retool-mcp", "spec")
	require.Equal(t, []any{"Ingress", "Egress"}, policy["policyTypes"])
	require.Equal(t, []any{object{"port": 443, "protocol": "TCP"}, object{"port": 3000, "protocol": "TCP"}},
		at[[]any](t, policy, "egress", 1, "ports"), "the port of the instance's address is among them")
}

func TestContradictionsStopTheInstallation(t *testing.T) {
	needHelm(t)
	for name, c := range map[string]struct {
		set  string
		more []string
		says string
	}{
		"no image":                         {"oauth", []string{"--set", "image.repository="}, "image.repository"},
		"no access token":                  {"oauth", []string{"--set", "retool.tokenSecret.name="}, "retool.tokenSecret.name"},
		"passthrough with a token":         {"passthrough", []string{"--set", "retool.tokenSecret.name=x"}, "the callers' tokens"},
		"no shared secret":                 {"token", []string{"--set", "auth.tokenSecret.name="}, "auth.tokenSecret.name"},
		"a shared secret for oauth":        {"oauth", []string{"--set", "auth.tokenSecret.name=x"}, "belongs to auth.mode token"},
		"no issuer":                        {"oauth", []string{"--set", "auth.oauth.issuer="}, "auth.oauth.issuer"},
		"no audience":                      {"oauth", []string{"--set", "auth.oauth.audience="}, "auth.oauth.audience"},
		"oauth without a public address":   {"oauth", []string{"--set", "server.publicUrl="}, "server.publicUrl"},
		"rules without oauth":              {"token", []string{"--set", "auth.oauth.rules={a=b:all}"}, "auth.mode oauth"},
		"scopes without oauth":             {"token", []string{"--set", "auth.oauth.scopes={a}"}, "auth.mode oauth"},
		"two sandboxes":                    {"sandbox", []string{"--set", "replicas=2"}, "organization of its own"},
		"a sandbox and an instance":        {"sandbox", []string{"--set", "retool.url=https://a.example.com"}, "neither"},
		"an ingress for a path":            {"oauth", []string{"--set", "server.publicUrl=https://example.com/retool"}, "path"},
		"a ServiceMonitor without metrics": {"oauth", []string{"--set", "metrics.enabled=false"}, "metrics.enabled"},
		"a misspelt value":                 {"oauth", []string{"--set", "server.maxCall=5"}, "maxCall"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := helm(t, append([]string{"template", "try", chart, "--values", chart + "ci/" + c.set + "-values.yaml"}, c.more...)...)
			require.ErrorContains(t, err, c.says)
		})
	}
}
