// Package e2e holds the end-to-end tests: the built program, a real MCP client,
// a real HTTP upstream.
//
// What a test expects it works out by itself, from the text of the document or
// of a recording. None of the program's own packages is asked.
package e2e
