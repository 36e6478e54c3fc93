// Package sandbox serves an emulated Retool organization over HTTP, on a real
// connection or within the process: addresses, tokens and scopes, checks,
// faults on demand, and the state file.
//
// The organization and its operations are in package org. The sandbox knows
// nothing of tools or MCP, so that any client of the API can use it.
package sandbox
