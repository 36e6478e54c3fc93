package server_test

import (
	"encoding/json"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"
)

// A client that shows no forms cannot ask: it gets no question, and nothing is sent.
func TestOnlyClientsWithFormsAreAsked(t *testing.T) {
	capabilities := map[string]bool{ // whether it is asked
		`{}`:                     true, // by the protocol as forms
		`{"form":{}}`:            true,
		`{"form":{},"url":{}}`:   true,
		`{"url":null}`:           true,
		`{"voice":{}}`:           true, // not known here, and names neither
		`{"form":{"url":{}}}`:    true,
		`{"url":{}}`:             false,
		`{"url":{"form":{}}}`:    false,
		`{"form":null,"url":{}}`: false,
		`{"url":{},"voice":{}}`:  false,
	}
	for name, w := range confirmWays {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for declared, isAsked := range capabilities {
				var can *mcp.ElicitationCapability
				require.NoError(t, json.Unmarshal([]byte(declared), &can))
				d := newDestructive(t, nil)
				u := &askedUser{answer: mcp.ElicitationResponse{Action: "decline"}}
				conn := introduceWith(t, w.dial(t, d, "ada"), w.version, u, can)
				result, err := callTool(t.Context(), conn, "delete_group", json.RawMessage(deleteGroup9))
				require.NoError(t, err)
				require.True(t, result.IsError)
				require.Zero(t, d.sent.Load(), declared)
				if isAsked {
					require.Equal(t, 1, u.times(), declared)
					require.Contains(t, textOf(t, result), "the user declined", declared)
					continue
				}
				require.Zero(t, u.times(), declared)
				require.Contains(t, textOf(t, result), "this client cannot ask for it", declared)
				if mcp.IsModernProtocol(w.version) { // an answer that nobody asked for changes nothing
					r := round{tool: "delete_group", arguments: deleteGroup9, answer: yes, state: "yes", can: json.RawMessage(declared)}
					result, err = r.send(t.Context(), conn)
					require.NoError(t, err)
					require.Contains(t, textOf(t, result), "this client cannot ask for it", declared)
					require.Zero(t, d.sent.Load(), declared)
				}
			}
		})
	}
}
