// Package result turns what a call brought back into the text that an agent
// reads: the answer without its envelope, the way to the next page, or what
// went wrong and what to do about it.
//
// It knows tools and the answers and errors of internal/retool. It must not
// know MCP, nor send anything.
package result
