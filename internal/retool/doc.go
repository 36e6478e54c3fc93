// Package retool sends requests to the API of a Retool instance and hands back
// its answers.
//
// It knows where the API is, how a call is authenticated and what can go wrong
// on the way: a wrong address, a login page, a lost connection, an answer
// without end. Each failure is a [*StatusError] or a [*TransportError] that
// says in one line what happened. The access token leaves the process only
// towards the configured host and is replaced wherever an answer repeats it.
//
// The package must not know MCP, JSON Schema or OpenAPI, nor what an operation
// means: a request arrives as data in a [tools.Request]. It neither retries,
// limits rates nor logs; those are decisions of its callers.
package retool
