package cli_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// Wherever an address comes from, it is understood alike: requests go to the API
// itself, or the start stops with one line.
func TestPastedAddressesFromEverySetting(t *testing.T) {
	var mu sync.Mutex
	var paths []string
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		paths = append(paths, r.URL.Path)
		if strings.HasSuffix(r.URL.Path, "/spec") {
			_, _ = w.Write([]byte(document))
		}
	}))
	defer upstream.Close()
	host := strings.TrimPrefix(upstream.URL, "http://")
	config := filepath.Join(t.TempDir(), "retool.yaml")
	spec := specFile(t)
	for pasted, refused := range map[string]string{
		"/api/v2/.":         "",
		"/api/%76%32":       "",
		"/api/v2/spec":      "",
		"//api//v2/spec/":   "",
		"/api/v1":           "must end with /api/v2",
		"/api/v2/users":     "must end with /api/v2",
		"/reference":        "page",
		"/settings/api":     "page",
		"/apps/1/My%20App":  "page",
		"/?":                "query or fragment",
		"/#/settings/token": "query or fragment",
	} {
		address := upstream.URL + pasted
		require.NoError(t, os.WriteFile(config, []byte("instances: {one: {url: '"+address+"', token: retool_a}}\n"), 0o600))
		for _, source := range []struct {
			name string
			env  map[string]string
			args []string
		}{
			{"--url", nil, []string{"--url", address}},
			{"RETOOL_URL", map[string]string{"RETOOL_URL": address}, nil},
			{"RETOOL_HOST", map[string]string{"RETOOL_HOST": host + pasted, "RETOOL_SCHEME": "http"}, nil},
			{"url of the instance one in", nil, []string{"--config", config}},
		} {
			env := map[string]string{"RETOOL_ACCESS_TOKEN": "retool_a"}
			maps.Copy(env, source.env)
			if strings.HasPrefix(source.name, "url of") {
				env = nil
			}
			for _, command := range [][]string{
				{"tools", "list_users", "--spec", spec},
				{"call", "list_users", "--spec", spec},
				{"doctor", "--spec", spec},
				{"spec", "fetch"},
			} {
				switch {
				case strings.HasPrefix(source.name, "url of") && (command[0] == "spec" || command[0] == "tools"):
					continue // one reads the settings of all instances only; the other shows an address for one
				case command[0] == "call" && env == nil:
					command = append(command, "instance=one")
				}
				mu.Lock()
				paths = nil
				mu.Unlock()
				code, out, errs := run(t, env, append(command, source.args...)...)
				if refused != "" {
					require.Equal(t, 2, code, "%s %s %v", address, source.name, command)
					require.Empty(t, out)
					require.Equal(t, 1, strings.Count(errs, "\n"), errs)
					require.Contains(t, errs, source.name)
					require.Contains(t, errs, refused)
					require.Empty(t, paths)
					continue
				}
				if command[0] == "tools" {
					require.Contains(t, out, "GET "+upstream.URL+"/api/v2/users\n", errs)
					continue
				}
				require.NotEmpty(t, paths, "%s %s %v: %s", address, source.name, command, errs)
				for _, path := range paths {
					require.Regexp(t, `^/api/(v2/(users|spec|info/ip_allowlist)|checkHealth)$`, path, "%s %s %v", address, source.name, command)
				}
			}
		}
	}
}
