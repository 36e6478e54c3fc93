// Package routes knows which request is which operation of our description of
// the API, and whether it is well formed: parameters and bodies are checked
// against the description's schemas.
//
// It knows nothing of what operations do.
package routes
