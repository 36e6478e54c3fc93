// Package server serves a catalog over MCP. It alone knows the MCP library:
// it registers the tools, runs the transports, and turns results into MCP's.
//
// It must not know documents, schemas or HTTP to Retool: a tool is data, and
// a call is something it passes on.
package server
