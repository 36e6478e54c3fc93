// Package retool sends requests to the API of a Retool instance and hands back
// its answers.
//
// It knows where the API is, how a call is authenticated and what can go wrong
// on the way: a wrong address, a login page, a lost connection, an answer
// without end. Each failure is a [*StatusError] or a [*TransportError] that
// says in one line what happened. The access token leaves the process only
// toward the configured host and is replaced wherever an answer repeats it.
//
// Options may hold a Client back. In this order:
//
//   - A [CircuitBreaker] refuses what goes to an instance that is down.
//   - PerMinute and MaxConcurrent make requests wait for their turn, first come
//     first served, and refuse at once what could not have one in time.
//   - Allow has the last word on every request that goes out.
//   - Retries repeats what failed in passing, where the [RetrySemantics] of the request
//     shows that no harm can come of it. Each repeat passes all the above anew.
//
// Beneath all this, net/http sends a read once more by itself if a connection
// that it kept open turns out to be closed; that is not counted.
//
// All of it ends at the deadline of the call, and says in its result or its
// error what was waited for and repeated. Nothing runs between the calls: there
// is no goroutine to stop.
//
// The package must not know MCP, JSON Schema or OpenAPI, nor what an operation
// means: a request arrives as data in a [tools.Request], and what may be done
// with it as a [RetrySemantics]. It does not log; that is a decision of its callers.
package retool
