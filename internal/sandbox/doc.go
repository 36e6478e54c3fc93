// Package sandbox serves an emulated Retool organization over HTTP, on a real
// connection or within the process: addresses, tokens and scopes, checks,
// faults on demand, and the state file.
//
// What an organization is and what operations do to it is org's; it must not
// know of tools or of MCP, so that any client of the API can use it.
package sandbox
