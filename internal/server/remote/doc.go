// Package remote serves MCP over HTTP: listeners, routes, TLS, health, readiness,
// and graceful shutdown. It combines the guard, authentication and the transports,
// and knows nothing of MCP or Retool.
package remote
