package secret_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/secret"
)

// private is a new folder as OpenSink wants it.
func private(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "vault")
	require.NoError(t, os.Mkdir(dir, 0o700))
	return dir
}

func open(t *testing.T, dir string) *secret.Sink {
	t.Helper()
	folder, err := secret.OpenSink(dir)
	require.NoError(t, err)
	return folder
}

func reserve(t *testing.T, folder *secret.Sink, hint string) *secret.File {
	t.Helper()
	file, err := folder.Reserve(hint)
	require.NoError(t, err)
	t.Cleanup(file.Discard)
	return file
}

func requireEmpty(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestSave(t *testing.T) {
	dir := private(t)
	before := time.Now().UTC().Truncate(time.Second)
	file := reserve(t, open(t, dir), "access_token")
	info, err := os.Stat(file.Path())
	require.NoError(t, err)
	require.Zero(t, info.Size(), "nothing is in it before there is a secret")

	require.Equal(t, dir, filepath.Dir(file.Path()))
	parts := regexp.MustCompile(`^access_token-(\d{8}T\d{6}Z)-[0-9a-f]{8}$`).FindStringSubmatch(filepath.Base(file.Path()))
	require.NotNil(t, parts, file.Path())
	made, err := time.Parse("20060102T150405Z", parts[1])
	require.NoError(t, err)
	require.WithinRange(t, made, before, time.Now())

	require.NoError(t, file.Save("retool_"+canary))
	file.Discard()
	file.Discard()
	data, err := os.ReadFile(file.Path())
	require.NoError(t, err)
	require.Equal(t, "retool_"+canary+"\n", string(data))

	err = file.Save("another")
	require.ErrorIs(t, err, fs.ErrClosed)
	data, err = os.ReadFile(file.Path())
	require.NoError(t, err)
	require.Equal(t, "retool_"+canary+"\n", string(data))
}

// What one call kept, the next may name.
func TestSavedSecretsCanBeReferredTo(t *testing.T) {
	dir := private(t)
	file := reserve(t, open(t, dir), "key")
	require.NoError(t, file.Save("two\nlines"))
	r, err := secret.NewReferences(nil, []string{dir + separator})
	require.NoError(t, err)
	reads(t, r, file.Path(), "two\nlines")
}

func TestDiscard(t *testing.T) {
	dir := private(t)
	folder := open(t, dir)
	requireEmpty(t, dir)
	file := reserve(t, folder, "key")
	require.FileExists(t, file.Path())
	file.Discard()
	requireEmpty(t, dir)
	file.Discard()
	require.ErrorIs(t, file.Save(canary), fs.ErrClosed)
	requireEmpty(t, dir)

	var none *secret.File
	none.Discard()
}

func TestSaveFails(t *testing.T) {
	dir := private(t)
	folder := open(t, dir)
	t.Run("nothing to keep", func(t *testing.T) {
		file := reserve(t, folder, "key")
		require.EqualError(t, file.Save(""), "there is no secret to save in \""+file.Path()+"\"")
		file.Discard()
		requireEmpty(t, dir)
	})
	if runtime.GOOS == "windows" {
		t.Skip("an open file cannot be removed there")
	}
	t.Run("removed", func(t *testing.T) {
		file := reserve(t, folder, "key")
		require.NoError(t, os.Remove(file.Path()))
		err := file.Save(canary)
		require.ErrorContains(t, err, "the file was removed or replaced after its creation")
		require.NotContains(t, err.Error(), canary)
		require.Error(t, file.Save(canary), "there is no second try")
		file.Discard()
		requireEmpty(t, dir)
	})
	t.Run("replaced by a link", func(t *testing.T) {
		file := reserve(t, folder, "key")
		victim := filepath.Join(t.TempDir(), "victim")
		require.NoError(t, os.WriteFile(victim, []byte("untouched"), 0o600))
		relink(t, victim, file.Path())
		require.Error(t, file.Save(canary))
		file.Discard()
		data, err := os.ReadFile(victim)
		require.NoError(t, err)
		require.Equal(t, "untouched", string(data))
		require.NoError(t, os.Remove(file.Path()), "what is not ours is left alone")
	})
	t.Run("moved away", func(t *testing.T) {
		file := reserve(t, folder, "key")
		elsewhere := filepath.Join(t.TempDir(), "elsewhere")
		require.NoError(t, os.Rename(file.Path(), elsewhere))
		require.Error(t, file.Save(canary))
		file.Discard()
		data, err := os.ReadFile(elsewhere)
		require.NoError(t, err)
		require.Empty(t, data)
	})
}

func TestHints(t *testing.T) {
	folder := open(t, private(t))
	for hint, want := range map[string]string{
		"access_token": "access_token", "Access Token": "access_token", "a-b_9": "a-b_9", "": "secret", "../../etc/passwd": "etc_passwd",
		`..\x`: "x", "/": "secret", "-rf": "rf", "a\x00b\nc": "a_b_c", "é": "secret", "clé d'accès": "cl_d_acc_s", "…": "secret",
		strings.Repeat("a", 1000): strings.Repeat("a", 64), "con": "con", "a:stream": "a_stream",
	} {
		t.Run(hint, func(t *testing.T) {
			file := reserve(t, folder, hint)
			require.Regexp(t, "^"+want+`-\d{8}T\d{6}Z-[0-9a-f]{8}$`, filepath.Base(file.Path()))
			require.NoError(t, file.Save("x"))
			require.FileExists(t, file.Path())
		})
	}
}

func TestReserveAtOnce(t *testing.T) {
	const callers = 200
	dir := private(t)
	folder := open(t, dir)
	var all sync.WaitGroup
	paths := make(chan string, callers)
	problems := make(chan error, callers)
	for i := range callers {
		all.Go(func() {
			file, err := folder.Reserve("key")
			if err != nil {
				problems <- err
				return
			}
			defer file.Discard()
			if i%2 == 0 {
				return
			}
			if err := file.Save(file.Path()); err != nil {
				problems <- err
				return
			}
			paths <- file.Path()
		})
	}
	all.Wait()
	close(paths)
	close(problems)
	for err := range problems {
		t.Error(err)
	}
	distinct := map[string]bool{}
	for path := range paths {
		distinct[path] = true
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, path+"\n", string(data), "each has its own secret")
	}
	require.Len(t, distinct, callers/2)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, callers/2)
}

func TestOpenSink(t *testing.T) {
	dir := private(t)
	parent := filepath.Dir(dir)
	require.NoError(t, os.WriteFile(filepath.Join(parent, "file"), nil, 0o600))
	t.Run("relative", func(t *testing.T) {
		t.Chdir(parent)
		here, err := os.Getwd()
		require.NoError(t, err)
		file := reserve(t, open(t, "vault"), "key")
		require.Equal(t, filepath.Join(here, "vault"), filepath.Dir(file.Path()))
	})
	for name, test := range map[string]struct{ dir, want string }{
		"none":      {"", "is not a folder"},
		"missing":   {filepath.Join(parent, "missing"), "does not exist: create it with mkdir -m 700 "},
		"a file":    {filepath.Join(parent, "file"), "is not a folder"},
		"no name":   {dir + "\x00", ""},
		"in a file": {filepath.Join(parent, "file", "x"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			folder, err := secret.OpenSink(test.dir)
			require.ErrorContains(t, err, test.want)
			require.Nil(t, folder)
		})
	}
	t.Run("removed later", func(t *testing.T) {
		dir := private(t)
		folder := open(t, dir)
		require.NoError(t, os.Remove(dir))
		file, err := folder.Reserve("key")
		require.ErrorContains(t, err, "does not exist")
		require.Nil(t, file)
	})
}
