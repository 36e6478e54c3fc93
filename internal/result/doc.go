// Package result turns what a call brought back into the text that an agent
// reads: without secrets and what cannot be seen, with the fields that were asked
// for, as a table or as JSON, as much as fits, and with the way to the rest; or
// what went wrong and what to do about it.
//
// It knows tools and the answers and errors of internal/retool. It must not
// know MCP, nor send anything.
package result
