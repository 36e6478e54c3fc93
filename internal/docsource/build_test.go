package docsource

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

// Two builds that differ in one digit have the same size, and the same time
// where builds are reproducible.
func TestBuildsWithOneDigitChangedShareNoCache(t *testing.T) {
	for name, flags := range map[string][]string{
		"with a build ID": nil, "without one": {"-ldflags=-buildid="}, "stripped": {"-ldflags=-s -w"},
	} {
		t.Run(name, func(t *testing.T) {
			var names, keys []string
			var sizes []int64
			for _, digit := range []string{"1", "2", "1"} {
				program := build(t, digit, flags...)
				info, err := os.Stat(program)
				require.NoError(t, err)
				key, err := fileKey(program)
				require.NoError(t, err)
				names, keys, sizes = append(names, cacheName(key, openapi.Source{}, false)), append(keys, key), append(sizes, info.Size())
			}
			require.Equal(t, sizes[0], sizes[1], "the builds are alike")
			require.NotEqual(t, names[0], names[1])
			require.Equal(t, keys[0], keys[2], "the same build has the same key")
		})
	}
}

// build builds a program that prints a digit, dated 1970.
func build(t *testing.T, digit string, flags ...string) string {
	t.Helper()
	dir := t.TempDir()
	source, program := filepath.Join(dir, "main.go"), filepath.Join(dir, "program")
	require.NoError(t, os.WriteFile(source, []byte("package main\n\nfunc main() { println("+digit+") }\n"), 0o600))
	cmd := exec.Command("go", append(append([]string{"build", "-trimpath", "-o", program}, flags...), "main.go")...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	require.NoError(t, os.Chtimes(program, time.Unix(0, 0), time.Unix(0, 0)))
	return program
}

func TestOnlyACommitIdentifiesABuild(t *testing.T) {
	for settings, want := range map[string]bool{
		"": false, "vcs.revision=abc": false, "vcs.revision=abc vcs.modified=true": false, "vcs.revision=abc vcs.modified=false": true, "vcs.modified=false": false,
	} {
		info := &debug.BuildInfo{}
		for field := range strings.FieldsSeq(settings) {
			key, value, _ := strings.Cut(field, "=")
			info.Settings = append(info.Settings, debug.BuildSetting{Key: key, Value: value})
		}
		require.Equal(t, want, committed(info), settings)
	}
	one, two := &debug.BuildInfo{Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "a1"}}}, &debug.BuildInfo{Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "a2"}}}
	require.NotEqual(t, cacheName(one.String(), openapi.Source{}, false), cacheName(two.String(), openapi.Source{}, false))
}

func TestEveryPartOfTheKeyCounts(t *testing.T) {
	names := map[string]bool{}
	for _, name := range []string{
		cacheName("a", openapi.Source{}, false), cacheName("b", openapi.Source{}, false), cacheName("a", openapi.Source{Address: "https://a"}, false), cacheName("a", openapi.Source{Data: []byte("x")}, false),
		cacheName("a", openapi.Source{Trusted: true}, false), cacheName("a", openapi.Source{}, true),
	} {
		names[name] = true
	}
	require.Len(t, names, 6)
}

func TestCachedCatalogIsKeptWhole(t *testing.T) {
	data, err := encodeCatalog(embedded.Catalog())
	require.NoError(t, err)
	back, err := decodeCatalog(data)
	require.NoError(t, err)
	require.Equal(t, embedded.Catalog(), back)
	for _, n := range []int{0, 3, 4, 100, len(data) / 2, len(data) - 1} {
		_, err := decodeCatalog(data[:n])
		require.Error(t, err, n)
		damaged := slices.Clone(data)
		damaged[n] ^= 1
		_, err = decodeCatalog(damaged)
		require.Error(t, err, n)
	}
}
