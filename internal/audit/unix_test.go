//go:build linux || darwin

package audit_test

import (
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/audit"
	"github.com/retool-mcp/retool-mcp/internal/testprocess"
)

// With every umask, only the owner can read the files.
func TestModes(t *testing.T) {
	for _, mask := range []int{0, 0o022, 0o077, 0o777} {
		t.Run(fmt.Sprintf("umask %03o", mask), func(t *testing.T) {
			file := logPath(t)
			defer syscall.Umask(syscall.Umask(mask))
			log := open(t, file, audit.Options{MaxBytes: 1})
			add(t, log, read("r1"), read("r2"))
			found, err := os.ReadDir(filepath.Dir(file))
			require.NoError(t, err)
			require.Len(t, found, 4)
			for _, f := range found {
				info, err := f.Info()
				require.NoError(t, err)
				require.Equal(t, os.FileMode(0o600), info.Mode(), f.Name())
			}
		})
	}
}

func TestFileMustBePrivate(t *testing.T) {
	file := logPath(t)
	require.NoError(t, open(t, file, audit.Options{}).Close())
	for _, mode := range []os.FileMode{0o644, 0o640, 0o660, 0o604, 0o606, 0o700, 0o400} {
		require.NoError(t, os.Chmod(file, mode))
		_, err := audit.Open(file, audit.Options{})
		if mode == 0o400 && os.Geteuid() != 0 {
			require.ErrorContains(t, err, "permission denied")
			continue
		}
		require.EqualError(t, err, fmt.Sprintf("open audit log %q: %q must be readable by its owner only, but its mode is %#o: run chmod 600 %s", file, file, mode, file))
	}
	require.NoError(t, os.Chmod(file, 0o600))
	require.NoError(t, open(t, file, audit.Options{}).Close())
	verified(t, file)
}

// Somebody else may have made a link, and it may lead anywhere.
func TestOnlyRegularFiles(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	require.NoError(t, open(t, at("real"), audit.Options{}).Close())
	require.NoError(t, os.Symlink("real", at("link")))
	require.NoError(t, os.Symlink("nowhere", at("dangling")))
	require.NoError(t, os.Symlink("/etc/passwd", at("away")))
	require.NoError(t, os.Symlink("real", at("x.lock")))
	require.NoError(t, syscall.Mkfifo(at("pipe"), 0o600))
	before, err := os.ReadFile(at("real"))
	require.NoError(t, err)
	for name, want := range map[string]string{
		"link":     "symbolic link: name the file itself",
		"dangling": "symbolic link: name the file itself",
		"away":     "symbolic link: name the file itself",
		"pipe":     "not a regular file",
		"x":        fmt.Sprintf("its lock file cannot be created: %q: symbolic link: name the file itself", at("x.lock")),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := audit.Open(at(name), audit.Options{})
			require.EqualError(t, err, fmt.Sprintf("open audit log %q: %s", at(name), want))
			_, err = audit.Verify(at(name))
			require.Error(t, err)
		})
	}
	require.NoFileExists(t, at("nowhere"))
	after, err := os.ReadFile(at("real"))
	require.NoError(t, err)
	require.Equal(t, before, after)
	_, err = audit.Open(os.DevNull, audit.Options{})
	require.Error(t, err)

	require.NoError(t, os.Symlink(dir, at("folder")))
	file := filepath.Join(at("folder"), "new")
	require.NoError(t, open(t, file, audit.Options{}).Close())
	verified(t, file)
}

// A limit on the size of files simulates a full disk: part of a line still fits. It
// applies to a whole process, so the test needs its own.
func TestDiskFull(t *testing.T) {
	const limits = "AUDIT_TEST_LIMITS"
	if os.Getenv(limits) == "" {
		cmd := testprocess.Command(t, append(os.Environ(), limits+"=1"), "-test.run=^TestDiskFull$")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		return
	}
	file := logPath(t)
	log := open(t, file, audit.Options{})
	add(t, log, read("r1"))
	before := text(t, file)
	other, third := logPath(t), logPath(t)
	full := open(t, third, audit.Options{MaxBytes: 1})
	require.NoError(t, os.WriteFile(other, []byte(before[:len(before)-10]), 0o600))

	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit))
	limited := func(bytes int, do func()) {
		tight := limit
		tight.Cur = uint64(bytes)
		require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &tight))
		defer func() { require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit)) }()
		do()
	}
	large := write(audit.Begin, "large")
	large.Error, large.Caller = "", strings.Repeat("x", 10000)
	var errs []error
	for more := range 300 {
		limited(len(before)+more, func() {
			errs = append(errs, log.Append(large))
			if more < 100 {
				errs = append(errs, log.Append(read("r2")))
			}
		})
		require.Equal(t, before, text(t, file), "the part that fitted was removed")
	}
	for _, err := range errs {
		require.EqualError(t, err, fmt.Sprintf("write audit log %q: file too large", file))
	}
	add(t, log, read("r3"), write(audit.Begin, "w"))
	verified(t, file)

	// Nor does a closed line fit, nor an opened one.
	limited(len(text(t, file))+20, func() { errs = []error{log.Close()} })
	require.EqualError(t, errs[0], fmt.Sprintf("close audit log %q: file too large", file))
	verified(t, file)
	for more := range 300 {
		limited(len(before)-10+more, func() { _, errs[0] = audit.Open(other, audit.Options{}) })
		require.EqualError(t, errs[0], fmt.Sprintf("open audit log %q: file too large", other), more)
		require.True(t, strings.HasPrefix(text(t, other), before[:len(before)-10]))
	}
	require.NoError(t, open(t, other, audit.Options{}).Close())
	verified(t, other)

	// Nor does a new file fit.
	for more := range 200 {
		limited(more, func() { errs[0] = full.Append(read("r")) })
		require.EqualError(t, errs[0], fmt.Sprintf("write audit log %q: file too large", third), more)
	}
	require.Len(t, readFiles(t, filepath.Dir(third)), 1)
	add(t, full, read("r"))
	require.NoError(t, full.Close())
	verified(t, third)
}
