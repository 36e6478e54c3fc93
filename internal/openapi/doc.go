// Package openapi reads an OpenAPI 3.0 or 3.1 document, JSON or YAML, into
// operations whose schemas are plain JSON Schema 2020-12.
//
// It resolves only what an operation needs: a broken example, an unused
// component or a reference in an error answer is never looked at, so it cannot
// stop a document from working. What is broken inside one operation leaves
// that operation out and is reported in Document.Problems.
//
// The package alone knows the parsers and the OpenAPI dialect. It must not
// know tools, MCP or HTTP: bytes come in through Source, and nothing is ever
// fetched over a network.
package openapi
