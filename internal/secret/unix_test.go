//go:build unix

package secret_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/secret"
)

// Whatever the umask lets through or takes away, we alone can read the file.
func TestModes(t *testing.T) {
	dir := private(t)
	folder := open(t, dir)
	for _, mask := range []int{0, 0o022, 0o077, 0o777} {
		t.Run(fmt.Sprintf("umask %03o", mask), func(t *testing.T) {
			defer syscall.Umask(syscall.Umask(mask))
			file := reserve(t, folder, "key")
			requireMode(t, file.Path())
			require.NoError(t, file.Save(canary))
			requireMode(t, file.Path())
		})
	}
}

func requireMode(t *testing.T, path string) {
	t.Helper()
	info, err := os.Lstat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode())
}

func TestOthersMustNotChangeTheFolder(t *testing.T) {
	for mode, fine := range map[os.FileMode]bool{
		0o700: true, 0o755: true, 0o750: true, 0o711: true,
		0o777: false, 0o770: false, 0o720: false, 0o702: false, 0o775: false, 0o777 | os.ModeSticky: false,
	} {
		t.Run(mode.String(), func(t *testing.T) {
			dir := private(t)
			require.NoError(t, os.Chmod(dir, mode))
			folder, err := secret.OpenSink(dir)
			if fine {
				require.NoError(t, err)
				require.NotNil(t, folder)
				return
			}
			require.EqualError(t, err, fmt.Sprintf("other users can write to the folder %q (mode %#o): run chmod 700 %s", dir, mode.Perm(), dir))
			require.Nil(t, folder)
		})
	}
	t.Run("changed later", func(t *testing.T) {
		dir := private(t)
		folder := open(t, dir)
		require.NoError(t, os.Chmod(dir, 0o777))
		_, err := folder.Reserve("key")
		require.ErrorContains(t, err, "chmod 700")
		requireEmpty(t, dir)
	})
	t.Run("at the end of a link", func(t *testing.T) {
		dir := private(t)
		link := filepath.Join(filepath.Dir(dir), "link")
		relink(t, dir, link)
		file := reserve(t, open(t, link), "key")
		require.Equal(t, link, filepath.Dir(file.Path()))
		require.NoError(t, os.Chmod(dir, 0o777))
		_, err := secret.OpenSink(link)
		require.ErrorContains(t, err, "chmod 700")
	})
}

func TestPermissions(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root has every permission")
	}
	t.Run("a folder that is read-only", func(t *testing.T) {
		dir := private(t)
		folder := open(t, dir)
		require.NoError(t, os.Chmod(dir, 0o500))
		_, err := secret.OpenSink(dir)
		want := fmt.Sprintf("cannot create a file in the folder %q: permission denied", dir)
		require.EqualError(t, err, want)
		_, err = folder.Reserve("key")
		require.EqualError(t, err, want)
	})
	folder := plant(t, map[string]string{"dir/closed": canary, "dir/shut/x": canary}, nil)
	r, err := secret.NewReferences(nil, []string{filepath.Join(folder, "dir") + separator})
	require.NoError(t, err)
	closed, shut := filepath.Join(folder, "dir", "closed"), filepath.Join(folder, "dir", "shut")
	require.NoError(t, os.Chmod(closed, 0))
	require.NoError(t, os.Chmod(shut, 0))
	t.Cleanup(func() { _ = os.Chmod(shut, 0o700) })
	reads(t, r, closed, "!this program has no permission to read the file")
	reads(t, r, filepath.Join(shut, "x"), "!"+unreachable)
}

// Opening a pipe waits for somebody to write, and a call must not.
func TestOnlyRegularFilesAreRead(t *testing.T) {
	dir, err := os.MkdirTemp("", "s") // a socket's path has to be short
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	require.NoError(t, syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600))
	socket, err := net.Listen("unix", filepath.Join(dir, "socket"))
	require.NoError(t, err)
	defer socket.Close()
	r, err := secret.NewReferences(nil, []string{dir + "/"})
	require.NoError(t, err)
	for _, name := range []string{"pipe", "socket"} {
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _, err := r.Expand("${file:" + filepath.Join(dir, name) + "}")
			if err == nil || err.Error() != "`${file:"+filepath.Join(dir, name)+"}`: this is not a regular file" {
				t.Error(err)
			}
		}()
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			t.Fatal("it waits for", name)
		}
		_, err := secret.NewReferences(nil, []string{filepath.Join(dir, name)})
		require.ErrorContains(t, err, "is not a regular file")
	}
	_, err = secret.NewReferences(nil, []string{os.DevNull})
	require.ErrorContains(t, err, "is not a regular file")
}

// A limit on the size of files stands in for a disk that is full.
// It has a process of its own: the limit would also stop the log that go test
// keeps of opened files.
func TestNoRoom(t *testing.T) {
	const child = "RETOOL_MCP_TEST_NO_ROOM"
	if os.Getenv(child) == "" {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestNoRoom$")
		cmd.Env = append(os.Environ(), child+"=1")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		require.Contains(t, string(out), "PASS")
		return
	}
	dir := private(t)
	folder := open(t, dir)
	reserved := reserve(t, folder, "key")

	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit))
	tight := limit
	tight.Cur = 1 << 10
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &tight))
	_, refused := folder.Reserve("key")
	_, unopened := secret.OpenSink(dir)
	lost := reserved.Save(strings.Repeat(canary, 1<<10))
	again := reserved.Save(canary)
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit))

	want := fmt.Sprintf("cannot create a file in the folder %q: file too large", dir)
	require.EqualError(t, refused, want, "while nothing has happened yet")
	require.EqualError(t, unopened, want)
	require.EqualError(t, lost, fmt.Sprintf("the secret cannot be saved in %q: file too large", reserved.Path()))
	require.Error(t, again, "there is no second try")
	require.NotContains(t, again.Error(), canary)
	reserved.Discard()
	requireEmpty(t, dir)
}
