package secret_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/secret"
)

const (
	unreachable = "the file does not exist or cannot be reached, or a link on its path leads outside the allowed files"
	separator   = string(filepath.Separator)
)

// plant fills a new folder: paths with their content, and links with where they
// lead. A link that begins with @ leads to a path from the folder's root.
func plant(t *testing.T, files, links map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, content := range files {
		path := filepath.Join(folder, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	}
	for name, target := range links {
		if rest, ok := strings.CutPrefix(target, "@"); ok {
			target = filepath.Join(folder, rest)
		}
		relink(t, target, filepath.Join(folder, name))
	}
	return folder
}

// relink puts a link in the place of whatever is there.
func relink(t *testing.T, target, path string) {
	t.Helper()
	require.NoError(t, os.RemoveAll(path))
	if err := os.Symlink(target, path); runtime.GOOS == "windows" && err != nil {
		t.Skip("this account may not make links:", err)
	} else {
		require.NoError(t, err)
	}
}

// reads tells whether a reference to the file gives want; if want begins with an
// exclamation mark, whether it fails with what follows.
func reads(t *testing.T, r *secret.References, path, want string) {
	t.Helper()
	text := "${file:" + path + "}"
	expanded, values, err := r.Expand("<" + text + ">")
	if problem, ok := strings.CutPrefix(want, "!"); ok {
		require.ErrorContains(t, err, problem)
		require.NotContains(t, err.Error(), canary)
		require.Empty(t, expanded)
		require.Empty(t, values)
		return
	}
	require.NoError(t, err)
	require.Equal(t, "<"+want+">", expanded)
	require.Equal(t, []string{want}, values)
}

func TestExpandFiles(t *testing.T) {
	large := strings.Repeat("x", 64<<10)
	folder := plant(t, map[string]string{
		"one": canary, "two": canary + "2", "dir/a": canary + "a\n", "dir/sub/deeper/b": canary + "b", "dirs/c": canary + "c",
		"dir/crlf": "x\r\n", "dir/lines": "x\n\n", "dir/inner": " x\ny ", "dir/cr": "x\r", "dir/empty": "", "dir/newline": "\n",
		"dir/binary": canary + "\xff\xfe", "dir/nul": canary + "\x00", "dir/largest": large, "dir/largest+": large + "\r\n",
		"dir/large": large + "x", "dir/huge": strings.Repeat(canary+"\n", 1<<20), "dir/..data": "dots", "outside/o": canary, "dir/é x": "é",
	}, nil)
	r, err := secret.NewReferences(nil, []string{filepath.Join(folder, "one"), filepath.Join(folder, "dir") + separator})
	require.NoError(t, err)
	unlisted := fmt.Sprintf("!`: the operator does not allow this file in the allowed files, only %s, %s", filepath.Join(folder, "one"), filepath.Join(folder, "dir")+separator)
	for name, test := range map[string]struct{ path, want string }{
		"a listed file":                 {"one", canary},
		"one beside it":                 {"two", unlisted},
		"a missing one beside it":       {"three", unlisted},
		"below a listed file":           {"one/x", unlisted},
		"in a directory":                {"dir/a", canary + "a"},
		"deeper in it":                  {"dir/sub/deeper/b", canary + "b"},
		"a directory of similar name":   {"dirs/c", unlisted},
		"the directory itself":          {"dir", unlisted},
		"a directory below it":          {"dir/sub", "!this is not a regular file"},
		"missing in it":                 {"dir/missing", "!" + unreachable},
		"below a file in it":            {"dir/a/b", "!" + unreachable},
		"a name of dots":                {"dir/..data", "dots"},
		"a name beyond ASCII":           {"dir/é x", "é"},
		".. that stays within":          {"dir/sub/../a", canary + "a"},
		".. through what is not there":  {"dir/nowhere/../a", canary + "a"},
		".. to a listed file":           {"dir/../one", canary},
		".. to one that is not":         {"dir/../two", unlisted},
		".. to one outside":             {"dir/sub/../../outside/o", unlisted},
		".. many times":                 {"dir" + strings.Repeat("/..", 40) + "/etc/passwd", unlisted},
		"no ..":                         {"dir/%2e%2e/two", "!" + unreachable},
		"one newline goes":              {"dir/lines", "x\n"},
		"one line end of Windows goes":  {"dir/crlf", "x"},
		"a lone carriage return stays":  {"dir/cr", "x\r"},
		"other white space stays":       {"dir/inner", " x\ny "},
		"empty":                         {"dir/empty", "!the file is empty"},
		"nothing but a newline":         {"dir/newline", "!the file is empty"},
		"not UTF-8":                     {"dir/binary", "!the file is not valid UTF-8"},
		"a NUL byte in it":              {"dir/nul", "!the file contains a NUL byte"},
		"as large as may be":            {"dir/largest", large},
		"the same, with an end of line": {"dir/largest+", large},
		"larger":                        {"dir/large", "!the file is larger than 64 KiB, the maximum"},
		"much larger":                   {"dir/huge", "!the file is larger than 64 KiB, the maximum"},
		"a NUL byte in the name":        {"dir/a\x00", "!a file name cannot contain a NUL byte"},
		"a NUL byte after another name": {"one\x00/../two", "!a file name cannot contain a NUL byte"},
		"a name too long for any file":  {"dir/" + strings.Repeat("n", 5000), "!" + unreachable},
	} {
		t.Run(name, func(t *testing.T) { reads(t, r, folder+separator+test.path, test.want) })
	}
	t.Run("relative", func(t *testing.T) {
		t.Chdir(folder)
		reads(t, r, "one", unlisted)
		reads(t, r, "./dir/a", unlisted)
		reads(t, r, "", unlisted)
	})
	t.Run("a variable, and none is allowed", func(t *testing.T) {
		_, _, err := r.Expand("${env:PATH}")
		require.EqualError(t, err, "`${env:PATH}`: the operator allows no variable (see the allowed variables)"+noMatter)
	})
}

// Whoever may put links into an allowed folder still reads only what is allowed,
// and does not learn from errors what else there is.
func TestLinksLeadNowhereElse(t *testing.T) {
	folder := plant(t, map[string]string{
		"dir/a": "a", "dir/sub/b": "b", "other/c": "c", "listed": "listed", "outside/secret": canary, "outside/dir/x": canary, "behind": canary,
	}, map[string]string{
		"dir/within": "sub/b", "dir/absolute": "@dir/a", "dir/up": "../dir/a", "dir/folder": "sub", "dir/to-listed": "@listed", "dir/to-other": "../other/c",
		"dir/out": "../outside/secret", "dir/out-absolute": "@outside/secret", "dir/out-folder": "../outside", "dir/dangling": "../outside/missing",
		"dir/twice": "out", "dir/loop": "loop", "dir/sub/up": "..", "dir/root": "/", "dir/unlisted": "../behind",
	})
	r, err := secret.NewReferences(nil, []string{
		filepath.Join(folder, "dir") + separator, filepath.Join(folder, "other") + separator, filepath.Join(folder, "listed"),
	})
	require.NoError(t, err)
	for name, want := range map[string]string{
		"within": "b", "absolute": "a", "up": "a", "folder/b": "b", "to-listed": "listed", "to-other": "c", "sub/up/a": "a",
		"out": "!" + unreachable, "out-absolute": "!" + unreachable, "out-folder/secret": "!" + unreachable, "out-folder/dir/x": "!" + unreachable,
		"dangling": "!" + unreachable, "out-folder/missing": "!" + unreachable, "twice": "!" + unreachable, "loop": "!" + unreachable,
		"sub/up/up": "a", "sub/up/out": "!" + unreachable, "unlisted": "!" + unreachable,
		"root/etc/passwd": "!" + unreachable, "root": "!" + unreachable, "out-folder": "!" + unreachable,
	} {
		t.Run(name, func(t *testing.T) { reads(t, r, filepath.Join(folder, "dir")+separator+name, want) })
	}
}

// The operator may list links. What counts is where they led at the start.
func TestListedLinks(t *testing.T) {
	folder := plant(t, map[string]string{"far/key": "far", "far/dir/x": "x", "other/key": canary, "other/dir/x": canary, "plain": "plain", "beside": canary}, map[string]string{
		"key": "far/key", "dir": "far/dir", "away": "@far/key",
	})
	list := func(t *testing.T) *secret.References {
		r, err := secret.NewReferences(nil, []string{filepath.Join(folder, "away"), filepath.Join(folder, "dir") + separator, filepath.Join(folder, "plain")})
		require.NoError(t, err)
		return r
	}
	r := list(t)
	reads(t, r, filepath.Join(folder, "away"), "far")
	reads(t, r, filepath.Join(folder, "dir", "x"), "x")
	reads(t, r, filepath.Join(folder, "plain"), "plain")

	relink(t, "beside", filepath.Join(folder, "plain"))
	reads(t, r, filepath.Join(folder, "plain"), "!"+unreachable)
	relink(t, "other/dir", filepath.Join(folder, "dir"))
	reads(t, r, filepath.Join(folder, "dir", "x"), "!"+unreachable)
	relink(t, "other/dir/x", filepath.Join(folder, "away"))
	reads(t, r, filepath.Join(folder, "away"), "!"+unreachable)
	reads(t, list(t), filepath.Join(folder, "dir", "x"), canary)
}

// A file that is written anew, as editors and agents of vaults do, is read anew.
func TestReplacedFiles(t *testing.T) {
	folder := plant(t, map[string]string{"key": "old", "new": "new"}, nil)
	r, err := secret.NewReferences(nil, []string{filepath.Join(folder, "key")})
	require.NoError(t, err)
	require.NoError(t, os.Rename(filepath.Join(folder, "new"), filepath.Join(folder, "key")))
	reads(t, r, filepath.Join(folder, "key"), "new")
	require.NoError(t, os.Remove(filepath.Join(folder, "key")))
	reads(t, r, filepath.Join(folder, "key"), "!"+unreachable)
}

// Kubernetes mounts secrets as links and replaces one of them on each rotation.
func TestMountedSecretsRotate(t *testing.T) {
	folder := plant(t, map[string]string{"m/..1/key": "old", "m/..2/key": "new", "m/..2/other": canary, "outside/key": canary}, map[string]string{
		"m/..data": "..1", "m/key": "..data/key",
	})
	key := filepath.Join(folder, "m", "key")
	for name, entry := range map[string]string{"the file": key, "its folder": filepath.Join(folder, "m") + separator} {
		t.Run(name, func(t *testing.T) {
			relink(t, "..1", filepath.Join(folder, "m", "..data"))
			r, err := secret.NewReferences(nil, []string{entry})
			require.NoError(t, err)
			reads(t, r, key, "old")
			relink(t, "..2", filepath.Join(folder, "m", "..data"))
			reads(t, r, key, "new")
			relink(t, "../outside", filepath.Join(folder, "m", "..data"))
			reads(t, r, key, "!"+unreachable)
		})
	}
	relink(t, "..2", filepath.Join(folder, "m", "..data"))
	r, err := secret.NewReferences(nil, []string{key})
	require.NoError(t, err)
	relink(t, "..data/other", key)
	reads(t, r, key, "!"+unreachable)
}

func TestNewReferencesRefusesFiles(t *testing.T) {
	folder := plant(t, map[string]string{"dir/file": "x"}, map[string]string{"dangling": "nowhere"})
	in := func(name string) string { return filepath.Join(folder, "dir") + separator + name }
	root := filepath.VolumeName(folder) + separator
	for name, test := range map[string]struct{ entry, want string }{
		"empty":                             {"", "is not a path"},
		"relative":                          {"dir" + separator + "file", "is not an absolute path"},
		"here":                              {"." + separator, "is not an absolute path"},
		"of a home":                         {"~" + separator + "file", "is not an absolute path"},
		"missing":                           {in("missing"), ""},
		"a glob":                            {in("fil?"), ""},
		"a missing directory":               {in("missing") + separator, ""},
		"a dangling link":                   {filepath.Join(folder, "dangling"), ""},
		"a directory as file":               {filepath.Join(folder, "dir"), "is a directory: append a separator to allow all files below it"},
		"a file as directory":               {in("file") + separator, "ends with a separator and is not a directory"},
		"the root":                          {root, "would allow every file"},
		"the root in disguise":              {root + "a" + separator + ".." + separator, "would allow every file"},
		"a name that cannot be referred to": {in("a}b"), "contains } or a NUL byte, which no reference can contain"},
		"a NUL byte":                        {in("file\x00"), "contains } or a NUL byte, which no reference can contain"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := secret.NewReferences(nil, []string{in("file"), test.entry})
			require.ErrorContains(t, err, fmt.Sprintf("%q", test.entry))
			require.ErrorContains(t, err, test.want)
			require.Nil(t, r)
		})
	}
}
