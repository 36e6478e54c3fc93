// Package guard is the surface of the HTTP server: it keeps out requests that
// come to a wrong name or from a foreign web page, and holds every client to
// limits of size, time and number, so that none of them can take the server
// away from the others.
//
// Surface goes around everything and Calls around the transports, with
// authentication between the two:
//
//	Surface → authentication → Calls → transport
//
// It must not know MCP, nor who may call: a caller is an id in a context.
package guard
