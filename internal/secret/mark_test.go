package secret_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/secret"
)

// A byte order mark is no part of a secret, in whichever form Windows writes it.
func TestSecretFilesMayHaveByteOrderMarks(t *testing.T) {
	limit := strings.Repeat("x", 64<<10)
	folder := plant(t, map[string]string{
		"plain": "hunter2\n", "utf8": "\ufeffhunter2\r\n", "little": "\xff\xfeh\x00i\x00\r\x00\n\x00", "big": "\xfe\xff\x00h\x00i",
		"largest": "\ufeff" + limit[3:] + "\r\n", "too-large": limit + "xx", "odd": "\xff\xfeh",
	}, nil)
	r, err := secret.NewReferences(nil, []string{folder + separator})
	require.NoError(t, err)
	for name, want := range map[string]string{"plain": "hunter2", "utf8": "hunter2", "little": "hi", "big": "hi", "largest": limit[3:]} {
		got, _, err := r.Expand("${file:" + filepath.Join(folder, name) + "}")
		require.NoError(t, err, name)
		require.Equal(t, want, got, name)
	}
	for name, says := range map[string]string{"too-large": "larger than 64 KiB", "odd": "odd number of bytes"} {
		_, _, err := r.Expand("${file:" + filepath.Join(folder, name) + "}")
		require.ErrorContains(t, err, says)
	}
}
