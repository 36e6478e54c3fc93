// Package org is what each operation of the Retool API does to the emulated
// organization. The operations are in packages by subject, the data is in model,
// and what the operations share is in api. Answers have the API's own shape.
//
// It knows nothing of HTTP, tokens or faults, which belong to the sandbox. A call
// arrives checked against our description of the API. The same calls on the same
// organization lead to the same bytes.
package org
