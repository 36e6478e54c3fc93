// Package auth says who may call the HTTP server: it turns the bearer token of a
// request into a caller, or into a refusal that clients understand, and lets a
// request narrow what its caller may do.
//
// There are four ways: none, one shared secret, the caller's own Retool token, and
// the JWTs of an OAuth issuer. Whatever the way, the Authorization header goes no
// further than Middleware.
//
// It must not know MCP beyond the form of an error, nor tools, nor Retool: a
// toolset is a name, and a Retool token is text that is passed on.
package auth
