// Package result turns the response to a call into the text that an agent reads:
// without secrets and invisible characters, with the fields that were asked for,
// as a table or JSON, as much as fits, and with the way to the rest; or what went
// wrong and what to do about it.
//
// It knows tools, and the responses and errors of internal/retool. It must not
// know MCP, nor send anything.
package result
