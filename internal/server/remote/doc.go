// Package remote serves MCP to many callers over HTTP: routes, TLS, health,
// readiness, and an orderly end. It puts together what others do, the guard, who
// may call, and the transports, and knows nothing of MCP or of Retool.
package remote
