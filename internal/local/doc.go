// Package local is what the tools share that the program answers itself, without
// being an operation of the API: their place in a catalog, the tools that the caller
// of a call may use, and the way from a name to what answers.
//
// It must not know what any of them does, nor MCP.
package local
