// Package tools describes the operations of the Retool API as tools for agents
// and turns a call of a tool into an HTTP request.
//
// A [Catalog] holds the tools of an OpenAPI document; package tools/embedded has
// the one of Retool's API. Find a [Tool], make a [Binder], and bind arguments:
//
//	tool := embedded.Catalog().Find("list_users")
//	binder, err := tools.NewBinder(tool)
//	...
//	call, err := binder.Bind([]byte(`{"email": "ada@example.com"}`))
//	...
//	fmt.Println(call.Request.Method, call.Request.Path, call.Request.Query)
//
// Bind validates the arguments and converts those whose meaning is clear, "5" to
// 5. If they do not fit, it returns an [ArgumentError], which tells an agent
// everything that is wrong. The [Request] of a [Call] is data without an address
// and a token: the sender adds both.
//
// An agent needs a tool's Name, Description and Schema, a client program also
// its Hints. [Catalog.Select] returns a catalog with fewer tools: by toolset, by
// name, by the scopes of a token, or only those that read.
//
// Some arguments are not Retool's but control the result: fields, max_items,
// dry_run and others. Bind takes them out of the request and returns them as
// Call.Controls; what they mean is up to the sender.
//
// A catalog is plain data. encoding/json writes it and reads it back.
//
// The package is pure: no network, no files, no clock, no MCP. The catalog of
// another document comes from internal/toolgen.
package tools
