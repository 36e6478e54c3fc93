// Package api is what the operations of the emulated API are made from: the call
// and the answer, failures in the API's words, paging, and JSON Patch.
package api
