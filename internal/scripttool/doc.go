// Package scripttool is the tools query_script and run_script: their definitions, the
// calls that scripts make on behalf of a caller, the question about a plan, and the
// texts of results.
//
// It must not know MCP or HTTP, nor how a script runs.
package scripttool
