// Package org is what each operation of the Retool API does to the emulated
// organization. The operations are in packages by subject, the data is in model,
// and what the operations share is in api. Answers have the API's own shape.
//
// It knows nothing of HTTP, tokens or faults, which belong to the sandbox. A call
// was checked against the embedded document. The same calls on the same organization
// give the same bytes.
package org

import (
	"maps"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/access"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/objects"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/people"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/resources"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/settings"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/sourcecontrol"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/usage"
)

// Operations returns all operations by operationId.
func Operations() map[string]api.Func {
	all := map[string]api.Func{}
	for _, domain := range []map[string]api.Func{
		people.Operations(),
		objects.Operations(),
		resources.Operations(),
		access.Operations(),
		sourcecontrol.Operations(),
		settings.Operations(),
		usage.Operations(),
	} {
		maps.Copy(all, domain)
	}
	return all
}
