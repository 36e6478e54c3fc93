// Package guard protects the HTTP server: it refuses requests that come to an
// unknown host or from a foreign web page, and limits the size, time and number
// of what each client sends, so that no client takes the server from the others.
//
// Surface goes around everything and Limits around the transports, with
// authentication in between:
//
//	Surface → authentication → Limits → transport
//
// It must not know MCP, nor how callers authenticate: a caller is an id in a
// context.
package guard
