// Package doctor finds out why an instance of Retool cannot be worked with from
// this machine, or that it can: address, name, connection, certificate, health,
// token, scopes, document, and files that hold settings.
//
// A check is data: what was found and, where that is bad, what to do about it.
// Checks read and never write: not a request but GET and HEAD leaves, and no
// file stays behind. No check says anything that is secret.
//
// It knows HTTP, DNS, TLS and files. It must not know MCP, nor how settings are
// read or results printed.
package doctor
