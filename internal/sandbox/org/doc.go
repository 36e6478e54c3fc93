// Package org is the emulated organization: what is in it, and what each
// operation of the Retool API does to it. Answers have the API's own shape.
//
// It knows nothing of HTTP, tokens or faults, which are the sandbox's; a call
// reaches it checked against our description of the API. It is not safe for
// concurrent use: the sandbox holds the lock.
//
// Everything is deterministic. Ids come from the seed and a counter, time from
// a clock that moves on a second with every change; the same calls on the same
// organization lead to the same bytes.
package org
