//go:build unix

package docsource_test

import (
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/docsource"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Whatever a document or a reference is, a start does not wait for it: a pipe
// without a writer, or one that is never closed, has no end.
func TestOnlyRegularFilesAreRead(t *testing.T) {
	dir, err := os.MkdirTemp("", "spec") // the address of a socket is short
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, name := range []string{"pipe", "sub/pipe", "open"} {
		require.NoError(t, os.MkdirAll(filepath.Dir(at(name)), 0o700))
		require.NoError(t, syscall.Mkfifo(at(name), 0o600))
	}
	writer, err := os.OpenFile(at("open"), os.O_RDWR, 0)
	require.NoError(t, err)
	t.Cleanup(func() { writer.Close() })
	socket, err := net.Listen("unix", at("socket"))
	require.NoError(t, err)
	t.Cleanup(func() { socket.Close() })
	require.NoError(t, os.Symlink("pipe", at("link")))
	require.NoError(t, os.Symlink("regular", at("good")))
	require.NoError(t, os.Symlink("/dev/zero", at("zero")))
	require.NoError(t, os.WriteFile(at("regular"), []byte(`{"name":"q","in":"query","schema":{"type":"string"}}`), 0o600))

	document := `{"openapi":"3.0.0","info":{"title":"T","version":"1"},"paths":{"/things":{"get":{"parameters":[{"$ref":"REF"}]},"post":{}}}}`
	read := func(location string) (*tools.Catalog, error) {
		type outcome struct {
			c   *tools.Catalog
			err error
		}
		done := make(chan outcome, 1)
		go func() {
			c, err := docsource.Load(t.Context(), docsource.Options{Location: location, Logger: slog.New(slog.DiscardHandler)})
			done <- outcome{c, err}
		}()
		select {
		case o := <-done:
			return o.c, o.err
		case <-time.After(30 * time.Second):
			require.Fail(t, "the start hangs", location)
			return nil, nil
		}
	}
	for _, name := range []string{"pipe", "sub/pipe", "open", "link", "sub"} {
		_, err := read(at(name))
		require.ErrorContains(t, err, "not a regular file", name)
		require.NoError(t, os.WriteFile(at("spec.json"), []byte(strings.Replace(document, "REF", name, 1)), 0o600))
		c, err := read(at("spec.json"))
		require.NoError(t, err, "the other operation remains")
		require.Len(t, c.Problems, 1, name)
		require.Contains(t, c.Problems[0].Reason, "not a regular file", name)
	}
	for _, name := range []string{"zero", "socket", "/dev/tty", "/dev/null"} {
		location := name
		if !filepath.IsAbs(name) {
			location = at(name)
		}
		_, err := read(location)
		require.Error(t, err, name)
	}
	for name, says := range map[string]string{"zero": "", "socket": "", "good": "-"} {
		require.NoError(t, os.WriteFile(at("spec.json"), []byte(strings.Replace(document, "REF", name, 1)), 0o600))
		c, err := read(at("spec.json"))
		require.NoError(t, err)
		require.Equal(t, says == "-", len(c.Problems) == 0, "%s: %v", name, c.Problems)
	}
	c, err := read(at("good"))
	require.ErrorContains(t, err, "not an OpenAPI document", "a link to a regular file is read")
	require.Nil(t, c)
}
