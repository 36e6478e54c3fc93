package wire_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/script/wire"
)

func TestFramesComeBack(t *testing.T) {
	var stream bytes.Buffer
	sent := []wire.Message{
		{Kind: wire.Call, ID: 1, Name: "get_user", Args: json.RawMessage(`{"user_id":"ü \u0000"}`), Line: 3},
		{Kind: wire.Done, Form: wire.Nothing},
	}
	for _, m := range sent {
		require.NoError(t, wire.Write(&stream, m))
	}
	r := bufio.NewReader(&stream)
	for _, want := range sent {
		var got wire.Message
		require.NoError(t, wire.Read(r, &got))
		require.Equal(t, want, got)
	}
	require.ErrorIs(t, wire.Read(r, &wire.Message{}), io.EOF)
}

func TestBadFramesAreRefused(t *testing.T) {
	for name, stream := range map[string]string{
		"too large":     "\x7f\xff\xff\xff{}",
		"cut length":    "\x00\x00",
		"cut body":      "\x00\x00\x00\x05{}",
		"not JSON":      "\x00\x00\x00\x02{]",
		"another shape": "\x00\x00\x00\x02[]",
	} {
		t.Run(name, func(t *testing.T) {
			err := wire.Read(bufio.NewReader(strings.NewReader(stream)), &wire.Message{})
			require.Error(t, err)
			require.NotErrorIs(t, err, io.EOF)
		})
	}
	require.ErrorIs(t, wire.Write(io.Discard, wire.Message{Text: strings.Repeat("a", wire.MaxFrame)}), wire.ErrTooLarge)
}
