// Package tools is the catalog: it turns operations into tools, and a tool's
// arguments into a request.
//
// A tool is data. Its name, toolset, hints, schema and the wiring of its
// arguments are worked out once, by rules that stand here and nowhere else;
// command line, server, documents and tests read them from the Catalog.
//
// The package is pure: no HTTP, no files, no clock, no MCP SDK. It knows the
// operations of internal/openapi, JSON Schema, and nothing after the Request.
package tools
