// Package auth authenticates the callers of the HTTP server: it turns the bearer
// token of a request into a caller, or into a refusal that clients understand, and
// lets a request restrict what its caller may do.
//
// There are four modes: none, one shared secret, the caller's own Retool token, and
// the JWTs of an OAuth issuer. In every mode Middleware removes the Authorization
// header.
//
// It must not know MCP beyond the form of an error, nor tools, nor Retool: a
// toolset is a name, and a Retool token is text that is passed on.
package auth
