package mcpfix

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/mark3labs/mcp-go/mcp"
)

// mcp-go decodes a user's answer with names in any case, and the last of several
// counts: {"action":"decline","Action":"accept"} is a yes.
//
// So answers are read here, by their exact names, and mcp-go gets what was read.

// unreadable is the action of an answer that cannot be read: nobody agreed.
const unreadable = "unreadable"

// Elicited reads an answer. One that is malformed, or says anything twice, is not a
// yes.
func Elicited(answer []byte) *mcp.ElicitationResult {
	var said struct {
		Action  mcp.ElicitationResponseAction `json:"action"`
		Content any                           `json:"content"`
	}
	r := &mcp.ElicitationResult{}
	if r.Action = unreadable; json.Unmarshal(answer, &said) == nil {
		r.Action, r.Content = said.Action, said.Content
	}
	return r
}

// exactAnswer is an answer to a question as mcp-go gets it. An empty one answers a
// ping.
func exactAnswer(result jsontext.Value) jsontext.Value {
	var members map[string]jsontext.Value
	if json.Unmarshal(result, &members) == nil && members != nil && len(members) == 0 {
		return result
	}
	exact, _ := json.Marshal(Elicited(result).ElicitationResponse) // it was decoded from JSON
	return exact
}
