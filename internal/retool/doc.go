// Package retool sends requests to the API of a Retool instance.
//
//	address, err := retool.ParseAddress("https://example.retool.com", "")
//	…
//	client := retool.New(retool.Options{Address: address, Token: token, Retries: 3})
//	response, err := client.Do(ctx, tools.Request{Method: "GET", Path: "/users"})
//
// It knows where the API is, how calls are authenticated and what can go wrong:
// a wrong address, a login page, a lost connection, an endless response. Each
// failure is a [*StatusError] or a [*TransportError] that says in one line what
// happened. The access token is sent to the configured host only, and is
// redacted wherever a response repeats it.
//
// Options limit what a Client sends, in this order:
//
//   - A [CircuitBreaker] refuses requests to an instance that is failing.
//   - PerMinute and MaxConcurrent make requests wait for their turn, first come
//     first served, and refuse at once those without a turn in time.
//   - Allow decides on every request that is sent.
//   - Retries repeats transient failures where the [RetrySemantics] of the
//     request allow it. Each retry passes all of the above again.
//
// Below that, net/http sends a read once more by itself if a connection that it
// kept open turns out to be closed; that is not counted.
//
// Everything ends at the deadline of the call, and its result or error says what
// was waited for and retried. Nothing runs between calls: there is no goroutine
// to stop.
//
// The package must not know MCP, JSON Schema or OpenAPI, nor what an operation
// means: a request is data in a [tools.Request], with its [RetrySemantics]. It
// does not log; its callers do. Names of settings in messages come from
// [SettingNames].
package retool
