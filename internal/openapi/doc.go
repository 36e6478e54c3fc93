// Package openapi reads an OpenAPI 3.0 or 3.1 document, JSON or YAML, into
// operations whose schemas are plain JSON Schema 2020-12.
//
// It resolves only what an operation needs, so a broken example, an unused
// component or a reference in an error answer does not affect a document. An
// operation with an error is left out and reported in Document.Problems.
//
// Only this package knows the parsers and the OpenAPI dialect. It must not know
// tools, MCP or HTTP: text comes from Source, and nothing is fetched.
package openapi
